"""What one event is about. Pure: safety, then a person's own word, an open ticket, a command, the run, a new run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import structlog

from bot.safely import described
from conversations.engine import Action, Back, Picked, Said, Sent, Skip
from conversations.events import FromPerson, Media, Message, Started, Stopped, Tap
from conversations.safety import Danger, check
from conversations.understanding import intent, language_named


@dataclass(frozen=True, slots=True)
class Alarm:
    """Somebody may be in danger."""

    danger: Danger | None
    """None: they tapped "I need help now"."""


@dataclass(frozen=True, slots=True)
class ToCounsellor:
    """A counsellor has the chat; the bot is silent."""


@dataclass(frozen=True, slots=True)
class Command:
    name: str


@dataclass(frozen=True, slots=True)
class Switch:
    """To another language."""

    language: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Something for the current run; `run` is set where a button says which run it belongs to."""

    action: Action
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Nothing is open, or the person starts anew."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The person blocked the bot or left."""


@dataclass(frozen=True, slots=True)
class Ignore:
    pass


Route: TypeAlias = Alarm | ToCounsellor | Command | Switch | Answer | Begin | Gone | Ignore
log = structlog.get_logger()
ALWAYS = frozenset({"stop", "leave", "human", "hide"})
"""What a person can say even while a counsellor has the chat."""


def decide(event: FromPerson, has_ticket: bool) -> Route:
    match event:
        case Message(text=text):
            return _said(text, has_ticket)
        case Tap(data=data):
            return _tapped(data, has_ticket)
        case Media(kind=kind, text=text):
            return _media(kind, text, has_ticket)
        case Started():
            return ToCounsellor() if has_ticket else Begin()
        case Stopped():
            return Gone()
    return Ignore()


def _said(text: str, has_ticket: bool) -> Route:
    danger = _danger(text)
    if danger is not None:
        return Alarm(danger)
    wish = intent(text)
    if wish == "danger":
        return Alarm(None)
    if has_ticket:
        return Command(wish) if wish in ALWAYS else ToCounsellor()
    if wish is not None:
        return _command(wish)
    language = language_named(text)
    return Switch(language) if language is not None else Answer(Said(text))


def _danger(text: str) -> Danger | None:
    """A sign that a person must look at now. If the gate itself fails, a person looks too."""
    try:
        danger = check(text)
    except Exception as error:
        log.error("the safety gate failed", **described(error))
        return Danger("T2", "the gate failed", "")
    return danger if danger is not None and danger.tier != "T3" else None


def _command(wish: str) -> Route:
    moves: dict[str, Route] = {"back": Answer(Back()), "skip": Answer(Skip()), "start": Begin()}
    return moves.get(wish) or Command(wish)


def _tapped(data: str, has_ticket: bool) -> Route:
    if data.startswith("!"):
        name = data[1:]
        if name == "danger":
            return Alarm(None)
        return Command(name) if name in ALWAYS or not has_ticket else ToCounsellor()
    if has_ticket:
        return ToCounsellor()
    return _button(data)


def _button(data: str) -> Route:
    run, _, rest = data.partition(":")
    if not rest or not run.isalnum():
        return Ignore()
    path, _, choice = rest.partition(":")
    action: Action = Picked(path, choice)
    if path.endswith("!skip"):
        action = Skip()
    elif path.endswith("!back"):
        action = Back()
    try:
        return Answer(action, int(run, 36))
    except ValueError:
        return Ignore()


def asked_by(data: str) -> str:
    """The path of the question that a button stood under."""
    path = data.partition(":")[2].partition(":")[0]
    return path.removesuffix("!skip").removesuffix("!back")


def _media(kind: str, text: str, has_ticket: bool) -> Route:
    danger = _danger(text) if text else None
    if danger is not None:
        return Alarm(danger)
    return ToCounsellor() if has_ticket else Answer(Sent(kind))


def run_mark(run_id: int) -> str:
    """A run's id as it stands in a button."""
    digits = ""
    while run_id:
        run_id, rest = divmod(run_id, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
