"""What one event is about. Pure: safety, then a person's own word, an open ticket, a command, the run, a new run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from bot.safely import described
from conversations import IN_A_TALK
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
class Distress:
    """Words that answer as any do, and that show that somebody should offer a talk."""

    danger: Danger
    then: Route


@dataclass(frozen=True, slots=True)
class ToCounsellor:
    """A counsellor has the chat; the bot is silent."""


@dataclass(frozen=True, slots=True)
class Command:
    name: str


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What the person says to a step that a counsellor has proposed. The button knows which step it was, and as it
    stood then; so it counts at any time, also while a counsellor has the chat."""

    step: int
    version: int
    choice: str


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


Route: TypeAlias = (
    Alarm | Distress | ToCounsellor | Command | StepAnswer | Switch | Answer | Begin | Gone | Ignore
)
log = structlog.get_logger()
ALWAYS = frozenset({"stop", "leave", "human", "hide", "done"})
"""What a person can say even while a counsellor has the chat."""
GATE_FAILED = Danger("T1", "gate.failed", "")
"""Nobody knows what was said: a person looks at once."""


def decide(event: FromPerson, has_ticket: bool) -> Route:
    match event:
        case Message(text=text):
            return _gated(text, _edited(has_ticket) if event.edited else _said(text, has_ticket))
        case Tap(data=data):
            return _tapped(data, has_ticket)
        case Media(kind=kind, text=text):
            route = ToCounsellor() if has_ticket else Answer(Sent(kind))
            return _gated(text, _edited(has_ticket) if event.edited else route)
        case Started():
            return ToCounsellor() if has_ticket else Begin()
        case Stopped():
            return Gone()
    return Ignore()


def _gated(text: str, route: Route) -> Route:
    """The gate goes before whatever else the words would lead to."""
    danger = _danger(text) if text else None
    if danger is None:
        return route
    return Distress(danger, route) if danger.tier == "T3" else Alarm(danger)


def _edited(has_ticket: bool) -> Route:
    """What was answered stays answered; whoever reads the chat sees the new words."""
    return ToCounsellor() if has_ticket else Ignore()


def _said(text: str, has_ticket: bool) -> Route:
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
    """A sign that a person must look at now. If the gate itself fails, a person looks too, as urgently."""
    try:
        return check(text)
    except Exception as error:
        log.error("the safety gate failed", **described(error))
        return GATE_FAILED


def _command(wish: str) -> Route:
    moves: dict[str, Route] = {"back": Answer(Back()), "skip": Answer(Skip()), "start": Begin()}
    return moves.get(wish) or Command(wish)


STEP = "!step:"
"""Before the step, its version, and what the person says, in the buttons under a proposal."""


def _tapped(data: str, has_ticket: bool) -> Route:
    if data.startswith(STEP):
        return step_answer(data) or Ignore()
    if data.startswith("!"):
        name = data[1:]
        if name == "danger":
            return Alarm(None)
        return Command(name) if name in ALWAYS or not has_ticket else ToCounsellor()
    if has_ticket and asked_by(data) not in IN_A_TALK:
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


def step_answer(data: str) -> StepAnswer | None:
    """What a button under a proposal says; None where it is no such button."""
    found = re.fullmatch(rf"{STEP}([0-9]{{1,18}}):([0-9]{{1,9}}):([a-z0-9]{{1,8}})", data)
    return StepAnswer(int(found[1]), int(found[2]), found[3]) if found else None


def step_button(step: int, version: int, choice: str) -> str:
    return f"{STEP}{step}:{version}:{choice}"


def asked_by(data: str) -> str:
    """The path of the question that a button stood under."""
    path = data.partition(":")[2].partition(":")[0]
    return path.removesuffix("!skip").removesuffix("!back")


def run_mark(run_id: int) -> str:
    """A run's id as it stands in a button."""
    digits = ""
    while run_id:
        run_id, rest = divmod(run_id, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
