"""Calls to one origin. Kept short because every message passes here: the decision is in docs/decisions/0008."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from socket import SOCK_STREAM
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.channels.http.connection import MOST_BYTES, Connection
from bot.channels.http.trouble import Forbidden, NotSent

KEPT_IDLE = 15.0
"""Seconds after which an unused connection is not trusted any more: on the way somebody may have forgotten it."""
EACH_ADDRESS = 1.5
"""Seconds for one address of the platform where it has several: of IPv6 and IPv4, one is often broken."""


@cache
def _trusted() -> ssl.SSLContext:
    """Reading all the authorities takes long: once is enough."""
    return ssl.create_default_context()


class HttpClient:
    """Posts to one origin and gets from it, over connections that are kept.

    Redirects are not followed, and what the environment says of proxies is not looked at."""

    def __init__(
        self, origin: str, *, connections: int = 100, answer_within: float = 20.0, connect_within: float = 5.0,
        headers: Mapping[str, str] = MappingProxyType({}), may_reach: Callable[[str], bool] | None = None,
    ) -> None:
        """`origin`: such as https://api.example.org. All times in seconds. `headers` go with each call. `may_reach` is
        asked of each address that the name stands for, and we go to none but those."""
        parts = urlsplit(origin)
        self._host, self._port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self._ssl = _trusted() if parts.scheme == "https" else None
        self._answer_within, self._connect_within = answer_within, connect_within
        self._common = f"Host: {parts.netloc.rpartition('@')[2]}\r\nUser-Agent: returnee-bot\r\nAccept: */*\r\n"
        self._common += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._may_reach = may_reach
        self._room = asyncio.Semaphore(connections)
        self._connections: set[Connection] = set()
        self._idle: list[Connection] = []
        self._answered_from = ""
        self._is_open = False
        self._alarm: asyncio.TimerHandle | None = None
        """One for all connections, at the time when the first answer may be late."""
        self._rings_at = math.inf

    def open(self) -> None:
        self._is_open = True

    async def close(self) -> None:
        """What is under way ends as lost."""
        self._is_open = False
        self._idle.clear()
        for one in self._connections:
            one.close()
        self._connections.clear()
        self._ring_at(math.inf)
        await asyncio.sleep(0)

    async def post(
        self, path: str, body: bytes, content_type: str = "application/json", within: float | None = None,
        most: int = MOST_BYTES,
    ) -> tuple[int, bytes]:
        """Status and body of the answer. `within`: seconds for this answer. Raises HttpTrouble."""
        head = (f"POST {path} HTTP/1.1\r\n{self._common}Content-Type: {content_type}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode("ascii")
        return await self._exchange(head + body, within, most)

    async def get(self, path: str, most: int, within: float | None = None) -> tuple[int, bytes]:
        """The same of a file: `path` is written for an address already. Raises TooMuch beyond so many bytes."""
        return await self._exchange(f"GET {path} HTTP/1.1\r\n{self._common}\r\n".encode("ascii"), within, most)

    async def _exchange(self, request: bytes, within: float | None, most: int) -> tuple[int, bytes]:
        if self._room.locked():
            await self._wait_for_room()
        else:
            await self._room.acquire()
        try:
            connection = self._kept() or await self._connected()
            due = asyncio.get_running_loop().time() + (self._answer_within if within is None else within)
            if due < self._rings_at:
                self._ring_at(due)
            try:
                return await connection.exchange(request, due, most)
            finally:
                self._keep(connection)
        finally:
            self._room.release()

    def _ring_at(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings_at = at
        self._alarm = asyncio.get_running_loop().call_at(at, self._ring) if at < math.inf else None

    def _ring(self) -> None:
        """Most calls have their answer long before this: so none of them sets a clock of its own."""
        now = asyncio.get_running_loop().time()
        for late in [one for one in self._connections if one.due <= now]:
            late.is_late()
        self._ring_at(min((one.due for one in self._connections if one.due > now), default=math.inf))

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(self._connect_within):
                await self._room.acquire()
        except TimeoutError:
            raise NotSent("no connection was free") from None

    def _kept(self) -> Connection | None:
        if not self._is_open:
            raise NotSent("the connection is closed")
        while self._idle:
            one = self._idle.pop()
            if one.is_open and asyncio.get_running_loop().time() - one.idle_since < KEPT_IDLE:
                return one
            self._forget(one)
        return None

    def _keep(self, connection: Connection) -> None:
        if connection.is_open and self._is_open:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        connection.close()
        self._connections.discard(connection)

    async def _connected(self) -> Connection:
        try:
            async with asyncio.timeout(self._connect_within):
                connection = await self._at_some_address()
        except OSError as error:  # a time-out is one, and so is a certificate that does not fit
            raise NotSent(f"no connection: {type(error).__name__}") from error
        self._connections.add(connection)
        if not self._is_open:
            self._forget(connection)
        return connection

    async def _at_some_address(self) -> Connection:
        """The address that answered last comes first; each but the last has only a while."""
        found = await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=SOCK_STREAM)
        addresses = sorted({str(one[4][0]): None for one in found}, key=lambda one: one != self._answered_from)
        if self._may_reach is not None:
            addresses = [one for one in addresses if self._may_reach(one)]
            if not addresses:
                raise Forbidden("no address that we may go to")
        for address in addresses[:-1]:
            with suppress(OSError):
                async with asyncio.timeout(EACH_ADDRESS):
                    return await self._at(address)
        return await self._at(addresses[-1])

    async def _at(self, address: str) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, address, self._port, ssl=self._ssl, server_hostname=self._host if self._ssl else None
        )
        self._answered_from = address
        return connection
