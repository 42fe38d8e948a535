"""The fake posts as Telegram's server does: otherwise the tests of the webhook would prove little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.fakes.telegram_api import FakeTelegram, Refusal
from tests.fakes.telegram_posts import queue_of
from tests.support.patience import PATIENCE


class Bot:
    """Somebody's bot: answers as told, when told."""

    def __init__(self) -> None:
        self.url = ""
        self.came: list[dict[str, Any]] = []
        self.secrets: set[str | None] = set()
        self.answers: list[tuple[int, dict[str, str]]] = []
        """For the next posts; afterwards all is well."""
        self.open = asyncio.Event()
        self.open.set()
        self.changed = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        self.came.append(await request.json())
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.changed.set()
        await self.open.wait()
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        return web.Response(status=status, headers=headers)

    async def gets(self, count: int) -> list[str]:
        """The texts of what came."""
        async with asyncio.timeout(PATIENCE):
            while len(self.came) < count:
                self.changed.clear()
                await self.changed.wait()
        return [update.get("message", {}).get("text", "tap") for update in self.came]


@pytest_asyncio.fixture
async def bot() -> AsyncIterator[Bot]:
    made, app = Bot(), web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = "http://{}:{}/hook".format(*runner.addresses[0][:2])
    yield made
    await runner.cleanup()


async def set_webhook(fake: FakeTelegram, url: str, **parameters: Any) -> object:
    return await fake._result("setWebhook", {"url": url, **parameters})


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"url": "http://bot.example.org/hook"}, "HTTPS URL must be provided"),
        ({"url": "https://bot.example.org/hook", "secret_token": "a b"}, "unallowed characters"),
        ({"url": "https://bot.example.org/hook", "secret_token": "x" * 257}, "too long"),
    ],
)
async def test_refused_webhooks(fake: FakeTelegram, parameters: dict[str, Any], refusal: str) -> None:
    with pytest.raises(Refusal, match=refusal):
        await set_webhook(fake, **parameters)
    assert fake.webhook == ""


async def test_one_after_the_other_in_a_queue(fake: FakeTelegram, bot: Bot) -> None:
    bot.open.clear()
    await set_webhook(fake, bot.url, secret_token="s3cret")
    for text in ("one", "two"):
        for number in (7, 8):
            fake.person(number).says(text)
    assert await bot.gets(2) == ["one", "one"]
    bot.open.set()
    assert (await bot.gets(4))[2:] == ["two", "two"]
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert bot.secrets == {"s3cret"}
    assert fake.posting.most_at_once == 2


async def test_no_more_at_once_than_allowed(fake: FakeTelegram, bot: Bot) -> None:
    bot.open.clear()
    await set_webhook(fake, bot.url, max_connections=3)
    for number in range(10):
        fake.person(number + 1).says("Hello")
    await bot.gets(3)
    bot.open.set()
    await bot.gets(10)
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert fake.posting.most_at_once == 3


async def test_a_tap_does_not_wait_for_a_message(fake: FakeTelegram, bot: Bot) -> None:
    await set_webhook(fake, bot.url)
    bot.answers = [(503, {"Retry-After": "3600"})]
    anna = fake.person(7)
    anna.says("Hello")
    await fake.waits_for(lambda fake: len(fake.posting.posts) == 1)
    await fake._result("sendMessage", {"chat_id": 7, "text": "Ready?", "reply_markup": {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "a"}]]}})
    anna.taps("Yes")
    assert await bot.gets(2) == ["Hello", "tap"]
    await fake.waits_for(lambda fake: len(fake.unconfirmed) == 1)


def test_queues() -> None:
    who, chat = {"from": {"id": 7}}, {"chat": {"id": 7}}
    updates = [{"message": {**who, **chat}}, {"callback_query": who}, {"my_chat_member": {**who, **chat}}]
    assert len({queue_of({"update_id": 1, **one}) for one in updates}) == 3
    assert queue_of({"update_id": 1, "callback_query": who}) == queue_of({"update_id": 2, "callback_query": who})


async def test_waits_between_tries(fake: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, then twice as long each time; or as long as the bot says."""
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(round(seconds / fake.posting.second, 3))

    monkeypatch.setattr("tests.fakes.telegram_posts.nap", nap)
    await set_webhook(fake, bot.url)
    bot.answers = [(500, {})] * 8 + [(503, {"Retry-After": "2"})] * 2
    fake.person(7).says("Hello")
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert naps == [0, 2, 4, 8, 16, 32, 60, 60, 2, 2]
    assert [post.status for post in fake.posting.posts] == [500] * 8 + [503] * 2 + [200]


async def test_taken_and_yet_once_more(fake: FakeTelegram, bot: Bot) -> None:
    await set_webhook(fake, bot.url)
    fake.person(7).says("Hello")
    await fake.waits_for(lambda fake: not fake.unconfirmed and bool(bot.came))
    fake.redeliver()
    await bot.gets(2)
    assert bot.came[0] == bot.came[1]


async def test_a_dead_process_is_passed_over(fake: FakeTelegram, bot: Bot) -> None:
    fake.posting.processes = ["http://127.0.0.1:9", bot.url.removesuffix("/hook")]
    await set_webhook(fake, "http://127.0.0.1:9/hook")
    for text in ("one", "two", "three"):
        fake.person(7).says(text)
    assert await bot.gets(3) == ["one", "two", "three"]
    assert {post.status for post in fake.posting.posts} <= {200}


async def test_the_same_once_more_changes_nothing(fake: FakeTelegram, bot: Bot) -> None:
    bot.open.clear()
    await set_webhook(fake, bot.url)
    fake.person(7).says("Hello")
    await bot.gets(1)
    await set_webhook(fake, bot.url)
    bot.open.set()
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert len(bot.came) == 1
