"""The steps that conversations are made of: frozen data, read from top to bottom like a paper form.

Texts are English message ids marked with `_()`. A text may name answers and given values in braces
(`{name}`); they are formatted for the person's language when the message is made.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from conversations.readers import Reader

Condition: TypeAlias = Callable[..., bool]
"""A plain function. Its parameters name the answers and given values that it needs; a skipped answer
arrives as None; a parameter with a default may go without its question having been asked."""

Area: TypeAlias = Literal["employment", "migration", "reintegration", "psychosocial", "general"]
TaskKind: TypeAlias = Literal["question", "wellbeing", "appointment", "pulse"]
Within: TypeAlias = Literal["today", "working_day"]
"""How soon a counsellor must look: the same day, or within one working day."""
Shows: TypeAlias = Literal["cards", "names", "card", "unlikely"]
"""What is shown of the help that somebody may ask for."""
Amount: TypeAlias = Mapping[str, int]

RECORDS = frozenset({
    "language", "consent:keep", "consent:sensitive", "consent:check_in", "referral", "plan", "plan:reason", "plan:day",
    "plan:offer", "rating", "rhythm", "asking", "pause", "forget", "stop", "hide", "helped", "minor", "send", "outcome",
    "join", "apps_away", "phone:open", "phone:join", "phone:share", "phone:what",
    "discreet:mode", "discreet:silent", "discreet:hours",
    "leaving", "appointment:pick", "appointment:do", "appointment:cancel", "appointment:soon",
})

GIVEN: Mapping[str, str] = {
    "today": "the person's date, a datetime.date",
    "partner": "the office that this conversation would refer the person to, or nothing",
    "gone_offices": "the partners that the centre does not work with any more: their short names",
    "letter": "what would go to that office about the person, line by line",
    "is_open": "True where the office, the time or whatever a counsellor asks about can still be answered",
    "how_it_ended": "of a referral: accepted, rejected, done or no_answer",
    "outcome": "what the office said, in words, or nothing",
    "times": "the times that a counsellor offers: a list of {key, what}",
    "free_times": "the keys of those that nobody has taken meanwhile",
    "meeting_place": "where the appointment is that is asked about, or comes next",
    "bring": "what to bring to it, or nothing",
    "appointments": "the person's appointments to come: a list of {key, what}",
    "is_expected": "True where the person has an appointment to come",
    "appointment_lines": "the same, one Line each",
    "next_time": "when the next one is, or nothing",
    "again": "True where the person has just been through this conversation and opened it once more",
    "open_run": "the name of another conversation that waits for an answer, or None",
    "plan": "the open steps of the person's plan: a list of {key, what}, as they were when the run began",
    "plan_now": "the same as they are now",
    "offer": "the step of which the person says by which day they will do it",
    "keep": "True, False or None: may we keep what the person tells us?",
    "sensitive": "True, False or None: may we keep what they tell us about health?",
    "check_in": "True, False or None: may we write by ourselves to ask how it is going?",
    "minor_age": "under which age a person needs a grown-up with them; 0 where the centre has set none",
    "is_minor": "True, False or None: are they under that age?",
    "carried": "what was answered in the conversation that led here: a mapping",
    "subject": "what kind of help those answers are about",
    "offers": "the help that those answers speak for, or leave open: a list of {key, what}",
    "has_unlikely": "True where some help is probably not for them",
    "asked_already": "True where it is settled when we ask how it is going",
    "as_planned": "when we would ask next, if nothing else is said: words, also where it is not any more",
    "news_of_facts": "the facts that the person asked about and that have changed since: their ids",
    "confirmed": "the help that a counsellor has confirmed for the person, one name a line",
    "pulse": "how it has gone on each side, check-in by check-in: a tuple of Line",
    "pulse_before": "how it went on each side at the last check-in: a mapping, or None",
    "soon": "the steps of the plan for today and tomorrow: a tuple of Line",
    "referred": "the offices that the person agreed to be passed on to: a list of {key, what}",
    "unverified": "True where what the centre has not confirmed may be told, with its source",
    "known": "what earlier conversations found out: a mapping of answer name to value",
    "centre": "the centre's name",
    "centre_address": "the centre's address, or nothing",
    "centre_phone": "the centre's phone number, or nothing",
    "found": "the facts that a question in the person's own words could mean: a list of {key, what}",
    "languages": "the languages that can be chosen: a list of {key, what}",
    "kept": "what we keep about the person: a tuple of Line",
    "counted": "how much we keep about the person: a Line for each kind",
    "can_fetch": "True where the person can be given a link to a file",
    "own_page": "True where the person is on our own page, and a browser shows who they are",
    "agreed": "what the person decided, one Line for each purpose",
    "channel": "the channel's name as people know it",
    "other_apps": "the other channels on which the same talk goes on, by name, or nothing",
    "signs": "the signs of the people who share this phone: a list of {key, what}",
    "free_signs": "those that nobody has here: a list of {key, what}",
    "is_shared": "True where several people use this phone",
    "is_alone": "True where nobody else does yet, or any more",
    "app_code": "a new code that joins another chat with this one",
    "taken_away": "how much of what was said this channel lets us take away: all, two_days or nothing",
    "covers": "True where what we begin can be sent covered, to be read after a tap",
    "by_company": "True where a messaging company carries and keeps the messages",
    "retention_days": "after how many days without contact we delete what we keep",
}


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    label: str
    then: str | None = None
    when: Condition | None = None
    alone: bool = False
    """Of several choices: it excludes the others, and answers the question by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    when: Condition | None = None
    """The step is left out where this does not hold."""
    then: str | None = None
    """The step that follows; without it, the one below."""


@dataclass(frozen=True, slots=True)
class Say(_Step):
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Section(_Step):
    """A heading with progress: "2 of 6: Your family"."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question(_Step):
    label: str | None = None
    """How the answer is called in a summary; without it, the answer is in none."""
    skippable: bool = False
    why: str | None = None
    """Why we ask; shown with the question."""
    remember: bool = False
    """The answer belongs to the person, not only to this run: later conversations need not ask again."""
    records: str | None = None
    """What answering sets, beside the answer: one of RECORDS."""
    of: str | None = None
    """The answer that says of which thing, where `records` needs to know."""
    personal: bool = False
    """Kept only with the separate consent for sensitive questions."""


@dataclass(frozen=True, slots=True)
class Ask(_Question):
    id: str
    text: str
    reads: Reader = field(kw_only=True)


@dataclass(frozen=True, slots=True, init=False)
class Choose(_Question):
    id: str
    text: str
    choices: tuple[Choice, ...]
    many: bool = False
    columns: int = 1
    over: str | None = None
    """The given value that holds further choices: those come first."""
    otherwise: str | None = None
    """The choice that any other words stand for."""

    def __init__(
        self,
        id: str,
        text: str,
        *choices: Choice,
        many: bool = False,
        columns: int = 1,
        over: str | None = None,
        otherwise: str | None = None,
        label: str | None = None,
        skippable: bool = False,
        why: str | None = None,
        remember: bool = False,
        records: str | None = None,
        of: str | None = None,
        personal: bool = False,
        when: Condition | None = None,
        then: str | None = None,
    ) -> None:
        values = locals()
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, values[name])


@dataclass(frozen=True, slots=True)
class Group(_Question):
    """The same questions for each child, each job; or, with `over`, for each item of a given list."""

    id: str
    steps: tuple[Ask | Choose | Say, ...]
    first: str = ""
    """Asked before the first item, answered with `add` or `done`."""
    again: str = ""
    add: str = ""
    done: str = ""
    over: str | None = None
    most: int = 12


@dataclass(frozen=True, slots=True)
class Review(_Question):
    """Everything answered so far that has a label; each line can be changed with one tap."""

    id: str
    text: str
    confirm: str


@dataclass(frozen=True, slots=True)
class Branch(_Step):
    """Go to `then` where `when` holds; otherwise to the step below. The one step whose `when` does not leave it out."""

    id: str


@dataclass(frozen=True, slots=True)
class Tell(_Step):
    """Vetted facts. With `by`, the first of these answers that is on the path picks which."""

    id: str
    facts: tuple[str, ...] | Mapping[str, tuple[str, ...]] = ()
    by: tuple[str, ...] = ()
    answer: str | None = None
    """The answer that is itself the id of a fact; or the given value that lists some."""


@dataclass(frozen=True, slots=True)
class Recall(_Step):
    """What we know of the person, line by line: the given value that `lists` names."""

    id: str
    text: str
    none: str = field(kw_only=True)
    """Said where there is nothing."""
    lists: str = field(default="kept", kw_only=True)


@dataclass(frozen=True, slots=True)
class Hand(_Step):
    """A link to what `answer` says: all that we keep about the person as a file, or the way back to this chat."""

    id: str
    text: str
    answer: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ShowPlan(_Step):
    """The person's whole plan: today, next, done, and what waits for their answer; or the same on paper."""

    id: str
    printed: bool = False


@dataclass(frozen=True, slots=True)
class Suggest(_Step):
    """What the person may ask for, as far as the answers tell: the nearest of some areas as cards; or of all that the
    answer to `about` is about the names, one of them, or what is probably not for them."""

    id: str
    areas: tuple[Area, ...] = ()
    most: int = 4
    about: str | None = None
    shows: Shows = "cards"
    of: str | None = None
    """The answer that says of which one the card is shown."""


@dataclass(frozen=True, slots=True)
class Plan(_Step):
    """A next step for the person's plan: a text, texts by the answer to `by`, or (`answer`) the person's own words."""

    id: str
    what: str | Mapping[str, str] = ""
    by: tuple[str, ...] = ()
    answer: str | None = None
    due: str | None = None
    """The answer that says by when; without it, a week from now."""
    source: str | Mapping[str, str] = ""
    """The fact that knows which papers it takes and where to go."""


@dataclass(frozen=True, slots=True)
class Remind(_Step):
    """Opens a conversation later: after a time, or after the time that the answer to `by` stands for."""

    id: str
    opens: str
    after: timedelta | Mapping[str, timedelta]
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refer(_Step):
    """A referral to a partner: first, with `asks`, what would go out is put down; then it is agreed to. Nothing is
    sent by this."""

    id: str
    partner: str | Mapping[str, str]
    by: tuple[str, ...] = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Enquire(_Step):
    """A counsellor's task: something that the bot does not know, or that a person should look at.

    `about` names the answer that says what; otherwise `reason` does."""

    id: str
    area: Area
    about: str = ""
    reason: str = ""
    kind: TaskKind = "question"
    within: Within | None = None
    """By when a counsellor must have looked; None: it is not said."""


@dataclass(frozen=True, slots=True)
class HandOff(_Step):
    """Opens a ticket. The bot is silent until it is closed, then goes on with the step below."""

    id: str
    area: Area
    reason: str
    urgent: bool = False
    text: str = ""
    """Said first, where the person has not asked for somebody."""


@dataclass(frozen=True, slots=True)
class Go(_Step):
    """Ends this run and opens another conversation, some of its questions answered already."""

    id: str
    to: str
    answers: Mapping[str, str] = field(default_factory=dict)
    carries: bool = False
    """What was answered here is known there, as `carried`."""


@dataclass(frozen=True, slots=True)
class End(_Step):
    id: str
    text: str = ""


Question: TypeAlias = Ask | Choose | Group | Review
Step: TypeAlias = (
    Say | Section | Ask | Choose | Group | Review | Branch | Tell | Recall | Hand | ShowPlan | Suggest | Plan | Remind
    | Refer | Enquire | HandOff | Go | End
)
QUESTIONS = (Ask, Choose, Group, Review)
LAST = (Go, End)
EFFECTS = (Plan, Remind, Refer, Enquire, HandOff)


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    name: str
    steps: tuple[Step, ...]
    title: str = ""
    """How the conversation is called in a text to the person."""
    keeps: bool = False
    """An open run is taken up again where it was; otherwise a new one begins and the old one ends."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Old step id -> the id that its answers now count for."""
    retired: frozenset[str] = frozenset()
    """Step ids that are gone on purpose."""
    index: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {step.id: at for at, step in enumerate(self.steps)})

    def sections(self) -> list[Section]:
        return [step for step in self.steps if isinstance(step, Section)]

    def find(self, path: str) -> Step | None:
        """The step that a path names: `town`, `children/2/age`, or `children/2?` for "one more?"."""
        name, _, rest = path.removesuffix("?").partition("/")
        step = self.steps[self.index[name]] if name in self.index else None
        inner = rest.partition("/")[2]
        if inner and isinstance(step, Group):
            return next((one for one in step.steps if one.id == inner), None)
        return step


@cache
def needs(condition: Condition) -> tuple[tuple[str, bool], ...]:
    """The names that a condition takes, each with whether it can do without."""
    parameters = inspect.signature(condition).parameters.values()
    return tuple((one.name, one.default is not inspect.Parameter.empty) for one in parameters)


def holds(condition: Condition | None, scope: Mapping[str, Any]) -> bool:
    if condition is None:
        return True
    return condition(**{name: scope[name] for name, _ in needs(condition) if name in scope})


def all_steps(conversation: Conversation) -> Iterator[Step]:
    for step in conversation.steps:
        yield step
        if isinstance(step, Group):
            yield from step.steps
