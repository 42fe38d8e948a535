"""Whether our own page sent a request. Browsers say so, and other pages cannot make them lie."""

from __future__ import annotations

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
