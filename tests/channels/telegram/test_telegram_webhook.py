"""Being posted to: nothing is acknowledged before it is stored, and order holds across processes."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
import structlog

from bot.channels.base import Button, Outgoing, OutgoingMessage, TakesPosts
from bot.channels.telegram import Telegram
from bot.channels.telegram.parse import kind_of
from bot.channels.telegram.webhook import SECRET_HEADER, Webhook
from bot.web.webhooks import LARGEST_POST
from conversations.events import FromPerson, Message, Tap
from tests.channels.telegram.conftest import NOW, Inbox, Naps
from tests.channels.telegram.posted import BALANCER, Process, address_of, bound, client, process
from tests.channels.telegram.test_telegram_parse import RECORDED, as_json
from tests.fakes.telegram_api import TOKEN, FakeTelegram
from tests.fakes.telegram_posts import Post
from tests.support.patience import PATIENCE

OURS = Webhook.of(TOKEN, "https://bot.example.org")
HEADERS = {SECRET_HEADER: OURS.secret}
HELLO = {
    "update_id": 5,
    "message": {"message_id": 1, "from": {"id": 7}, "chat": {"id": 7, "type": "private"}, "text": "hidden words"},
}


@pytest_asyncio.fixture
async def telegram(fake: FakeTelegram, naps: Naps) -> AsyncIterator[Telegram]:
    """Not started yet."""
    telegram = Telegram(fake.token, fake.url, lambda: NOW, public_url="https://bot.example.org", sleep=naps)
    yield telegram
    await telegram.stop()


@pytest_asyncio.fixture
async def served(fake: FakeTelegram, inbox: Inbox, naps: Naps) -> AsyncIterator[Process]:
    """A process that leads."""
    listening = bound()
    telegram = Telegram(fake.token, fake.url, lambda: NOW, public_url=address_of(listening), sleep=naps)
    async with process(telegram, inbox.handle, listening) as made:
        await telegram.begin()
        await fake.waits_for(lambda fake: bool(fake.webhook))
        yield made


async def posts(telegram: Telegram, body: Any, **headers: str) -> tuple[int, bytes]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with client(telegram) as browser:
        answer = await browser.post(telegram.path, content=content, headers=headers or HEADERS)
        return answer.status_code, answer.content


class Gate:
    """Stands where the bot's receive stands, and stores when told."""

    def __init__(self) -> None:
        self.begun: list[FromPerson] = []
        self.stored: list[FromPerson] = []
        self.changed = asyncio.Event()
        self.open = asyncio.Event()

    async def handle(self, events: Sequence[FromPerson]) -> None:
        self.begun.extend(events)
        self.changed.set()
        await self.open.wait()
        self.stored.extend(events)

    async def has_begun(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.begun) < count:
                self.changed.clear()
                await self.changed.wait()


# Path and secret


def test_path_and_secret_follow_from_the_token() -> None:
    other = Webhook.of(TOKEN[:-1] + "x", "https://bot.example.org")
    assert Webhook.of(TOKEN, "https://bot.example.org/") == OURS
    assert re.fullmatch("/telegram/[0-9a-f]{32}", OURS.path)
    assert re.fullmatch("[A-Za-z0-9_-]{1,256}", OURS.secret)
    assert OURS.url == "https://bot.example.org" + OURS.path
    assert (other.path, other.secret) != (OURS.path, OURS.secret)
    assert OURS.path[10:] not in OURS.secret


def test_nothing_of_it_shows() -> None:
    assert not {OURS.path[10:], OURS.secret} & set(re.findall(r"[0-9a-f]{32,}", repr(OURS)))


def test_polling_has_no_address(fake: FakeTelegram) -> None:
    polls = Telegram(TOKEN, "http://127.0.0.1:9", lambda: NOW)
    assert isinstance(polls, TakesPosts)
    assert polls.path == ""
    assert not polls.is_from_platform({SECRET_HEADER: ""})
    assert not polls.is_from_platform(HEADERS)


# The route


@pytest.mark.parametrize("recorded", [json.loads(one.read_text()) for one in RECORDED], ids=[p.stem for p in RECORDED])
async def test_recorded(telegram: Telegram, inbox: Inbox, recorded: dict[str, Any]) -> None:
    await telegram.start(inbox.handle)
    assert await posts(telegram, recorded["update"]) == (200, b"")
    assert [as_json(event) for event in inbox.events] == recorded["events"]
    assert telegram.skipped == ({} if recorded["events"] else {kind_of(recorded["update"]): 1})


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Other": "x"},
        {SECRET_HEADER: ""},
        {SECRET_HEADER: OURS.secret[:-1]},
        {SECRET_HEADER: OURS.secret + " x"},
        {SECRET_HEADER: OURS.secret.upper()},
        {SECRET_HEADER: "é" * 64},
        {"Authorization": OURS.secret},
    ],
)
async def test_wrong_secret(telegram: Telegram, inbox: Inbox, headers: dict[str, str]) -> None:
    await telegram.start(inbox.handle)
    encoded = {name: value.encode() for name, value in headers.items()}
    assert await posts(telegram, HELLO, **encoded) == (403, b"")
    assert inbox.events == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_wrong_method(telegram: Telegram, inbox: Inbox, method: str) -> None:
    await telegram.start(inbox.handle)
    async with client(telegram) as browser:
        assert (await browser.request(method, telegram.path, headers=HEADERS)).status_code == 405


async def test_other_paths(telegram: Telegram, inbox: Inbox) -> None:
    await telegram.start(inbox.handle)
    async with client(telegram) as browser:
        for path in ("/telegram", "/telegram/", telegram.path[:-1], telegram.path + "0"):
            assert (await browser.post(path, json=HELLO, headers=HEADERS)).status_code == 404


async def test_largest(telegram: Telegram, inbox: Inbox) -> None:
    await telegram.start(inbox.handle)
    body = json.dumps(HELLO).encode()
    assert (await posts(telegram, body.ljust(LARGEST_POST)))[0] == 200
    assert (await posts(telegram, body.ljust(LARGEST_POST + 1)))[0] == 413
    assert len(inbox.events) == 1


async def test_largest_where_no_length_is_given(telegram: Telegram, inbox: Inbox) -> None:
    await telegram.start(inbox.handle)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (LARGEST_POST // 20)

    async with client(telegram) as browser:
        answer = await browser.post(telegram.path, content=endless(), headers=HEADERS)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"[" * 200_000, b'{"a":' * 100_000, b"9" * 5000, {}, [HELLO],
        {"update_id": 5}, {**HELLO, "update_id": "5"}, {**HELLO, "update_id": None},
        {"update_id": 5, "message": "hidden words"},
        {"update_id": 5, "message": {"chat": [7], "text": {"hidden": "words"}}},
    ],
    ids=lambda body: str(body)[:30],
)
async def test_what_cannot_be_read_is_passed_over(telegram: Telegram, inbox: Inbox, body: Any) -> None:
    await telegram.start(inbox.handle)
    with structlog.testing.capture_logs() as entries:
        assert await posts(telegram, body) == (200, b"")
    assert inbox.batches == []
    assert telegram.skipped.total() == 1
    assert [entry["event"] for entry in entries] == ["telegram update skipped"]
    assert "hidden" not in str(entries)


async def test_half_characters(telegram: Telegram, inbox: Inbox) -> None:
    """What the strict reader of JSON refuses is read all the same."""
    await telegram.start(inbox.handle)
    body = json.dumps(HELLO).replace("hidden", "\\ud83d").encode()
    assert (await posts(telegram, body))[0] == 200
    assert [event.text for event in inbox.events if isinstance(event, Message)] == ["? words"]


async def test_nothing_secret_in_logs(
    fake: FakeTelegram, telegram: Telegram, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.fail_next("setWebhook", 400, "Bad Request: bad webhook: getting updates is hard")
    fake.fail_next("setWebhook", how="drop", arrives=False)
    inbox.refusals = 1
    with structlog.testing.capture_logs() as entries:
        await telegram.start(inbox.handle)
        await telegram.begin()
        await fake.waits_for(lambda fake: bool(fake.webhook))
        answers = [await posts(telegram, HELLO), await posts(telegram, HELLO, **{SECRET_HEADER: "forged"})]
        await telegram.stop()
        answers.append(await posts(telegram, HELLO))
    assert [status for status, _ in answers] == [503, 403, 503]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    written = f"{entries} {ours} {answers} {telegram!r}"
    assert [entry["error"] for entry in entries] == ["BadRequest", "ConnectionLost", "RuntimeError", "RuntimeError"]
    for secret in ("hidden", "somebody wrote", fake.token, OURS.secret, OURS.path):
        assert secret not in written


async def test_a_sender_that_goes_away_changes_nothing(telegram: Telegram) -> None:
    gate = Gate()
    await telegram.start(gate.handle)
    posting = asyncio.create_task(telegram.posted(json.dumps(HELLO).encode()))
    await gate.has_begun(1)
    posting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await posting
    gate.open.set()
    await telegram.stop()
    assert len(gate.stored) == 1


# Order


async def test_four_messages_at_once_stay_in_order(fake: FakeTelegram, served: Process, inbox: Inbox) -> None:
    anna = fake.person(7)
    for text in ("one", "two", "three", "four"):
        anna.says(text)
    events = await inbox.gets(4)
    assert [event.text for event in events if isinstance(event, Message)] == ["one", "two", "three", "four"]
    assert fake.posting.most_at_once == 1


async def test_twenty_people_at_once(fake: FakeTelegram) -> None:
    """All twenty posts are under way before any is stored, and each person's come in their order."""
    gate, listening = Gate(), bound()
    telegram = Telegram(fake.token, fake.url, lambda: NOW, public_url=address_of(listening))
    async with process(telegram, gate.handle, listening):
        for text in ("one", "two", "three"):
            for number in range(1, 21):
                fake.person(number).says(text)
        await telegram.begin()
        await fake.waits_for(lambda fake: fake.posting.most_at_once == 20)
        assert (len(fake.unconfirmed), gate.stored) == (60, [])
        gate.open.set()
        await fake.waits_for(lambda fake: not fake.unconfirmed)
    for number in range(1, 21):
        mine = [event for event in gate.stored if event.address == str(number)]
        assert [event.text for event in mine if isinstance(event, Message)] == ["one", "two", "three"]


async def test_order_across_processes_one_of_which_ends(fake: FakeTelegram, inbox: Inbox) -> None:
    """Three behind a balancer: every message once, each person's in order, also while one of the three goes."""
    listening = [bound() for _ in range(3)]
    async with AsyncExitStack() as stack:
        processes = [
            await stack.enter_async_context(
                process(Telegram(fake.token, fake.url, lambda: NOW, public_url=BALANCER), inbox.handle, one)
            )
            for one in listening
        ]
        fake.posting.processes = [one.url for one in processes]
        await processes[0].telegram.begin()
        for text in range(10):
            for number in range(1, 11):
                fake.person(number).says(str(text))
        await inbox.gets(20)
        await processes[0].ends()
        await inbox.gets(100)
        await fake.waits_for(lambda fake: not fake.unconfirmed)
    for number in range(1, 11):
        mine = {event.key: event for event in inbox.events if event.address == str(number)}
        assert [event.text for event in mine.values() if isinstance(event, Message)] == [str(one) for one in range(10)]


# Storing comes first


async def test_what_could_not_be_stored_comes_again(fake: FakeTelegram, served: Process, inbox: Inbox) -> None:
    inbox.refusals = 3
    fake.person(7).says("Hello")
    fake.person(7).says("Are you there?")
    events = await inbox.gets(2)
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert inbox.refused == [[events[0]]] * 3
    first, second = fake.posting.posts[0].update_id, fake.posting.posts[-1].update_id
    assert fake.posting.posts == [Post(first, 503)] * 3 + [Post(first, 200), Post(second, 200)]


async def test_a_refused_one_holds_up_nobody_else(fake: FakeTelegram, served: Process, inbox: Inbox) -> None:
    refused = asyncio.Event()

    async def never(events: Sequence[FromPerson]) -> None:
        if events[0].address == "7":
            refused.set()
            raise RuntimeError
        await inbox.handle(events)

    served.telegram._handle = never
    fake.person(7).says("Hello")
    await refused.wait()
    fake.person(8).says("Hello")
    [event] = await inbox.gets(1)
    assert event.address == "8"
    await fake.waits_for(lambda fake: len(fake.unconfirmed) == 1)


async def test_tap_is_answered_once_and_only_when_stored(fake: FakeTelegram, served: Process) -> None:
    gate, anna = Gate(), fake.person(7)
    served.telegram._handle = gate.handle
    await served.telegram.send(Outgoing(1, "7", OutgoingMessage("Ready?", (Button("Yes", "1:0:yes"),))))
    query = anna.taps("Yes")
    await gate.has_begun(1)
    await served.telegram.send(Outgoing(2, "7", OutgoingMessage("a round trip later")))
    assert not fake.called("answerCallbackQuery")
    gate.open.set()
    await anna.waits_for(lambda messages: messages[0].rows == [])
    fake.redeliver()
    await gate.has_begun(2)
    await served.ends()
    assert fake.answered == [query]
    assert len(fake.called("answerCallbackQuery")) == 1
    assert gate.stored[0] == gate.stored[1]
    assert isinstance(gate.stored[0], Tap)


# Who leads


async def test_the_leader_says_where_to_post(fake: FakeTelegram, telegram: Telegram, inbox: Inbox) -> None:
    await telegram.start(inbox.handle)
    assert [call.method for call in fake.calls] == ["getMe"]
    await telegram.begin()
    await telegram.begin()
    await fake.waits_for(lambda fake: bool(fake.webhook))
    [call] = fake.called("setWebhook")
    assert call.parameters == {
        "url": OURS.url,
        "secret_token": OURS.secret,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        "max_connections": 40,
        "drop_pending_updates": False,
    }
    await telegram.cease()
    await telegram.stop()
    assert fake.webhook == OURS.url
    assert not fake.called("deleteWebhook")


async def test_it_is_said_until_it_works(fake: FakeTelegram, telegram: Telegram, inbox: Inbox, naps: Naps) -> None:
    fake.fail_next("setWebhook", 502, "Bad Gateway", times=2)
    fake.fail_next("setWebhook", retry_after=11)
    await telegram.start(inbox.handle)
    await telegram.begin()
    await fake.waits_for(lambda fake: bool(fake.webhook))
    assert naps.taken == [1, 2, 11]


async def test_who_no_longer_leads_says_no_more(fake: FakeTelegram, telegram: Telegram, inbox: Inbox) -> None:
    waiting = asyncio.Event()

    async def nap(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    telegram._sleep = nap
    fake.fail_next("setWebhook", 502, "Bad Gateway")
    await telegram.start(inbox.handle)
    await telegram.begin()
    await waiting.wait()
    await telegram.cease()
    assert telegram._leading is None
    assert (len(fake.called("setWebhook")), fake.webhook) == (1, "")
    await telegram.begin()
    await fake.waits_for(lambda fake: bool(fake.webhook))


async def test_who_does_not_lead_takes_posts_too(fake: FakeTelegram, telegram: Telegram, inbox: Inbox) -> None:
    await telegram.start(inbox.handle)
    assert await posts(telegram, HELLO) == (200, b"")
    assert len(inbox.events) == 1
    assert not fake.called("setWebhook")
    assert not fake.called("getUpdates")


async def test_begin_comes_after_start(telegram: Telegram) -> None:
    with pytest.raises(RuntimeError, match="not started"):
        await telegram.begin()


async def test_from_polling_to_posts_and_back(fake: FakeTelegram, served: Process, inbox: Inbox) -> None:
    """What waits is kept, whoever comes for it."""
    fake.person(7).says("posted")
    await inbox.gets(1)
    await served.ends()
    fake.person(7).says("waits")
    polls = Telegram(fake.token, fake.url, lambda: NOW)
    await polls.start(inbox.handle)
    await polls.begin()
    await inbox.gets(2)
    await polls.stop()
    assert fake.webhook == ""
    assert [event.text for event in inbox.events if isinstance(event, Message)] == ["posted", "waits"]


# Stopping


async def test_a_post_that_is_being_stored_is_finished_and_answered(fake: FakeTelegram) -> None:
    gate, listening, anna = Gate(), bound(), fake.person(7)
    telegram = Telegram(fake.token, fake.url, lambda: NOW, public_url=address_of(listening))
    async with process(telegram, gate.handle, listening) as made:
        await telegram.begin()
        await telegram.send(Outgoing(1, "7", OutgoingMessage("Ready?", (Button("Yes", "1:0:yes"),))))
        query = anna.taps("Yes")
        await gate.has_begun(1)
        began = time.monotonic()
        ending = asyncio.create_task(made.ends())
        await asyncio.sleep(0)
        gate.open.set()
        await ending
        assert time.monotonic() - began < 5
        await fake.waits_for(lambda fake: fake.unconfirmed == [])
        assert [post.status for post in fake.posting.posts] == [200]
        assert fake.answered == [query]
        anna.says("too late")
        await fake.waits_for(lambda fake: len(fake.posting.posts) > 1)
        assert len(fake.unconfirmed) == 1
    assert len(gate.stored) == 1


async def test_stop_waits_for_posts(telegram: Telegram) -> None:
    gate = Gate()
    await telegram.start(gate.handle)
    posting = asyncio.create_task(posts(telegram, HELLO))
    await gate.has_begun(1)
    stopping = asyncio.create_task(telegram.stop())
    await asyncio.sleep(0)
    assert (await posts(telegram, {**HELLO, "update_id": 6}))[0] == 503
    assert await asyncio.wait({stopping}, timeout=0.2) == (set(), {stopping})
    gate.open.set()
    await stopping
    assert await posting == (200, b"")
    assert len(gate.begun) == len(gate.stored) == 1
