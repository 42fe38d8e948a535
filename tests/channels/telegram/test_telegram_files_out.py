"""A picture or a file that goes out: over real HTTP, with its words, or the words alone."""

from __future__ import annotations

import pytest

from bot.channels.base import Button, Outgoing, OutgoingMedium, OutgoingMessage
from bot.channels.telegram import Telegram
from bot.channels.telegram.compose import CAPTION_LIMIT, requests_for
from tests.fakes.telegram_api import PHOTO, FakeTelegram

PICTURE = OutgoingMedium("photo", "image/png", "plan.png")
PAPER = OutgoingMedium("document", "application/pdf", "plan.pdf")
BUTTONS = (Button("Gati ✓", "1:0:yes"),)


@pytest.mark.parametrize("medium", [PICTURE, PAPER], ids=lambda one: one.kind)
async def test_the_words_and_the_buttons_stand_under_it(
    fake: FakeTelegram, running: Telegram, medium: OutgoingMedium
) -> None:
    anna = fake.person(7)
    message = OutgoingMessage("Plani im: çka ka mbetur 🙂\n“e re”", BUTTONS, quiet=True, medium=medium)
    sent = await running.send(Outgoing(1, "7", message, content=PHOTO))
    [shown] = await anna.hears()
    assert (shown.file, shown.text, shown.quiet) == ((medium.kind, PHOTO), message.text, True)
    assert (sent, shown.buttons) == (str(shown.id), ["Gati ✓"])
    anna.taps("Gati ✓")


async def test_words_that_are_too_long_come_after_it(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    text = "fjalë " * (CAPTION_LIMIT // 6 + 1)
    sent = await running.send(Outgoing(1, "7", OutgoingMessage(text, BUTTONS, medium=PICTURE), content=PHOTO))
    picture, words = anna.messages
    assert (picture.file, picture.text, picture.buttons) == (("photo", PHOTO), "", [])
    assert (words.file, words.text, words.buttons) == (None, text.strip(), ["Gati ✓"])
    assert sent == f"{picture.id},{words.id}"


async def test_a_file_that_telegram_does_not_take_leaves_the_words(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    fake.fail_next("sendPhoto", status=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS")
    assert await running.send(Outgoing(1, "7", OutgoingMessage("Plani im", BUTTONS, medium=PICTURE), content=PHOTO))
    [shown] = await anna.hears()
    assert (shown.file, shown.text, shown.buttons) == (None, "Plani im", ["Gati ✓"])


async def test_without_its_content_the_words_go_alone(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    await running.send(Outgoing(1, "7", OutgoingMessage("Plani im", BUTTONS, medium=PICTURE)))
    [shown] = await anna.hears()
    assert (shown.file, shown.text) == (None, "Plani im")


def test_what_is_covered_is_covered_with_its_words() -> None:
    message = OutgoingMessage("Hello.\n\nPlani im", veiled=True, medium=PICTURE)
    [call] = requests_for(Outgoing(1, "7", message, content=PHOTO))
    assert call["has_spoiler"] is True
    assert call["caption_entities"] == [{"type": "spoiler", "offset": 6, "length": 10}]


def test_it_comes_back_from_the_store_as_it_was() -> None:
    medium = OutgoingMedium("photo", "image/png", "plan.png", {"what": "plan", "done": 1})
    message = OutgoingMessage("x", BUTTONS, medium=medium)
    assert OutgoingMessage.from_json("x", message.as_json()) == message
    assert "medium" not in OutgoingMessage("x").as_json()
