"""Calls to Telegram over real HTTP: which trouble is which failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from telegram.error import NetworkError

from bot.channels.http import ConnectionLost, HttpClient, NoAnswer, NotSent, Unreadable
from bot.channels.telegram.api import Api
from bot.channels.telegram.failures import Refused
from tests.fakes.telegram_api import FakeTelegram


def impatient(token: str, url: str) -> Api:
    """And with a single connection."""
    api = Api(token, url)
    api._http = HttpClient(url, connections=1, answer_within=0.05)
    api.open()
    return api


@pytest_asyncio.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Api]:
    api = impatient(fake.token, fake.url)
    yield api
    await api.close()


async def test_no_answer(fake: FakeTelegram, bot: Api) -> None:
    fake.fail_next("getMe", how="hang")
    with pytest.raises(NoAnswer):
        await bot.call("getMe", {})


async def test_longer_patience_for_one_call(fake: FakeTelegram, bot: Api) -> None:
    fake.fail_next("getMe", how="slow", seconds=0.06)
    assert (await bot.call("getMe", {}, answer_within=3))["is_bot"]


async def test_nobody_listens(fake: FakeTelegram, bot: Api) -> None:
    await fake.stop()
    with pytest.raises(NotSent):
        await bot.call("getMe", {})


async def test_no_free_connection_means_not_sent(fake: FakeTelegram, bot: Api) -> None:
    fake.fail_next("getMe", how="hang")
    hanging = asyncio.ensure_future(bot.call("getMe", {}, answer_within=3))
    await fake.waits_for(lambda fake: len(fake.calls) == 1)
    bot._http._connect_within = 0.02
    with pytest.raises(NotSent):
        await bot.call("getMe", {})
    assert len(fake.calls) == 1
    hanging.cancel()


async def test_connection_breaks(fake: FakeTelegram, bot: Api) -> None:
    fake.fail_next("getMe", how="drop")
    with pytest.raises(ConnectionLost):
        await bot.call("getMe", {})


async def test_not_a_call_more_after_the_end(bot: Api) -> None:
    await bot.close()
    with pytest.raises(NotSent):
        await bot.call("getMe", {})
    bot.open()
    assert await bot.call("getMe", {})


# Servers that are not Telegram


async def _odd(handler: web.BaseRequest | object) -> object:
    server = web.Server(handler)
    runner = web.ServerRunner(server, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    api = impatient("1:x", f"http://{host}:{port}")
    try:
        return await api.call("getMe", {})
    finally:
        await api.close()
        await runner.cleanup()


@pytest.mark.parametrize("body", ["<html>", "[]", "", '{"ok": false}'])
async def test_unreadable_answer(body: str) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(text=body)

    with pytest.raises(Unreadable, match="Invalid server response"):
        await _odd(handler)


async def test_redirects_are_not_followed() -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:9/")

    with pytest.raises(Refused, match="302") as raised:
        await _odd(handler)
    assert type(raised.value.error) is NetworkError


async def test_answer_that_drips_for_ever() -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    with pytest.raises(NoAnswer):
        await _odd(handler)
