"""Receiving over real HTTP: nothing is confirmed before it is stored, and every tap is answered once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence

import pytest
import structlog

from bot.channels.base import Button, Outgoing, OutgoingMessage
from bot.channels.telegram import Telegram, TokenRefused
from conversations.events import FromPerson, Media, Message, Started, Stopped, Tap
from tests.channels.telegram.conftest import NOW, Inbox, Naps
from tests.fakes.telegram_api import FakeTelegram

QUESTION = OutgoingMessage("Ready?", (Button("Yes", "1:0:yes"), Button("No", "1:0:no")))


async def ask(telegram: Telegram, address: int = 7) -> None:
    await telegram.send(Outgoing(1, str(address), QUESTION))


async def test_what_arrives(fake: FakeTelegram, running: Telegram, inbox: Inbox) -> None:
    anna = fake.person(7, language="de")
    anna.starts("flyer")
    anna.says("Hallo")
    anna.sends_photo("my certificate")
    anna.sends_sticker()
    anna.sends_voice()
    anna.sends_document()
    anna.sends_location()
    anna.sends_contact()
    anna.blocks()
    anna.unblocks()
    events = await inbox.gets(10)
    kinds = ["photo", "sticker", "voice", "document", "location", "contact"]
    assert [type(event) for event in events] == [Started, Message, *[Media] * 6, Stopped, Started]
    assert [event.kind for event in events if isinstance(event, Media)] == kinds
    assert {(event.address, event.language, event.at) for event in events} == {("7", "de", NOW)}
    assert len({event.key for event in events}) == 10


async def test_polls_for_what_it_can_read(fake: FakeTelegram, running: Telegram) -> None:
    await fake.waits_for(lambda fake: bool(fake.called("getUpdates")))
    assert fake.called("getUpdates")[0].parameters == {
        "timeout": 25,
        "limit": 100,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
    }


async def test_offset_moves_only_after_storing(fake: FakeTelegram, telegram: Telegram) -> None:
    storing, stored = asyncio.Event(), asyncio.Event()

    async def slow(events: Sequence[FromPerson]) -> None:
        storing.set()
        await stored.wait()

    await telegram.start(slow)
    await telegram.begin()
    fake.person(7).says("Hello")
    await storing.wait()
    assert len(fake.unconfirmed) == 1
    polls = len(fake.called("getUpdates"))
    stored.set()
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert len(fake.called("getUpdates")) == polls + 1


async def test_what_could_not_be_stored_comes_again(
    fake: FakeTelegram, running: Telegram, inbox: Inbox, naps: Naps
) -> None:
    inbox.refusals = 3
    fake.person(7).says("Hello")
    await inbox.gets(1)
    assert inbox.refused == [inbox.batches[0]] * 3
    assert naps.taken == [1, 2, 4]


async def test_waits_grow_to_half_a_minute_and_begin_anew(
    fake: FakeTelegram, running: Telegram, inbox: Inbox, naps: Naps
) -> None:
    inbox.refusals = 8
    fake.person(7).says("Hello")
    await inbox.gets(1)
    inbox.refusals = 1
    fake.person(7).says("Again")
    await inbox.gets(2)
    assert naps.taken == [1, 2, 4, 8, 16, 30, 30, 30, 1]


async def test_logs_no_content_and_no_token(
    fake: FakeTelegram, telegram: Telegram, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.person(7).says("my hidden words")
    fake.fail_next("getUpdates", how="drop")
    inbox.refusals = 1
    with structlog.testing.capture_logs() as entries:
        await telegram.start(inbox.handle)
        await telegram.begin()
        await inbox.gets(1)
        await telegram.send(Outgoing(1, "7", OutgoingMessage("an answer in confidence")))
    written = f"{entries} {caplog.text}"
    assert [entry["error"] for entry in entries] == ["ConnectionLost", "RuntimeError"]
    for secret in ("hidden", "somebody wrote", "confidence", fake.token):
        assert secret not in written


async def test_double_delivery_is_answered_once(fake: FakeTelegram, running: Telegram, inbox: Inbox) -> None:
    anna = fake.person(7)
    await ask(running)
    query = anna.taps("Yes")
    await fake.waits_for(lambda fake: fake.answered == [query])
    fake.redeliver()
    events = await inbox.gets(2)
    anna.says("and on")
    await inbox.gets(3)
    await running.stop()
    assert events[0] == events[1]
    assert len(fake.called("answerCallbackQuery")) == 1


async def test_tap_is_answered_and_its_keyboard_settled(
    fake: FakeTelegram, running: Telegram, inbox: Inbox
) -> None:
    anna = fake.person(7)
    await ask(running)
    await ask(running)
    query = anna.taps("No", on=anna.messages[0])
    await anna.waits_for(lambda messages: messages[0].rows == [])
    [event] = await inbox.gets(1)
    assert isinstance(event, Tap)
    assert (event.data, event.reply_to) == ("1:0:no", str(anna.messages[0].id))
    assert fake.answered == [query]
    assert anna.messages[1].buttons == ["Yes", "No"]
    assert anna.messages[0].text == "Ready?"


async def test_tap_is_not_answered_before_it_is_stored(fake: FakeTelegram, telegram: Telegram) -> None:
    storing, stored = asyncio.Event(), asyncio.Event()

    async def slow(events: Sequence[FromPerson]) -> None:
        storing.set()
        await stored.wait()

    anna = fake.person(7)
    await telegram.start(slow)
    await telegram.begin()
    await ask(telegram)
    query = anna.taps("Yes")
    await storing.wait()
    await ask(telegram)
    assert not fake.called("answerCallbackQuery")
    stored.set()
    await fake.waits_for(lambda fake: fake.answered == [query])


async def test_tap_that_could_not_be_stored_is_answered_later(
    fake: FakeTelegram, running: Telegram, inbox: Inbox
) -> None:
    anna = fake.person(7)
    await ask(running)
    inbox.refusals = 2
    query = anna.taps("Yes")
    await fake.waits_for(lambda fake: fake.answered == [query])
    assert (len(inbox.refused), len(inbox.batches)) == (2, 1)


async def test_two_quick_taps_are_two_events(fake: FakeTelegram, running: Telegram, inbox: Inbox) -> None:
    anna = fake.person(7)
    await ask(running)
    queries = [anna.taps("Yes"), anna.taps("No")]
    events = await inbox.gets(2)
    await fake.waits_for(lambda fake: sorted(fake.answered) == queries)
    assert [event.data for event in events if isinstance(event, Tap)] == ["1:0:yes", "1:0:no"]


async def test_trouble_with_answering_is_no_trouble(
    fake: FakeTelegram, running: Telegram, inbox: Inbox, naps: Naps
) -> None:
    anna = fake.person(7)
    await ask(running)
    fake.fail_next("answerCallbackQuery", 500)
    fake.fail_next("editMessageReplyMarkup", how="drop", arrives=False)
    anna.taps("Yes")
    await fake.waits_for(lambda fake: bool(fake.called("editMessageReplyMarkup")))
    anna.says("and on")
    await inbox.gets(2)
    assert naps.taken == []


async def test_old_query_is_passed_over(fake: FakeTelegram, running: Telegram, inbox: Inbox) -> None:
    anna = fake.person(7)
    await ask(running)
    with structlog.testing.capture_logs() as entries:
        anna.taps("Yes")
        fake.expire_queries()
        await anna.waits_for(lambda messages: not messages[0].rows)
        await inbox.gets(1)
    assert entries == []


async def test_unknown_updates_are_counted_by_kind(
    fake: FakeTelegram, running: Telegram, inbox: Inbox
) -> None:
    group = {"id": -1009000000001, "title": "Staff", "type": "supergroup"}
    await fake.waits_for(lambda fake: bool(fake.called("getUpdates")))
    with structlog.testing.capture_logs() as entries:
        fake.push({"message": {"message_id": 1, "chat": group, "text": "hidden words"}})
        fake.person(7).says("Hello")
        [event] = await inbox.gets(1)
    assert isinstance(event, Message)
    assert running.skipped == {"message:supergroup:text": 1}
    assert entries == [
        {"event": "telegram update skipped", "kind": "message:supergroup:text", "log_level": "info"}
    ]


async def test_only_unknown_updates_still_move_the_offset(
    fake: FakeTelegram, running: Telegram, inbox: Inbox
) -> None:
    fake.push({"message": {"message_id": 1, "chat": {"id": -1, "type": "group"}, "text": "x"}})
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert inbox.batches == []


# Trouble with polling


async def test_token_refused(fake: FakeTelegram, inbox: Inbox) -> None:
    stranger = Telegram("1:" + "x" * 30, fake.url, lambda: NOW)
    with pytest.raises(TokenRefused, match=r"^telegram token was refused$"):
        await stranger.start(inbox.handle)
    await stranger.stop()


async def test_starts_while_telegram_is_away(fake: FakeTelegram, inbox: Inbox, naps: Naps) -> None:
    await fake.stop()
    telegram = Telegram(fake.token, fake.url, lambda: NOW, sleep=naps)
    await telegram.start(inbox.handle)
    await telegram.begin()
    await naps.begun.wait()
    port = int(fake.url.rsplit(":", 1)[1])
    await fake.start(port)
    fake.person(7).says("Hello")
    await inbox.gets(1)
    await telegram.stop()


@pytest.mark.parametrize("how", ["answer", "drop"])
async def test_polling_goes_on_after_trouble(
    fake: FakeTelegram, telegram: Telegram, inbox: Inbox, naps: Naps, how: str
) -> None:
    fake.fail_next("getUpdates", 502, "Bad Gateway", how="drop" if how == "drop" else "answer", times=2)
    fake.person(7).says("Hello")
    await telegram.start(inbox.handle)
    await telegram.begin()
    await inbox.gets(1)
    assert naps.taken == [1, 2]


async def test_polling_waits_as_long_as_it_is_told(
    fake: FakeTelegram, telegram: Telegram, inbox: Inbox, naps: Naps
) -> None:
    fake.fail_next("getUpdates", retry_after=11)
    fake.person(7).says("Hello")
    await telegram.start(inbox.handle)
    await telegram.begin()
    await inbox.gets(1)
    assert naps.taken == [11]


async def test_conflict_with_another_poller(
    fake: FakeTelegram, telegram: Telegram, inbox: Inbox, naps: Naps
) -> None:
    fake.fail_next("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    fake.person(7).says("Hello")
    await telegram.start(inbox.handle)
    await telegram.begin()
    await inbox.gets(1)
    assert naps.taken == [1]
    assert not fake.called("deleteWebhook")


async def test_conflict_with_a_webhook_removes_it_and_keeps_what_waits(
    fake: FakeTelegram, telegram: Telegram, inbox: Inbox
) -> None:
    fake.webhook = "https://example.org/hook"
    fake.person(7).says("Hello")
    await telegram.start(inbox.handle)
    await telegram.begin()
    [event] = await inbox.gets(1)
    assert isinstance(event, Message)
    assert fake.webhook == ""


# Commands


async def test_commands_are_set_for_each_language(fake: FakeTelegram, inbox: Inbox) -> None:
    commands = {"": [("menu", "Menu")], "sq": [("menu", "Menyja"), ("human", "Një njeri")]}
    telegram = Telegram(fake.token, fake.url, lambda: NOW, commands)
    await telegram.start(inbox.handle)
    await telegram.begin()
    await fake.waits_for(lambda fake: len(fake.commands) == 2)
    assert [entry["command"] for entry in fake.commands["sq"]] == ["menu", "human"]
    await telegram.stop()


async def test_what_stands_in_an_empty_chat_is_set_for_each_language(fake: FakeTelegram, inbox: Inbox) -> None:
    telegram = Telegram(fake.token, fake.url, lambda: NOW, descriptions={"": "Hello", "sq": "x" * 513, "de": "Hallo"})
    await telegram.start(inbox.handle)
    await telegram.begin()
    await fake.waits_for(lambda fake: fake.descriptions == {"": "Hello", "de": "Hallo"})
    await telegram.stop()


async def test_commands_are_best_effort(fake: FakeTelegram, inbox: Inbox) -> None:
    telegram = Telegram(fake.token, fake.url, lambda: NOW, {"sq": [("menu", "")], "de": [("menu", "Menü")]})
    await telegram.start(inbox.handle)
    await telegram.begin()
    await fake.waits_for(lambda fake: list(fake.commands) == ["de"])
    fake.person(7).says("Hello")
    await inbox.gets(1)
    await telegram.stop()


# Stopping


async def test_stops_in_the_middle_of_a_poll(fake: FakeTelegram, running: Telegram) -> None:
    await fake.waits_for(lambda fake: bool(fake.called("getUpdates")))
    began = time.monotonic()
    await running.stop()
    await running.stop()
    assert time.monotonic() - began < 1
    polls = len(fake.called("getUpdates"))
    fake.person(7).says("too late")
    await asyncio.sleep(0.02)
    assert len(fake.called("getUpdates")) == polls
    assert len(fake.unconfirmed) == 1


async def test_stop_lets_what_is_being_stored_finish(fake: FakeTelegram, telegram: Telegram) -> None:
    storing, go_on, stored = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(events: Sequence[FromPerson]) -> None:
        storing.set()
        await go_on.wait()
        stored.set()

    await telegram.start(slow)
    await telegram.begin()
    fake.person(7).says("Hello")
    await storing.wait()
    stopping = asyncio.create_task(telegram.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert stored.is_set()


async def test_starts_again_after_stop(fake: FakeTelegram, running: Telegram, inbox: Inbox) -> None:
    await running.stop()
    fake.person(7).says("Hello")
    await running.start(inbox.handle)
    await running.begin()
    await inbox.gets(1)


async def test_stop_before_start(telegram: Telegram) -> None:
    await telegram.stop()


# Who leads


async def test_who_does_not_lead_does_not_poll(fake: FakeTelegram, telegram: Telegram, inbox: Inbox) -> None:
    await telegram.start(inbox.handle)
    fake.person(7)
    await ask(telegram)
    assert [call.method for call in fake.calls] == ["getMe", "sendMessage"]


async def test_another_process_takes_over(fake: FakeTelegram, running: Telegram, inbox: Inbox) -> None:
    """What the first is storing is finished; the next gets what came meanwhile, perhaps with what came before."""
    storing, go_on = asyncio.Event(), asyncio.Event()

    async def slow(events: Sequence[FromPerson]) -> None:
        storing.set()
        await go_on.wait()
        await inbox.handle(events)

    await running.cease()
    await running.start(slow)
    await running.begin()
    fake.person(7).says("one")
    await storing.wait()
    ceasing = asyncio.create_task(running.cease())
    await asyncio.sleep(0)
    fake.person(7).says("two")
    assert not ceasing.done()
    go_on.set()
    await ceasing
    assert [event.text for event in inbox.events if isinstance(event, Message)] == ["one"]
    other = Telegram(fake.token, fake.url, lambda: NOW)
    await other.start(inbox.handle)
    await other.begin()
    await other.begin()
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    await other.stop()
    once = {event.key: event for event in inbox.events}
    assert [event.text for event in once.values() if isinstance(event, Message)] == ["one", "two"]
