"""What goes into a turn and what comes out of it: plain frozen data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

from conversations.eligibility.judge import Verdict
from conversations.eligibility.rules import Scheme
from conversations.model import Area, Shows, TaskKind, Within

Answers: TypeAlias = dict[str, Any]


Given: TypeAlias = Mapping[str, Any]


Labels: TypeAlias = Callable[[str], Sequence[str]]
"""A text's wordings, the person's language first: what somebody may type instead of tapping."""


def only_itself(text: str) -> Sequence[str]:
    return (text,)


@dataclass(slots=True)
class Progress:
    """What a run stores."""

    answers: Answers = field(default_factory=dict)
    awaiting: str | None = None
    """The path of the question that the person was shown last."""
    misses: int = 0
    """How often in a row the answer to it was not understood."""
    offered: tuple[str, ...] = ()
    """What the answer to it could have meant; the person was asked which."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The run begins."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The person comes back to a run: ask the same question again."""


@dataclass(frozen=True, slots=True)
class Said:
    text: str


@dataclass(frozen=True, slots=True)
class Picked:
    path: str
    choice: str


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    pass


@dataclass(frozen=True, slots=True)
class Sent:
    """A photo, a voice message, a sticker: something that is no answer to this question."""

    kind: str


Action: TypeAlias = Opened | Resumed | Said | Picked | Back | Skip | Sent


@dataclass(frozen=True, slots=True)
class Shown:
    """A value and how to show it: "plain", "text" (a message id), "list", or the kind of a reader."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    args: Mapping[str, Shown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heading:
    number: int
    of: int
    title: str


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    label: Words
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    label: str
    value: Shown


@dataclass(frozen=True, slots=True)
class Prompt:
    """The question that the person is shown, with what can be tapped under it."""

    path: str
    text: Words
    options: tuple[Option, ...] = ()
    lines: tuple[Line, ...] = ()
    skipped: tuple[str, ...] = ()
    """Labels of what was left out, for a summary."""
    columns: int = 1
    why: str | None = None
    skippable: bool = False
    back: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    lines: tuple[Line, ...]
    text: str
    """What stands above the lines, or instead of them."""


@dataclass(frozen=True, slots=True)
class FileLink:
    """A link to everything that we keep about the person, or to the way back to this chat."""

    text: str
    form: str
    """page, data; link"""


@dataclass(frozen=True, slots=True)
class PlanShown:
    """The whole plan: what is for today, what is next, what is done, and what waits for the person's answer."""

    printed: bool = False
    """As a sheet to print."""


@dataclass(frozen=True, slots=True)
class FactCard:
    fact: str
    title: str | None = None
    """What the person tapped; without it, the fact stands under its own question."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the rules say of one scheme, and why."""

    verdict: Verdict
    certainty: str
    because: tuple[Line, ...]
    """The answers that decided."""
    missing: tuple[str, ...]
    """The labels of what was not answered."""


@dataclass(frozen=True, slots=True)
class Dated:
    """Something to do by a day, for the plan."""

    key: str
    what: str
    day: date
    scheme: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    step: str
    told: tuple[Suggestion, ...]
    unsaid: tuple[Scheme, ...]
    """What may fit and only a counsellor can confirm."""
    dates: tuple[Dated, ...]
    most: int
    """So many as cards; what there is beyond is only named."""
    shows: Shows


Output: TypeAlias = Words | Heading | Prompt | FactCard | FileLink | Suggestions | Kept | PlanShown


@dataclass(frozen=True, slots=True)
class Record:
    """An answer that sets something: a language, a consent, a state of the plan."""

    what: str
    value: Any
    item: str | None = None


@dataclass(frozen=True, slots=True)
class AddStep:
    step: str
    what: str
    due: str | None
    """A date of any precision, as the person said it; None: a week from now."""
    once: bool = False
    """The same step in whichever run: it is there once, and never again after it was done or dropped."""
    ask_in: timedelta | None = None
    """When to ask how it is going; None: on the day."""
    source: str | None = None
    """The fact or the scheme that it comes from."""


@dataclass(frozen=True, slots=True)
class Schedule:
    step: str
    opens: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Propose:
    step: str
    partner: str
    asks: bool = False
    """What would go out is only put down; nobody has agreed to it yet."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    step: str
    area: Area
    about: str
    kind: TaskKind = "question"
    within: Within | None = None
    once: bool = False
    """The same task in whichever run, as long as it is open."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    step: str
    area: Area
    reason: str
    urgent: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The step left the path: what it had done is taken back."""

    step: str


Effect: TypeAlias = Record | AddStep | Schedule | Propose | OpenTask | OpenTicket | Withdraw


@dataclass(frozen=True, slots=True)
class Turn:
    progress: Progress
    output: tuple[Output, ...] = ()
    effects: tuple[Effect, ...] = ()
    ended: bool = False
    goes_to: str | None = None
    goes_with: Mapping[str, Any] = field(default_factory=dict)
    """Answers that the next conversation begins with."""
