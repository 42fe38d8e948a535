"""The 20-question intake of the bench as an ordinary conversation, and the bot that talks it.

What the other side expects is fixed by the bench: a question begins with `Q07 `, a refusal with `E07 `, the end with
`DONE` and the number of answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from bot.app import App, build
from bot.channels.base import Limits
from bot.channels.telegram import Telegram
from bot.clock import Clock
from bot.settings import Settings
from conversations.model import Ask, Choice, Choose, Conversation, Go, Say, Step
from conversations.readers.base import NotUnderstood, Result, Value

CHOICES = {5: ("yes", "no"), 8: ("a", "b", "c"), 11: ("yes", "no"), 13: ("low", "mid", "high"),
           15: ("yes", "no"), 17: ("1", "2", "3", "4", "5"), 19: ("yes", "no"), 20: ("confirm", "cancel")}
TOKEN = "4242:AAFakeTokenFakeTokenFakeTokenFakeTok"


@dataclass(frozen=True, slots=True)
class Words:
    """1 to 400 characters."""

    number: int
    kind: ClassVar[str] = "plain"

    def read(self, text: str, today: date) -> Result:
        return text.strip() if self.accepts(text.strip()) else NotUnderstood(refusal(self.number))

    def accepts(self, value: Value) -> bool:
        return isinstance(value, str) and 1 <= len(value) <= 400


@dataclass(frozen=True, slots=True)
class Age:
    """A whole number from 5 to 120."""

    number: int
    kind: ClassVar[str] = "plain"

    def read(self, text: str, today: date) -> Result:
        return int(text) if text.isdigit() and self.accepts(int(text)) else NotUnderstood(refusal(self.number))

    def accepts(self, value: Value) -> bool:
        return isinstance(value, int) and 5 <= value <= 120


def refusal(number: int) -> str:
    return f"E{number:02d} Sorry, I did not understand that. Please try again."


def question(number: int) -> Step:
    name, text = f"q{number}", f"Q{number:02d} Please tell us about item number {number} of your intake questionnaire?"
    if number in CHOICES:
        return Choose(name, text, *(Choice(one, one.title()) for one in CHOICES[number]))
    return Ask(name, text, reads=Age(number) if number == 2 else Words(number))


def said_no(q5: str) -> bool:
    return q5 == "no"


def said_yes(q5: str) -> bool:
    return q5 == "yes"


SIXTH = (
    Ask("q6", "Q06 You said yes: what exactly happened, in a sentence?", reads=Words(6), when=said_yes),
    Ask("q6b", "Q06 You said no: what would you like instead, in a sentence?", reads=Words(6), when=said_no),
)
SURVEY = Conversation("survey", (
    *(question(number) for number in range(1, 6)), *SIXTH, *(question(number) for number in range(7, 21)),
    Say("done", "DONE 20"),  # nobody comes here with fewer: no question can be skipped
    Go("again", "survey"),
))


class Unpaced(Telegram):
    """The product's channel without Telegram's own limits, which the bench does not have."""

    limits = replace(Telegram.limits, a_second=1e6, a_second_each=1e6)


class Limited(Telegram):
    limits: Limits = Telegram.limits


def survey_bot(settings: Settings, port: int, channel: type[Telegram] = Unpaced) -> App:
    """The product's parts, all of them, with this one conversation."""
    clock = Clock()
    app = build(settings, clock, [channel(TOKEN, f"http://127.0.0.1:{port}", clock.now)])
    app.receive.turns = replace(app.receive.turns, conversations={"survey": SURVEY}, first="survey", home="survey")
    return app
