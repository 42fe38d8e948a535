"""Sending over real HTTP, and what the person then sees."""

from __future__ import annotations

import asyncio

from bot.channels.base import Button, Outgoing, OutgoingMessage
from bot.channels.telegram import Telegram
from tests.fakes.telegram_api import FakeTelegram


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


async def test_many_at_once_over_one_session(fake: FakeTelegram, running: Telegram) -> None:
    people = [fake.person(number) for number in range(1, 151)]
    sent = (running.send(Outgoing(person.id, str(person.id), OutgoingMessage("Hello"))) for person in people)
    assert len(set(await asyncio.gather(*sent))) == 150
    assert all(len(person.messages) == 1 for person in people)
