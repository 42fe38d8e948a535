"""A gate that fails calls a human as urgently as the gravest sign."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.routing import Alarm, decide
from conversations.events import Media, Message
from conversations.safety import Danger

FAILED = Alarm(Danger("T1", "gate.failed", ""))
SENT = datetime(2026, 11, 28, tzinfo=UTC)


def broken(text: str) -> None:
    raise KeyError(text)


@pytest.fixture(autouse=True)
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.routing.check", broken)


@pytest.mark.parametrize("has_ticket", [False, True])
@pytest.mark.parametrize("text", ["a question about papers", "menu", "danger", "/start"])
def test_a_message_goes_to_a_human_as_urgent(text: str, has_ticket: bool) -> None:
    assert decide(Message(channel="terminal", address="1", key="k", at=SENT, text=text), has_ticket) == FAILED


def test_the_words_under_a_photo_too() -> None:
    photo = Media(channel="terminal", address="1", key="k", at=SENT, kind="photo", text="look")
    assert decide(photo, has_ticket=False) == FAILED
