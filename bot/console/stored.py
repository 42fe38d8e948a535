"""Sentences of ours that are stored, in English: why a talk was handed over, what a task is about, why a chat moved.
Here they are found again, so that the page can say them in its language. What a person wrote stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.console import tongue
from bot.console.tongue import spoken
from bot.receive import appointing, passing_on, proposals, sharing
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import appointments, case

LEFT_THE_TEAM = _d("{name} left the team")
WITH_PLACES = (
    appointing.MOVED, appointing.CANCELLED, passing_on.TELL, passing_on.ASK_THEM, proposals.BY_ANOTHER_DAY,
    appointments.HAS_LEFT, case.LEFT_OPEN, *sharing.WHY.values(), sharing.LOST, LEFT_THE_TEAM,
)
"""The more telling ones first: the first that fits is taken."""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(text)))


PATTERNS: Sequence[tuple[str, re.Pattern[str]]] = [(text, _pattern(text)) for text in WITH_PLACES]
WHY = re.compile(r"(?P<what>[^(]+) \((?P<rule>[\w.]+)\)")
"""A sign of danger, and the rule that has found it."""


def ours(text: str) -> str:
    """The sentence in the language of the page, as far as it is ours."""
    if tongue.now().code == "en" or isinstance(text, Phrase):
        return spoken(text)
    return "; ".join(_one(part) for part in text.split("; "))


def _one(text: str) -> str:
    if tongue.is_known(text):
        return spoken(text)
    for message, pattern in PATTERNS:
        if found := pattern.fullmatch(text):
            return spoken(message, **{name: _place(value) for name, value in found.groupdict().items()})
    if (found := WHY.fullmatch(text)) and tongue.is_known(found["what"]):
        return f"{spoken(found['what'])} ({found['rule']})"
    head, colon, rest = text.partition(": ")
    return f"{spoken(head)}: {_one(rest)}" if colon and tongue.is_known(head) else text


def _place(value: str) -> str:
    """A moment as it was stored: "01 December 2026, 14:00"."""
    try:
        at = datetime.strptime(value, "%d %B %Y, %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return _one(value)
    return f"{tongue.day(at.date())}, {at:%H:%M}"
