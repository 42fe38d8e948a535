"""Many people at once, each left at another question: a database like the one that an upgrade finds."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, select

from bot.app import build
from bot.channels.base import Button, OutgoingMessage
from bot.clock import StoppedClock
from bot.receive.staff import StaffDesk
from bot.routing import asked_by
from bot.settings import Settings
from conversations import CONVERSATIONS
from conversations.events import FromPerson, Message, Started, Tap
from conversations.model import Ask, Choose, Conversation, Group, Review, Step
from storage.tables import Address, Counsellor, Run, Ticket
from tests.support import database
from tests.support.transcript import Scene
from tests.support.world import Paper, World, shared_translator

Question = tuple[str, str]
"""Conversation and step, `children/age` for one inside of a group."""
SAYS = {
    "plain": "Agron", "number": "7", "date": "March 2024", "country": "Germany", "land": "Bavaria", "months": "14",
    "year": "2019", "phone": "044 123 456",
}
LATER = {("plan", "due"): "in two weeks"}
OPENS = ("/menu", "/menu", "/menu", "/pause", "/language", "/my_data", "/plan")
LEADS = {("check_in", "ready"): "now", ("check_in", "steps/how"): "stuck", ("check_in", "money"): "good",
         ("check_in", "people"): "good", ("check_in", "mood"): "good", ("check_in", "news"): "nothing",
         ("check_in", "someone"): "no", ("consents", "which"): "keep",
         ("discreet", "mode"): "on"}
"""The one way out that has further questions behind it."""
TO_THE_FIVE_QUESTIONS = {
    ("menu", "menu"): "psychosocial", ("psychosocial", "subject"): "self", ("psychosocial", "about_self"): "wellbeing",
    ("wellbeing", "begin"): "yes", ("wellbeing", "sensitive_ok"): "yes", ("wellbeing", "ask_again"): "yes",
}
"""They stand behind another conversation, and are asked again only where somebody agrees."""
TO_WHAT_MAY_BE_ASKED_FOR = {
    ("menu", "menu"): "reintegration", ("reintegration", "subject"): "eligibility", ("eligibility", "after"): "again",
}
"""It stands behind an area, and asks only what the answers before leave open."""
MENUS = (("menu", "menu"), ("my_data", "what"))
"""Where a way out is called like the conversation that it opens."""
BEHIND = {"consents": "my_data", "discreet": "my_data", "hide_chat": "my_data"}
"""Conversations that a menu does not open itself, and which one does."""
IN_OWN_WORDS = {
    ("news", "update"): "I got a job", ("asking", "paused"): "pause for two weeks", ("asking", "stopped"): "stop",
    ("asking", "less"): "not so often please",
    ("answer", "which"): "diploma", ("answer", "helped"): "CV", ("answer", "area"): "CV",
    ("other_language", "language"): "a mundem me pyt diçka për punën time, nuk e di ku me shku dhe si",
}
"""Conversations that the bot opens for what somebody writes in the menu."""
AGREED = "! before: agreed"
OFFERED = (AGREED, "! counsellor offers {iso}: Rruga e Shembullit 1, Pristina")
BOOKED = (*OFFERED, "> [{words}]", "> [Good]")
PROPOSED = (AGREED, "! counsellor proposes krct: She wishes to talk")
HAD_ITS_END = (*PROPOSED, "> [Yes, you may]", "! counsellor notes sent", "! counsellor notes done")
CONFIRMED = (AGREED, "! counsellor confirms Social assistance (old scheme)")
LEAVING = (AGREED, "! counsellor ends the case: leaves")
SHARED = (AGREED, "> /share", "> [Yes, set it up]", "> [🌳 Tree]", "> 2468")
NOBODY = (*SHARED, "> [Close my chat]")
A_STEP = (AGREED, "> my plan", "> [Add a step]", "> Enrol my child", "> in 17 days")
TO_COME: Mapping[Question, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("appointment_soon", "ready"): (BOOKED, ()), ("appointment_soon", "will_come"): (BOOKED, ("> [Show it]",)),
    ("step_soon", "ready"): (A_STEP, ()), ("step_soon", "well"): (A_STEP, ("> [Show it]",)),
}
"""What is asked by itself at the end of the time that passes here; and what they do then."""
STORIES: Mapping[Question, tuple[str, ...]] = {
    ("referral", "may_send"): PROPOSED, ("outcome", "did_it_help"): HAD_ITS_END,
    ("outcome", "what_now"): (*HAD_ITS_END, "> [No]"),
    ("appointment", "pick_time"): OFFERED, ("appointment_booked", "and_now"): BOOKED[:-1],
    ("another_time", "another"): (*BOOKED, "! counsellor appointment cancelled"),
    ("appointments", "wish"): (AGREED, "> appointment"), ("appointments", "which"): (*BOOKED, "> appointment"),
    ("appointments", "what"): (*BOOKED, "> appointment", "> [{words}]"),
    ("appointments", "sure"): (*BOOKED, "> appointment", "> [{words}]", "> [Cancel it]"),
    ("help_found", "which"): ("! at eligibility after about=home situation=resident", "> [Tell me more]"),
    ("fact_news", "ready"): (AGREED, "! counsellor tells again reintegration.first-week"),
    ("help_news", "ready"): CONFIRMED, ("help_news", "more"): (*CONFIRMED, "> [Show it]"),
    ("another_day", "day"): (AGREED, "! counsellor plans {day}: Write the CV", "> [Another day]"),
    ("share", "sure"): SHARED[:2], ("share", "sign"): SHARED[:3], ("share", "digits"): SHARED[:4],
    ("share", "what"): (*SHARED, "> /share"), ("who", "whose_sign"): NOBODY,
    ("who", "digits"): (*NOBODY, "> [🌳 Tree]"), ("who", "new_sign"): (*NOBODY, "> [I am new here]"),
    ("who", "new_digits"): (*NOBODY, "> [I am new here]", "> [⭐ Star]"),
    ("leaving", "why_leave"): LEAVING, ("leaving", "before_you_go"): (*LEAVING, "> [Money]"),
}
"""What a counsellor opens: as a transcript has it, with a day to come."""
NEWER = frozenset({"appointment", "appointments", "appointment_booked", "appointment_soon", "another_time", "referral",
                   "outcome", "another_day", "join_talk", "apps", "fact_news", "help_news", "leaving", "share",
                   "who"})
"""Conversations about what the first schema has no place for."""
JOINED = {("join_talk", "sure"): (), ("apps", "sure"): ("> [Yes, join them]", "> /my_data", "> [My apps]",
                                                        "> [Take the other apps away]")}
"""What two chats of one person lead to, once the code of the first stands in the second."""
UNDER_AGE = "under_age"
"""Asked only where the centre has set an age."""
LATELY = 6
LANGUAGES = ("en", "sq", "de", "sr")


@asynccontextmanager
async def opened(url: str, now: datetime, **settings: Any) -> AsyncIterator[World]:
    """The bot starts on a database that is there already. What comes in now has keys of its own."""
    clock, paper = StoppedClock(now), Paper()
    with patch("bot.app.Translator", shared_translator):
        app = build(Settings(data_dir=database.folder(), database_url=url, **settings), clock, [paper])
    await app.deliver.start()
    await paper.start(app.receive.handle)
    try:
        first = select(Counsellor.id).order_by(Counsellor.id).limit(1)
        counsellor = await app.store.read(lambda connection: connection.execute(first).scalar_one())
        keys = itertools.count(int(now.timestamp()) * 1000)
        yield World(app, clock, paper, StaffDesk(app.receive, app.turn_clock), counsellor, [], _keys=keys)
    finally:
        await app.deliver.stop()
        app.store.close()


@cache
def questions() -> frozenset[Question]:
    """Every question of every conversation that is asked without a setting of its own."""
    return frozenset((one.name, path) for one in CONVERSATIONS.values() for path in _paths(one) if path != UNDER_AGE)


def _paths(conversation: Conversation) -> Iterator[str]:
    for step in conversation.steps:
        if isinstance(step, Group):
            yield from (f"{step.id}/{one.id}" for one in step.steps if isinstance(one, Ask | Choose))
        if isinstance(step, Ask | Choose | Review) or (isinstance(step, Group) and step.over is None):
            yield step.id


def plain(path: str) -> str:
    """`children/2/age` -> `children/age`, `children/2?` -> `children`."""
    parts = path.removesuffix("?").split("/")
    return parts[0] if path.endswith("?") else "/".join((parts[0], *parts[2:]))


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is."""

    conversation: str = ""
    awaiting: str | None = None
    ticket: int | None = None

    @property
    def question(self) -> Question | None:
        return (self.conversation, plain(self.awaiting)) if self.awaiting else None


@dataclass(slots=True)
class Crowd:
    """People who each take the way out of a question that was taken least, and stay where nobody is yet."""

    world: World
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    people: list[str] = field(default_factory=list)
    settled: dict[str, Question] = field(default_factory=dict)
    in_talk: set[str] = field(default_factory=set)
    """Whose ticket stays open."""
    taken: Counter[tuple[Question, str]] = field(default_factory=Counter)
    trail: defaultdict[str, list[tuple[Question, str]]] = field(default_factory=lambda: defaultdict(list))
    """What each person did. Where it led to a new question, the next one does the same."""

    async def come(self, many: int) -> None:
        new = [f"person-{len(self.people) + at:03}" for at in range(many)]
        self.people += new
        for at, person in enumerate(new):
            self.world.languages[person] = LANGUAGES[at % len(LANGUAGES)]
        await self.together([Started(**self.world._common(person)) for person in new])

    async def together(self, events: list[FromPerson]) -> None:
        await self.world.app.receive.handle(events)
        await self.world.app.deliver.drain()

    async def walk(self, rounds: int, talks: int = 0, settle: bool = True) -> None:
        """Each round is one batch in which everybody does something. `talks`: so many tickets stay open."""
        for _ in range(rounds):
            where = await self.places()
            if settle:
                self._settle(where)
            if not questions() - set(self.settled.values()):
                return
            await self._talk(where, talks)
            walking = [one for one in self.people if one not in self.settled and one not in self.in_talk]
            await self.together([self._step(one, where[one]) for one in walking])

    async def nobody_is_lost(self) -> None:
        """Who has nothing open, because they have just deleted everything, begins again."""
        where = await self.places()
        lost = [one for one in self.people if where[one].question is None and where[one].ticket is None]
        await self.together([Message(**self.world._common(one), text="/menu") for one in lost])

    async def places(self) -> dict[str, Place]:
        return dict(await self.world.read(places))

    def _settle(self, where: dict[str, Place]) -> None:
        for person in self.people:
            question = where[person].question
            if person in self.settled or where[person].ticket is not None or question is None:
                continue
            if question not in self.settled.values():
                self.settled[person] = question
                self.taken.subtract(self.trail[person][-LATELY:])

    async def _talk(self, where: dict[str, Place], talks: int) -> None:
        """Some are with a counsellor, or wait for one; the talks of the others end."""
        for person in self.people:
            ticket = where[person].ticket
            if ticket is None or person in self.in_talk:
                continue
            stays = len(self.in_talk) < talks
            if not stays or len(self.in_talk) % 2:
                await self.world.desk.claim(ticket, self.world.counsellor)
            if not stays:
                await self.world.desk.close(ticket, self.world.counsellor, "advised")
            else:
                self.in_talk.add(person)
        await self.world.app.deliver.drain()

    def _step(self, person: str, place: Place) -> FromPerson:
        """What this person does now."""
        question = place.question
        if question is None:
            return Message(**self.world._common(person), text=self.chance.choice(OPENS))
        own = [words for one, words in IN_OWN_WORDS.items() if one not in self.settled.values()]
        if question == MENUS[0] and own and self.chance.random() < 0.3:
            return Message(**self.world._common(person), text=self.chance.choice(own))
        ways = self._ways(person, place)
        seldom = min(ways, key=lambda one: (self.taken[question, one], self.chance.random()))
        way = self._wanted(question, ways) or seldom
        self.taken[question, way] += 1
        self.trail[person].append((question, way))
        return ways[way]

    def _wanted(self, question: Question, ways: Mapping[str, FromPerson]) -> str | None:
        """The way to where nobody is yet, where it is known."""
        left = questions() - set(self.settled.values())
        names = {name for name, _ in left}
        doors = names | {BEHIND[name] for name in names & BEHIND.keys()} if question in MENUS else set()
        if any(name == question[0] for name, _ in left) and question in LEADS:
            doors = {LEADS[question]}
        if any(name.startswith("wellbeing") for name, _ in left) and question in TO_THE_FIVE_QUESTIONS:
            doors |= {TO_THE_FIVE_QUESTIONS[question]}
        if any(name == "eligibility" for name, _ in left) and question in TO_WHAT_MAY_BE_ASKED_FOR:
            doors |= {TO_WHAT_MAY_BE_ASKED_FOR[question]}
        found = sorted(doors & ways.keys())
        return self.chance.choice(found) if found and self.chance.random() < 0.7 else None

    def _ways(self, person: str, place: Place) -> dict[str, FromPerson]:
        who, step = self.world._common(person), step_of(place)
        ways: dict[str, FromPerson] = {
            one.data.rpartition(":")[2]: Tap(**who, data=one.data)
            for one in buttons_of(self.world.paper.sent[person], place.awaiting or "")
        }
        if place.conversation == "menu":
            ways |= {one: Tap(**who, data=one) for one in ("!language", "!my_data", "!pause", "!plan")}
            ways["distress"] = Message(**who, text="I am desperate")
        if isinstance(step, Ask):
            words = LATER.get(place.question or ("", ""), SAYS.get(step.reads.kind, "Agron"))
            ways["words"] = Message(**who, text=words)
        return ways or {"again": Message(**who, text=self.chance.choice(OPENS))}


def step_of(place: Place) -> Step | None:
    return CONVERSATIONS[place.conversation].find(place.awaiting or "")


def buttons_of(messages: Iterable[OutgoingMessage], path: str) -> list[Button]:
    """What can be tapped under this question, where it was shown last."""
    for message in reversed(list(messages)):
        if found := [one for one in message.buttons if asked_by(one.data) == path]:
            return found
    return []


def places(connection: Connection) -> dict[str, Place]:
    """Where everybody is, by address."""
    who = {row[0]: row[1] for row in connection.execute(select(Address.contact_id, Address.address))}
    open_ones = select(Ticket.contact_id, Ticket.id).where(Ticket.state != "closed")
    tickets = {row[0]: row[1] for row in connection.execute(open_ones)}
    found = {address: Place(ticket=tickets.get(contact)) for contact, address in who.items()}
    runs = select(Run.contact_id, Run.conversation, Run.awaiting).where(Run.ended_at.is_(None)).order_by(Run.touched)
    for contact, conversation, awaiting in connection.execute(runs):
        if contact in who:  # whoever shares a phone and has it not now is nowhere
            found[who[contact]] = Place(conversation, awaiting, tickets.get(contact))
    return found


async def told(world: World, person: str, story: Iterable[str], at: datetime) -> Scene:
    """A transcript's lines with somebody new. `at`: the day to come."""
    scene = Scene(world, "en", person=person)
    for line in story:
        words = f"{at:%A}, {at.day} {at:%B} {at.year}, {at:%H:%M}"
        await scene.line(line.format(day=at.date().isoformat(), iso=f"{at:%Y-%m-%dT%H:%M}", words=words))
    return scene


async def joins(world: World, name: str, story: Iterable[str]) -> str:
    """Somebody with two chats; where the story goes on."""
    first = await told(world, f"{name} one", (AGREED, "> /my_data", "> [My apps]", "> [Add an app]"), world.clock.now())
    second = Scene(world, "en", person=f"{name} two", code=first.code)
    for line in (AGREED, "> (code)", *story):
        await second.line(line)
    return second.person


async def fill(world: World) -> Crowd:
    """People in the middle of every conversation, at every question; some of them with a counsellor."""
    crowd, end = Crowd(world), world.clock.now().replace(tzinfo=None, hour=10, minute=0) + timedelta(days=17)
    scenes = {question: await told(world, ".".join(question), story, end + timedelta(hours=at))
              for at, (question, (story, _)) in enumerate(TO_COME.items())}
    crowd.settled |= {scene.person: question for question, scene in scenes.items()}
    await crowd.come(80)
    await crowd.walk(45, settle=False)
    await world.turn_clock(timedelta(days=2))
    await crowd.come(40)
    await crowd.walk(40, settle=False)
    await world.turn_clock(timedelta(days=13))  # the check-ins of the first, and the day before a step of the others
    await world.turn_clock(timedelta(days=1))  # what gave way to them: one message a day
    for question, (_, then) in TO_COME.items():
        for line in then:
            await scenes[question].line(line)
    for at, (question, story) in enumerate(STORIES.items()):
        when = end + timedelta(days=4 + at // 8, hours=at % 8)
        crowd.settled[(await told(world, ".".join(question), story, when)).person] = question
    for question, story in JOINED.items():
        crowd.settled[await joins(world, question[0], story)] = question
    await crowd.come(200)
    await crowd.walk(140, talks=8)
    await crowd.nobody_is_lost()
    return crowd
