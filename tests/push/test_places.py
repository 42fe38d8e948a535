"""Where a push may go: an address that a stranger gives leads out of here, or nowhere."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

import pytest

from bot.push import PUBLIC, Places
from bot.push.post import Fate, post
from tests.fakes.push_service import push_service

NO_PLACES = [
    "", "http://push.example.org/a", "https://push.example.org:8443/a", "https://push.example.org:22/a",
    "https://127.0.0.1/a ", "https://user:word@push.example.org/a", "https://user@push.example.org/a",
    "https://[::1]/a", "https://localhost/a", "https://push.example.org", "https://push.example.org/a b",
    "https://push.example.org/a\r\nHost: elsewhere", "https://push.example.org\\@inside/a", "file:///etc/passwd",
    "https://push.example.org/" + "a" * 2000, "ftp://push.example.org/a", "https://push.example.org/\u00e4",
    "http://127.0.0.1:80/a",
]
INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
    "2001:db8::1", "", "nowhere",
]


@pytest.mark.parametrize("endpoint", NO_PLACES)
def test_what_no_browser_gives_is_not_taken(endpoint: str) -> None:
    assert not PUBLIC.takes(endpoint)


@pytest.mark.parametrize("endpoint", [
    "https://fcm.googleapis.com/fcm/send/abc:APA91b-_", "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
    "https://web.push.apple.com/QGuQyavXutnMH", "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%3d%3d",
])
def test_what_browsers_give_is_taken(endpoint: str) -> None:
    assert PUBLIC.takes(endpoint)


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_reached(address: str) -> None:
    assert not PUBLIC.may_reach(address)


def test_outside_is_reached() -> None:
    assert all(PUBLIC.may_reach(one) for one in ("142.250.1.95", "2a00:1450:4001:81c::200a", "64:ff9b::8efa:15f"))


async def test_a_name_that_stands_for_a_machine_inside_is_not_gone_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the name stood for when the browser gave it: what counts is where we would go now."""
    asked = []

    async def found(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        asked.append((host, port))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("127.0.0.1", "10.0.0.1")]

    async def connected(self: Any, *_: Any, **__: Any) -> None:
        raise AssertionError("we went there")

    loop = type(asyncio.get_running_loop())
    monkeypatch.setattr(loop, "getaddrinfo", found)
    monkeypatch.setattr(loop, "create_connection", connected)
    assert await post("https://push.example.org/a", {}, PUBLIC) is Fate.ENDED
    assert asked == [("push.example.org", 443)]


async def test_no_redirect_is_followed_and_no_long_answer_read() -> None:
    async with push_service() as service:
        service.answers.append(307)
        assert await post(service.endpoint("a"), {}, Places(this_machine=True)) is Fate.ENDED
        assert [one.path for one in service.got] == ["/push/a"]

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 201 Made\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 1_000_000)
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * 100_000)
                await writer.drain()

    server = await asyncio.start_server(endless, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await post(f"http://127.0.0.1:{port}/a", {}, Places(this_machine=True)) is Fate.LATER
