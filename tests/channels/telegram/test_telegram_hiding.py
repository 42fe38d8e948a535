"""What is taken away from a chat: exactly which calls, and what becomes of those that fail."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.base import Blocked, Outgoing, OutgoingMessage, Permanent, Retry, SendError
from bot.channels.telegram import Telegram
from bot.channels.telegram.compose import deletions_for, requests_for
from tests.fakes.telegram_api import FakeTelegram

DONE = OutgoingMessage("Done.", hides=True)


def test_a_hundred_at_a_time_and_every_part_of_a_long_text() -> None:
    hides = ("11", "12,13", *(str(number) for number in range(20, 120)))
    calls = deletions_for(Outgoing(9, "7", DONE, hides))
    assert calls == [
        {"chat_id": 7, "message_ids": [11, 12, 13, *range(20, 117)]},
        {"chat_id": 7, "message_ids": [117, 118, 119]},
    ]
    assert deletions_for(Outgoing(9, "7", DONE)) == []


async def test_all_parts_are_taken_away_before_the_neutral_line(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    ids = [await running.send(Outgoing(number, "7", OutgoingMessage(text))) for number, text in
           enumerate(("short", "long " * 2000))]
    assert len(anna.messages) == 4
    hides = (*(one for one in ids if one), "101001")
    await running.send(Outgoing(9, "7", DONE, hides))
    assert [shown.text for shown in anna.messages] == ["Done."]
    [deletion] = fake.called("deleteMessages")
    assert deletion.parameters == {"chat_id": 7, "message_ids": [int(one) for ids in hides for one in ids.split(",")]}
    assert [call.method for call in fake.calls][-2:] == ["deleteMessages", "sendMessage"]


async def test_one_that_cannot_go_keeps_none_of_the_others(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    first = await running.send(Outgoing(1, "7", OutgoingMessage("first")))
    second = await running.send(Outgoing(2, "7", OutgoingMessage("second")))
    fake.fail_next("deleteMessages", 400, "Bad Request: message can't be deleted")
    fake.fail_next("deleteMessage", 400, "Bad Request: message can't be deleted")
    await running.send(Outgoing(9, "7", DONE, (first or "", second or "")))
    assert [shown.text for shown in anna.messages] == ["first", "Done."]
    assert [call.parameters["message_id"] for call in fake.called("deleteMessage")] == [
        int(first or ""), int(second or "")]


@pytest.mark.parametrize("trouble", [{"retry_after": 3}, {"status": 502, "description": "Bad Gateway"}])
async def test_trouble_is_tried_again_and_nothing_is_said_before(
    fake: FakeTelegram, running: Telegram, trouble: dict[str, Any]
) -> None:
    anna = fake.person(7)
    first = await running.send(Outgoing(1, "7", OutgoingMessage("first")))
    fake.fail_next("deleteMessages", **trouble)
    with pytest.raises(Retry):
        await running.send(Outgoing(9, "7", DONE, (first or "",)))
    assert [shown.text for shown in anna.messages] == ["first"]
    await running.send(Outgoing(9, "7", DONE, (first or "",)))
    assert [shown.text for shown in anna.messages] == ["Done."]


BACK = OutgoingMessage("", takes_back=1)


async def test_what_is_taken_back_goes_with_all_its_parts_and_nothing_is_said(
    fake: FakeTelegram, running: Telegram
) -> None:
    anna = fake.person(7)
    sent = await running.send(Outgoing(1, "7", OutgoingMessage("long " * 2000))) or ""
    other = await running.send(Outgoing(2, "7", OutgoingMessage("other")))
    assert await running.send(Outgoing(9, "7", BACK, (sent,))) is None
    assert [shown.text for shown in anna.messages] == ["other"] and other
    assert [call.parameters["message_id"] for call in fake.called("deleteMessage")] == [int(n) for n in sent.split(",")]
    await running.send(Outgoing(9, "7", BACK, (sent,)))  # once more, after a restart: gone is what was wanted


async def test_what_had_arrived_of_a_message_that_was_never_finished_goes_too(
    fake: FakeTelegram, running: Telegram
) -> None:
    anna = fake.person(7)
    calls = requests_for(Outgoing(1, "7", OutgoingMessage("long " * 2000)))

    async def send(call: dict[str, Any]) -> str:
        if call is not calls[0]:
            raise ConnectionError
        return await running._sending._send_part(call)

    with pytest.raises(ConnectionError):
        await running._sending._parts.send(1, calls, send)
    assert len(anna.messages) == 1
    await running.send(Outgoing(9, "7", BACK))
    assert anna.messages == []


@pytest.mark.parametrize(("status", "description", "error"), [
    (400, "Bad Request: message can't be deleted", Permanent), (403, "Forbidden: bot was blocked by the user", Blocked),
    (502, "Bad Gateway", Retry)])
async def test_a_refusal_is_told(
    fake: FakeTelegram, running: Telegram, status: int, description: str, error: type[SendError]
) -> None:
    fake.person(7)
    sent = await running.send(Outgoing(1, "7", OutgoingMessage("first"))) or ""
    fake.fail_next("deleteMessage", status, description)
    with pytest.raises(error):
        await running.send(Outgoing(9, "7", BACK, (sent,)))
