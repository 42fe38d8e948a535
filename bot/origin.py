"""Where a request comes from: from our own page? Browsers say so, and other pages cannot make them lie. From whom?"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.requests import Request


def from_this_site(request: Request) -> bool:
    """True for our own pages. A proxy must pass the Host header on."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    try:
        origin = urlsplit(request.headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc == request.headers.get("host")


def origin_of(address: str) -> str:
    """Scheme, host and port of an address; empty where it has none."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def own_origin(request: Request) -> str:
    """Our own, as the browser sees it. A proxy must pass the Host header on."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def network_of(request: Request) -> str:
    """Who counts as one sender: an IPv4 address; of IPv6 the 64 bits that one household is given."""
    address = request.client.host if request.client else ""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
