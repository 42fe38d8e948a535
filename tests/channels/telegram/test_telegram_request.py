"""The HTTP under python-telegram-bot: which trouble becomes which of its errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from telegram import InputFile
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.channels.telegram.raw import RawBot
from bot.channels.telegram.request import AiohttpRequest, ConnectionLost, NotSent
from tests.fakes.telegram_api import FakeTelegram


@pytest_asyncio.fixture
async def request_class() -> AsyncIterator[AiohttpRequest]:
    """Impatient, and with a single connection."""
    request = AiohttpRequest(connections=1, read_timeout=0.05, connect_timeout=0.02, pool_timeout=0.02)
    await request.initialize()
    yield request
    await request.shutdown()


@pytest.fixture
def bot(fake: FakeTelegram, request_class: AiohttpRequest) -> RawBot:
    return RawBot(fake.token, fake.url, request_class)


async def test_no_answer(fake: FakeTelegram, bot: RawBot) -> None:
    fake.fail_next("getMe", how="hang")
    with pytest.raises(TimedOut):
        await bot.call("getMe", {})


async def test_longer_patience_for_one_call(fake: FakeTelegram, bot: RawBot) -> None:
    fake.fail_next("getMe", how="slow", seconds=0.06)
    assert (await bot.call("getMe", {}, read_timeout=3))["is_bot"]


async def test_nobody_listens(fake: FakeTelegram, bot: RawBot) -> None:
    await fake.stop()
    with pytest.raises(NotSent):
        await bot.call("getMe", {})


async def test_no_free_connection_means_not_sent(fake: FakeTelegram, bot: RawBot) -> None:
    fake.fail_next("getMe", how="hang")
    hanging = asyncio.ensure_future(bot.call("getMe", {}, read_timeout=3))
    await fake.waits_for(lambda fake: len(fake.calls) == 1)
    with pytest.raises(NotSent):
        await bot.call("getMe", {})
    assert len(fake.calls) == 1
    hanging.cancel()


async def test_connection_breaks(fake: FakeTelegram, bot: RawBot) -> None:
    fake.fail_next("getMe", how="drop")
    with pytest.raises(ConnectionLost):
        await bot.call("getMe", {})


async def test_not_a_call_more_after_shutdown(bot: RawBot, request_class: AiohttpRequest) -> None:
    await request_class.shutdown()
    with pytest.raises(NotSent):
        await bot.call("getMe", {})
    await request_class.initialize()
    assert await bot.call("getMe", {})


async def test_files_go_as_a_form(fake: FakeTelegram, bot: RawBot) -> None:
    fake.person(7)
    with pytest.raises(TelegramError):
        await bot.send_document(7, InputFile(b"content", "a.txt", attach=True))
    [call] = fake.calls
    assert call.content_type == "multipart/form-data"
    assert call.parameters["chat_id"] == "7"
    assert b"content" in call.parameters.values()


# Servers that are not Telegram


async def _odd(handler: web.BaseRequest | object, request_class: AiohttpRequest) -> object:
    server = web.Server(handler)  # type: ignore[arg-type]
    runner = web.ServerRunner(server, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        return await RawBot("1:x", f"http://{host}:{port}", request_class).call("getMe", {})
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("body", ["<html>", "[]", "", '{"ok": false}'])
async def test_unreadable_answer(body: str, request_class: AiohttpRequest) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        return web.Response(text=body)

    with pytest.raises(TelegramError, match="Invalid server response"):
        await _odd(handler, request_class)


async def test_redirects_are_not_followed(request_class: AiohttpRequest) -> None:
    async def handler(request: web.BaseRequest) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:9/")

    with pytest.raises(NetworkError, match="302"):
        await _odd(handler, request_class)


async def test_answer_that_drips_for_ever(request_class: AiohttpRequest) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    with pytest.raises(TimedOut):
        await _odd(handler, request_class)
