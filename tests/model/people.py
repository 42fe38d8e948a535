"""Who writes, what they write, and the conversation that changes under them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from bot.channels.base import Button
from bot.routing import run_mark
from conversations.events import FromPerson, Media, Message, Started, Stopped, Tap
from conversations.intake import INTAKE
from conversations.model import Ask, Choice, Choose, Conversation, End, Group, Step
from conversations.readers import number, short_text
from tests.model.record import Snapshot, moment
from tests.model.world import CHANNELS, Arrival, Town

NAME = Ask("name", "What is your name?", reads=short_text, skippable=True)
TOWN = Ask("town", "Which town?", reads=short_text)
PLACE = replace(TOWN, id="place")
AGE = Ask("age", "How old are you?", reads=number(0, 120), skippable=True)
WORK = Choose("work", "Which work?", Choice("cook", "Cook"), Choice("driver", "Driver"), Choice("painter", "Painter"))
FEWER = Choose("work", "Which work?", Choice("driver", "Driver"), Choice("painter", "Painter"))
SKILLS = Choose("skills", "Which skills?", Choice("a", "Apples"), Choice("b", "Bread"), Choice("c", "Cake"), many=True)
ONE_SKILL = Choose("skills", "Which skills?", *SKILLS.choices)
TOY = Ask("toy", "Which toy?", reads=short_text)
CHILD = Ask("age", "How old is child number {number}?", reads=number(0, 25))
CHILDREN = Group("children", (CHILD,), first="Any children?", again="One more?", add="Add", done="No")


def form(*steps: Step, **more: Any) -> Conversation:
    return Conversation("form", (*steps, End("end", "Done.")), keeps=True, **more)


FORMS = (
    form(NAME, TOWN, WORK, SKILLS, CHILDREN, AGE),
    form(NAME, WORK, TOWN, SKILLS, replace(CHILDREN, steps=(CHILD, TOY)), AGE),
    form(NAME, SKILLS, AGE),
    form(NAME, PLACE, FEWER, SKILLS, CHILDREN, AGE, renamed={"town": "place"}),
    form(AGE, ONE_SKILL, TOWN, NAME),
)
"""The same conversation as it is changed: inserted, moved, removed, renamed, of another kind."""


def _intake(*steps: Step, **more: Any) -> Conversation:
    return replace(INTAKE, steps=steps, **more)


def _renamed(step: Step) -> Step:
    return replace(step, id="wishes") if isinstance(step, Ask) and step.id == "goals" else step


NICKNAME = Ask("nickname", "What do your friends call you?", reads=short_text)
INTAKES = (
    INTAKE,
    _intake(*INTAKE.steps[:4], NICKNAME, *INTAKE.steps[4:]),
    _intake(*(step for step in INTAKE.steps if step.id != "languages_spoken")),
    _intake(*map(_renamed, INTAKE.steps), renamed={**INTAKE.renamed, "goals": "wishes"}),
)
"""The real one as a deploy could change it."""
BEGUN = ("menu", "form", "intake", "check_in", "plan", "my_data", "psychosocial", "reintegration", "language", "pause",
         "help", "nothing")
DANGER = ("i want to die", "Po më rreh burri", "SOS", "ich bringe mich um", "hoću da umrem", "he has a knife",
          "zq i want to\n\ndie")
WORDS = (
    "Peja", "12", "in two weeks", "yes", "no", "1", "3, 1", "Apples, Bread", "That is all", "cook", "driver, cook",
    "44 123 456", "2019", "Germany", "back", "skip", "menu", "help", "/start", "my plan", "language", "shqip",
    "deutsch", "english", "srpski", "pause", "my data", "delete", "hello", "thanks", "leave", "stop", "human",
    "Talk to a counsellor", "", " ", "\x00", "\ud800", "\u202e", "🙂" * 30, "<b>&amp;{name}%s", "-1", "9" * 80,
    "x" * 30_000, "{0.__class__}",
)
FORGED = ("!nothing", "!", "", ":", "zzzz:name:x", "1:menu:intake", "1:", "!form", "-1:a:b", "1:" + "x" * 80)


@dataclass
class Person:
    """Somebody with a phone, perhaps with two messengers."""

    name: str
    town: Town
    places: list[tuple[str, str]] = field(default_factory=list)
    at: int = 0
    """Which of their addresses they use now."""
    written: int = 0
    forgotten: int = 0
    spoken: list[FromPerson] = field(default_factory=list)
    """What they did since they were last forgotten."""

    def __post_init__(self) -> None:
        self.places.append((CHANNELS[0], self.name))

    @property
    def mark(self) -> str:
        """Stands in what they write of themselves, so that it can be found wherever it is kept."""
        return f"zq{self.name}{self.forgotten}zq"

    def contact(self, snapshot: Snapshot) -> int | None:
        return snapshot.contact_of(*self.places[0])

    def got(self) -> list[Arrival]:
        """All that arrived at any of their addresses."""
        return [one for one in self.town.arrived if (one.channel, one.address) in self.places]

    def buttons(self) -> list[Button]:
        return [button for one in self.got() for button in one.message.buttons]

    def takes_second_address(self, contact: int) -> None:
        if len(self.places) == 1:
            self.places.append((CHANNELS[1], f"{self.name}-2"))
            now = moment(self.town.look().contacts[contact]["created_at"])
            self.town.put_address(contact, *self.places[1], now)

    # ----------------------------------------------------------------- what they do

    def _who(self) -> dict[str, Any]:
        channel, address = self.places[self.at % len(self.places)]
        return {"channel": channel, "address": address, "key": f"{address}-{next(self.town.keys)}",
                "at": self.town.clock.now(), "language": "en"}

    def says(self, text: str) -> Message:
        return Message(**self._who(), text=text)

    def tells(self) -> Message:
        """Something of themselves."""
        self.written += 1
        return self.says(f"{self.mark} {self.written}")

    def taps(self, data: str) -> Tap:
        return Tap(**self._who(), data=self._keeping_both(data))

    def _keeping_both(self, data: str) -> str:
        """Everybody here keeps their two apps: what taking one away does is in tests/pipeline/test_linking.py."""
        mark, _, way = data.partition(":")
        if way != "sure:yes":
            return data
        apps = {run_mark(key) for key, run in self.town.look().runs.items() if run["conversation"] == "apps"}
        return f"{mark}:sure:no" if mark in apps else data

    def shows(self, kind: Any, text: str = "") -> Media:
        return Media(**self._who(), kind=kind, text=text, data={"file": self.mark})

    def starts(self) -> Started:
        return Started(**self._who())

    def blocks(self) -> Stopped:
        return Stopped(**self._who())

    def answers(self, which: int, snapshot: Snapshot) -> FromPerson:
        """Something that fits the question shown now: a button of the newest message, or the right kind of word."""
        got = self.got()
        choices = [one for one in got[-1].message.buttons if one.kind in ("answer", "line")] if got else []
        if choices:
            return self.taps(choices[which % len(choices)].data)
        return self._right_word(which, snapshot) or self.starts()

    def _right_word(self, which: int, snapshot: Snapshot) -> Message | None:
        contact = self.contact(snapshot)
        run = snapshot.current(contact) if contact is not None else None
        conversation = self.town.conversations.get(run["conversation"]) if run else None
        if conversation is None or run is None or run["awaiting"] is None:
            return None
        step = conversation.find(run["awaiting"])
        if not isinstance(step, Ask):
            return None
        match type(step.reads).__name__:
            case "Number":
                return self.says(str(which % 20))
            case "Place":
                return self.says(("Peja", "Germany", "Bayern")[which % 3])
            case "Phone":
                return self.says("044 123 456")
            case "Year":
                return self.says("2019")
            case "PastDate":
                return self.says("March 2026")
            case "FutureDate":
                return self.says("in two weeks")
            case "DurationMonths":
                return self.says("2 years")
        return self.tells()
