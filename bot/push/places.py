"""Where a push may go. A browser tells us the address, so whoever writes a browser does: it must lead out of here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

LONGEST = 2000
OUTSIDE = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:443)?/[!-~]*")
"""A name, the usual port, and nothing that could be taken for a second line or for a name and password."""
THIS_MACHINE = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/[!-~]*")
CARRIES_V4 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Gateways: behind the address is the one of the old kind that stands at its end (RFC 6052, RFC 8215)."""


@dataclass(frozen=True, slots=True)
class Places:
    this_machine: bool = False
    """Of tests: a push service on 127.0.0.1, without https."""

    def takes(self, endpoint: str) -> bool:
        """Whether a browser may give us this address at all."""
        if len(endpoint) > LONGEST:
            return False
        return bool(OUTSIDE.fullmatch(endpoint) or (self.this_machine and THIS_MACHINE.fullmatch(endpoint)))

    def may_reach(self, address: str) -> bool:
        """Whether we may go to what its name stands for: nothing within a house, a centre or a machine."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if self.this_machine and address == "127.0.0.1":
            return True
        return all(one.is_global and not one.is_multicast for one in (found, *_within(found)))


PUBLIC = Places()


def origin_of(endpoint: str) -> str:
    """The push service of an address."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}".removesuffix(":443")


def path_of(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The addresses of the old kind that one of the new kind leads to."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in one for one in CARRIES_V4):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in found if one is not None]
