"""Sending over real HTTP, and what the person then sees."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.base import Button, Outgoing, OutgoingMessage, Retry
from bot.channels.telegram import Telegram
from tests.fakes.telegram_api import FakeTelegram, Refusal


async def test_message_with_buttons(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    buttons = (Button("Yes", "1:0:yes"), Button("No", "1:0:no"), Button("A person", "!person", "always"))
    sent = await running.send(Outgoing(1, "7", OutgoingMessage("Ready?", buttons, columns=2)))
    [shown] = await anna.hears()
    assert (sent, shown.text, shown.quiet) == (str(shown.id), "Ready?", False)
    assert [[button["text"] for button in row] for row in shown.rows] == [["Yes", "No"], ["A person"]]


async def test_the_call_is_json_and_plain_text(fake: FakeTelegram, running: Telegram) -> None:
    fake.person(7)
    await running.send(Outgoing(1, "7", OutgoingMessage("<b>Hello</b>", quiet=True)))
    [call] = fake.called("sendMessage")
    assert call.content_type == "application/json"
    assert call.parameters == {
        "chat_id": 7,
        "text": "<b>Hello</b>",
        "link_preview_options": {"is_disabled": True},
        "disable_notification": True,
    }


async def test_long_text_in_parts(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    text = "\n\n".join(f"{number}. " + "Fjalë 🙂 " * 200 for number in range(6)).strip()
    sent = await running.send(Outgoing(1, "7", OutgoingMessage(text, (Button("Go on", "1:0:a"),))))
    parts = anna.messages
    assert len(parts) > 2
    assert "".join("".join(shown.text for shown in parts).split()) == "".join(text.split())
    assert [shown.buttons for shown in parts] == [[]] * (len(parts) - 1) + [["Go on"]]
    assert sent == ",".join(str(part.id) for part in parts)


async def test_after_a_failure_in_the_middle_no_part_comes_twice(fake: FakeTelegram, running: Telegram) -> None:
    """The next try goes on where this one stopped, and what is given back has the ids of all parts."""
    anna = fake.person(7)
    text = "\n\n".join(f"{number}. " + "Fjalë 🙂 " * 200 for number in range(6)).strip()
    send, tried = fake._methods["sendmessage"], 0

    def third_fails(parameters: dict[str, object]) -> object:
        nonlocal tried
        tried += 1
        if tried == 3:
            raise Refusal(429, "Too Many Requests: retry after 5", {"retry_after": 5})
        return send(parameters)

    fake._methods["sendmessage"] = third_fails
    outgoing = Outgoing(1, "7", OutgoingMessage(text, (Button("Go on", "1:0:a"),)))
    with pytest.raises(Retry):
        await running.send(outgoing)
    sent = await running.send(outgoing)
    assert "".join("".join(shown.text for shown in anna.messages).split()) == "".join(text.split())
    assert sent == ",".join(str(part.id) for part in anna.messages)
    await running.send(outgoing)
    assert len(anna.messages) == 2 * len(str(sent).split(",")), "once sent whole, it is new the next time"


async def test_many_at_once_over_one_session(fake: FakeTelegram, running: Telegram) -> None:
    people = [fake.person(number) for number in range(1, 151)]
    sent = (running.send(Outgoing(person.id, str(person.id), OutgoingMessage("Hello"))) for person in people)
    assert len(set(await asyncio.gather(*sent))) == 150
    assert all(len(person.messages) == 1 for person in people)
