"""Random people, counsellors, clocks, deploys and faults; after every step the promises are looked at.

`make test` runs a fixed set. A long run with other chances each time:

    MODEL_EXAMPLES=2000 pytest tests/model
    MODEL_EXAMPLES=2000 MODEL_STEPS=80 MODEL_SEED=7 pytest tests/model

A failure prints the shortest way to it, as the steps of a machine and as a story.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import structlog
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from conversations.events import FromPerson, Message, Stopped, Tap
from conversations.understanding import intent
from storage.desk import DeskError
from storage.points import POINTS
from storage.store import StoreError
from tests.model.people import BEGUN, DANGER, FORGED, FORMS, INTAKES, WORDS, Person
from tests.model.promises import PROMISES, Memory, Step, note_the_step
from tests.model.record import Snapshot, moment
from tests.model.world import CHANNELS, COUNSELLORS, Died, Town

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "0"))
STEPS = int(os.environ.get("MODEL_STEPS", "40"))
PHASES = (Phase.generate,) if os.environ.get("MODEL_SHRINK") == "0" else (Phase.generate, Phase.shrink)
"""Shortening a failure may take minutes; without it the first one found is shown as it is."""
WAYS = ("new", "menu", "form", "intake", "asked later")
"""How far somebody has come when a talk begins."""
NAMES = ("ana", "besa", "cen", "dea", "era")
TROUBLES = ("retry", "retry later", "unknown", "lost answer", "permanent", "blocked", "crash")
KINDS = ("photo", "voice", "sticker", "document", "location")
SPANS = (timedelta(minutes=3), timedelta(minutes=40), timedelta(hours=5), timedelta(hours=11), timedelta(days=1),
         timedelta(days=3), timedelta(days=8))
MOST_SWEEPS = 10

who = st.integers(0, 4)
which = st.integers(0, 30)
somewhere = st.integers(0, 10_000)
acts = st.lists(st.tuples(who, somewhere), min_size=1, max_size=6)


class Talks(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(_quiet_about_deaths)
        self.town = self.loop.run_until_complete(_opened(self.loop))
        self.memory = Memory()
        self.now = self.town.look()
        self.people: list[Person] = []
        self.seen: set[tuple[str, str]] = set()
        self.chats: list[tuple[int, int]] = []
        """Each ticket that counsellors ever saw on their pages, and whose it was."""
        self.broken = False

    @initialize(ways=st.lists(st.sampled_from(WAYS), min_size=2, max_size=5))
    def arrive(self, ways: list[str]) -> None:
        self.people = [Person(name, self.town) for name in NAMES[: len(ways)]]
        old = [person for person, way in zip(self.people, ways, strict=True) if way != "new"]
        self._give("come in", [person.starts() for person in old])
        for choice in ("en", "yes", "later"):
            self._give(f"choose {choice}", [person.taps(_data(person, choice)) for person in old])
        begun = {"form": "!form", "intake": "!intake", "asked later": "!check_in"}
        pairs = [(person, begun[way]) for person, way in zip(self.people, ways, strict=True) if way in begun]
        self.town.deployed["form"] = FORMS[0]
        self._deploy("the first form")
        self._give("begin", [person.taps(data) for person, data in pairs])
        waiting = [person for person, data in pairs if data == "!check_in"]
        self._give("not now", [person.taps(_data(person, "later")) for person in waiting])

    # ------------------------------------------------------------------------- people

    @rule(who=who, picks=st.lists(which, min_size=1, max_size=6))
    def answers(self, who: int, picks: list[int]) -> None:
        """Several fitting answers, one after the other."""
        person = self._person(who)
        if picks[0] % 3 == 0:
            self._leave(person)
        for pick in picks:
            self._give(f"{person.name} answers", [person.answers(pick, self.now)])

    @rule(acts=acts)
    def at_once(self, acts: list[tuple[int, int]]) -> None:
        """One batch of several people, and of one person several things."""
        events = [self._act(self._person(who), pick) for who, pick in acts]
        self._give("at once", events)

    @rule(who=who, text=st.sampled_from(WORDS))
    def writes(self, who: int, text: str) -> None:
        person = self._person(who)
        self._give(f"{person.name} writes", [person.says(text)])

    @rule(who=who)
    def tells(self, who: int) -> None:
        person = self._person(who)
        self._give(f"{person.name} tells", [person.tells()])

    @rule(who=who, name=st.sampled_from(BEGUN))
    def begins(self, who: int, name: str) -> None:
        person = self._person(who)
        self._give(f"{person.name} begins {name}", [person.taps(f"!{name}")])

    @rule(who=who, pick=somewhere, times=st.integers(1, 2))
    def taps(self, who: int, pick: int, times: int) -> None:
        """Any button that was ever sent to them, also twice."""
        person = self._person(who)
        if buttons := person.buttons():
            data = buttons[-1 - pick % len(buttons)].data
            self._give(f"{person.name} taps", [person.taps(data) for _ in range(times)])

    @rule(who=who, other=who, pick=somewhere)
    def taps_what_is_not_theirs(self, who: int, other: int, pick: int) -> None:
        person, buttons = self._person(who), self._person(other).buttons()
        data = buttons[pick % len(buttons)].data if buttons else FORGED[pick % len(FORGED)]
        self._give(f"{person.name} taps somebody else's", [person.taps(data)])

    @rule(who=who, data=st.sampled_from(FORGED))
    def forges(self, who: int, data: str) -> None:
        person = self._person(who)
        self._give(f"{person.name} forges", [person.taps(data)])

    @rule(who=who, kind=st.sampled_from(KINDS), text=st.sampled_from(("", "this is me", DANGER[0])))
    def shows(self, who: int, kind: str, text: str) -> None:
        person = self._person(who)
        self._give(f"{person.name} shows a {kind}", [person.shows(kind, text)])

    @rule(who=who, text=st.sampled_from(DANGER))
    def is_in_danger(self, who: int, text: str) -> None:
        person = self._person(who)
        self._give(f"{person.name} is in danger", [person.says(text)])

    @rule(who=who)
    def asks_for_a_human(self, who: int) -> None:
        person = self._person(who)
        self._give(f"{person.name} asks for a human", [person.taps("!human")])

    @rule(who=who, back=st.booleans())
    def blocks(self, who: int, back: bool) -> None:
        person = self._person(who)
        self._give(f"{person.name} blocks us", [person.blocks()])
        if back:
            self._give(f"{person.name} comes back", [person.starts()])

    @rule(who=who)
    def takes_the_other_phone(self, who: int) -> None:
        person = self._person(who)
        contact = person.contact(self.now)
        if contact is not None:
            person.takes_second_address(contact)
            self.now = self.town.look()
            person.at += 1

    @rule(who=who)
    def deletes_everything(self, who: int) -> None:
        person = self._person(who)
        self._leave(person)
        self._give(f"{person.name} opens their data", [person.taps("!my_data")])
        for choice in ("forget", "yes"):
            if data := _data(person, choice):
                self._give(f"{person.name} taps {choice}", [person.taps(data)])

    @rule(who=who, days=st.sampled_from((0, 2, 4, 8)))
    def wants_to_be_asked(self, who: int, days: int) -> None:
        person = self._person(who)
        self._leave(person)
        self._give(f"{person.name} begins a check-in", [person.taps("!check_in")])
        if data := _data(person, "later"):
            self._give(f"{person.name} wants to be asked later", [person.taps(data)])
        if days:
            self.time_passes(timedelta(days=days))

    @rule(who=who, pick=somewhere)
    def the_platform_repeats(self, who: int, pick: int) -> None:
        person = self._person(who)
        if person.spoken:
            self._give(f"the platform repeats {person.name}", [person.spoken[-1 - pick % len(person.spoken)]])

    # --------------------------------------------------------------------- counsellors

    @rule(who=who, both=st.booleans(), words=st.integers(0, 3), ends=st.sampled_from(("close", "leave", "stay")))
    def talk(self, who: int, both: bool, words: int, ends: str) -> None:
        """A talk as it should be."""
        person = self._person(who)
        self._give(f"{person.name} asks for a human", [person.taps("!human")])
        contact = person.contact(self.now)
        ticket = self.now.ticket(contact) if contact is not None else None
        if contact is None or ticket is None:
            return
        self._claim(ticket["id"], COUNSELLORS if both else COUNSELLORS[:1])
        self._reply(ticket["id"], contact, words)
        self._give(f"{person.name} tells", [person.tells()])
        if ends == "close":
            self._close(ticket["id"])
        elif ends == "leave":
            self._leave(person)

    def _leave(self, person: Person) -> None:
        """Out of the talk, if there is one."""
        contact = person.contact(self.now)
        if contact is not None and self.now.ticket(contact):
            self._give(f"{person.name} leaves the talk", [person.taps("!leave")])

    @precondition(lambda self: self.chats)
    @rule(pick=which, both=st.booleans())
    def claim(self, pick: int, both: bool) -> None:
        self._claim(self._chat(pick)[0], COUNSELLORS if both else (COUNSELLORS[pick % 2],))

    def _claim(self, ticket: int, counsellors: Sequence[int]) -> None:
        was = self.now.tickets.get(ticket)

        async def work() -> None:
            await asyncio.gather(*(self._staff(lambda one=one: self.town.staff.claim(ticket, one))
                                   for one in counsellors))

        async def one_dies() -> None:
            """Two desks in a process that may die: one after the other."""
            for one in counsellors:
                await self._staff(lambda one=one: self.town.staff.claim(ticket, one))

        self._happens(f"claim {ticket}", one_dies if self.town.faults.deadly else work)
        _one_wins(was, self.now.tickets.get(ticket), counsellors)

    @precondition(lambda self: self.chats)
    @rule(pick=which, times=st.integers(1, 3))
    def reply(self, pick: int, times: int) -> None:
        self._reply(*self._chat(pick), times)

    def _reply(self, ticket: int, contact: int, times: int) -> None:
        """The button is pressed as often as the counsellor is impatient."""
        person = next(one for one in self.people if one.contact(self.now) == contact)
        key, words = f"r{next(self.town.keys)}", f"Dear {person.mark}, {next(self.town.keys)}"
        owner = (self.now.tickets.get(ticket) or {}).get("counsellor_id") or COUNSELLORS[0]

        async def work() -> None:
            for _ in range(times):
                if await self._staff(lambda: self.town.staff.reply(ticket, owner, words, key)):
                    self.memory.replies[key] = contact, words

        self._happens(f"reply to {person.name} in {ticket}", work)

    @precondition(lambda self: self.chats)
    @rule(pick=which)
    def close(self, pick: int) -> None:
        self._close(self._chat(pick)[0])

    def _close(self, ticket: int) -> None:
        owner = (self.now.tickets.get(ticket) or {}).get("counsellor_id") or COUNSELLORS[0]

        async def work() -> None:
            await self._staff(lambda: self.town.staff.close(ticket, owner, "advised"))

        self._happens(f"close {ticket}", work)

    async def _staff(self, action: Callable[[], Awaitable[Any]]) -> bool:
        """A counsellor presses a button until the page says that it is done, or why not."""

        async def pressed() -> bool:
            await action()
            return True

        for _ in range(8):
            try:
                if await self.town.survive(pressed):
                    return True
            except StoreError:
                continue
            except DeskError:
                return False
        raise AssertionError("a counsellor can do nothing")

    # ------------------------------------------------------------------ time and faults

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        """Let the clock turn; what becomes due meanwhile happens at its time."""
        end = self.town.clock.now() + span
        for _ in range(MOST_SWEEPS):
            due = min((one for one in _dues(self.now) if one <= end), default=None)
            if due is None:
                break
            self._sweep(due)
        self._sweep(end)

    @rule(pick=which)
    def deploy(self, pick: int) -> None:
        versions = FORMS if pick % 3 else INTAKES
        version = versions[pick % len(versions)]
        self.town.deployed[version.name] = version
        self._deploy(f"deploy {version.name} {pick % len(versions)}")

    @rule(point=st.sampled_from(POINTS), after=st.integers(0, 3), acts=acts)
    def dies(self, point: str, after: int, acts: list[tuple[int, int]]) -> None:
        """The process dies at this point: now, or when it comes to it."""
        note(f"the process will die at {point}, the {after + 1}. time")
        self.town.faults.deadly = point, after
        self.at_once(acts)

    @rule(times=st.integers(1, 3), acts=acts)
    def database_refuses(self, times: int, acts: list[tuple[int, int]]) -> None:
        note(f"the database will refuse {times}")
        self.town.faults.refusals = times
        self.at_once(acts)

    @rule(who=who, troubles=st.lists(st.sampled_from(TROUBLES), min_size=1, max_size=2), acts=acts)
    def does_not_arrive(self, who: int, troubles: list[str], acts: list[tuple[int, int]]) -> None:
        person = self._person(who)
        channel, address = person.places[person.at % len(person.places)]
        note(f"sending to {person.name}: {troubles}")
        self.town.phones[channel].troubles[address].extend(troubles)
        self.at_once([(who, pick) for _, pick in acts])

    @rule(channel=st.sampled_from(CHANNELS), out=st.booleans())
    def breaks_down(self, channel: str, out: bool) -> None:
        note(f"{channel} is {'down' if out else 'up'}")
        self.town.phones[channel].outage = out

    # ------------------------------------------------------------------------- the end

    def teardown(self) -> None:
        try:
            if not self.broken and self.people:
                self._all_is_well_again()
        finally:
            try:
                self.loop.run_until_complete(self.town.close())
            finally:
                self.loop.close()

    def _all_is_well_again(self) -> None:
        """2. No word is lost: with nothing in its way, all that was to be said is said."""
        faults = self.town.faults
        faults.deadly, faults.refusals = None, 0
        for phones in self.town.phones.values():
            phones.outage = False
            phones.troubles.clear()
        for _ in range(MOST_SWEEPS):
            self._sweep(self.town.clock.now() + timedelta(minutes=15))
            if not any(row["state"] == "queued" for row in self.now.messages):
                return
        raise AssertionError("something is never sent")

    # -------------------------------------------------------------------- how it is done

    def _person(self, number: int) -> Person:
        return self.people[number % len(self.people)]

    def _chat(self, pick: int) -> tuple[int, int]:
        return self.chats[-1 - pick % len(self.chats)]

    def _act(self, person: Person, pick: int) -> FromPerson:
        """Something that a person does."""
        kind, rest = pick % 8, pick // 8
        buttons = person.buttons()
        match kind:
            case 0 if buttons:
                return person.taps(buttons[-1 - rest % len(buttons)].data)
            case 1:
                return person.says(WORDS[rest % len(WORDS)])
            case 2:
                return person.tells()
            case 3 if rest % 6 == 0:
                return person.says(DANGER[rest % len(DANGER)])
            case 4 if rest % 3 == 0:
                return person.blocks()
            case 5 if rest % 3 == 0:
                return person.taps("!human")
            case 6 if person.spoken:
                return person.spoken[-1 - rest % len(person.spoken)]
        return person.answers(rest, self.now)

    def _give(self, what: str, events: Sequence[FromPerson]) -> None:
        if events:
            new = [one for one in {(one.channel, one.key): one for one in events}.values()
                   if (one.channel, one.key) not in self.seen]
            self.seen |= {(one.channel, one.key) for one in new}
            for person in self.people:
                person.spoken += [one for one in new if (one.channel, one.address) in person.places]
            self._happens(f"{what}: {[_shown(one) for one in events]}", lambda: self.town.give(events), events, new)

    def _sweep(self, at: datetime) -> None:
        self.town.clock.turn(max(at - self.town.clock.now(), timedelta(0)))
        self._happens(f"it is {self.town.clock.now():%a %H:%M}", self.town.sweep, is_sweep=True)

    def _deploy(self, what: str) -> None:
        self._happens(what, self.town.deploy, is_deploy=True)

    def _happens(self, what: str, work: Callable[[], Awaitable[None]], given: Sequence[FromPerson] = (),
                 new: Sequence[FromPerson] = (), **more: Any) -> None:
        note(what)
        self.broken = True
        self.loop.run_until_complete(self._step(what, work, given, new, more))
        self.broken = False

    async def _step(self, what: str, work: Callable[[], Awaitable[None]], given: Sequence[FromPerson],
                    new: Sequence[FromPerson], more: dict[str, Any]) -> None:
        town, before = self.town, self.now
        town.clock.turn(timedelta(seconds=2))
        arrived, deaths = len(town.arrived), town.deaths
        self._expect_refusals(new)
        await work()
        await town.settle()
        self.now = town.look()
        for one in new:
            contact = self.now.contact_of(one.channel, one.address)
            self.memory.taken.setdefault(contact or 0, []).append(one.key)
        step = Step(town, self.people, before, self.now, what, given, new, arrived=town.arrived[arrived:],
                    deaths=town.deaths - deaths, **more)
        for promise in (note_the_step, *PROMISES):
            promise(step, self.memory)
        town.faults.refused = 0
        self._counsellors_look()

    def _expect_refusals(self, new: Sequence[FromPerson]) -> None:
        """What a person's own wish lets fail."""
        for one in new:
            if isinstance(one, Stopped):
                self.town.refused[one.channel, one.address].add("blocked")
            said_stop = (isinstance(one, Tap) and one.data == "!stop") or (
                isinstance(one, Message) and intent(one.text) == "stop")
            if said_stop:
                for person in self.people:
                    for place in person.places if (one.channel, one.address) in person.places else ():
                        self.town.refused[place].add("stopped")

    def _counsellors_look(self) -> None:
        for key, row in self.now.tickets.items():
            if (key, row["contact_id"]) not in self.chats:
                self.chats.append((key, row["contact_id"]))


async def _opened(loop: asyncio.AbstractEventLoop) -> Town:
    town = Town(loop)
    await town.open()
    return town


def _quiet_about_deaths(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What was under way in a process that died ends with it."""
    if not isinstance(context.get("exception"), Died):
        loop.default_exception_handler(context)


def _data(person: Person, choice: str) -> str:
    """The button that stands for this choice, on the newest message that has one."""
    return next((button.data for one in reversed(person.got()) for button in one.message.buttons
                 if button.data.rpartition(":")[2] == choice), "")


def _dues(snapshot: Snapshot) -> Iterator[datetime]:
    yield from (moment(row["due_at"]) for row in snapshot.reminders.values() if row["state"] == "waiting")
    yield from (moment(row["due_at"]) for row in snapshot.messages if row["state"] == "queued" and row["attempts"])


def _shown(event: FromPerson) -> str:
    words = str(getattr(event, "text", "") or getattr(event, "data", ""))
    return f"{event.address} {type(event).__name__} {words[:40]!r}"


def _one_wins(was: Any, now: Any, counsellors: Sequence[int]) -> None:
    """9. Two counsellors cannot both claim a chat."""
    if was is not None and now is not None and was["opened_at"] == now["opened_at"] and was["state"] != "closed":
        assert now["counsellor_id"] in counsellors if was["state"] == "waiting" else (
            now["counsellor_id"] == was["counsellor_id"]), "a chat changed hands, or nobody has it"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The bot's log says nothing here: faults are meant."""
    structlog.configure(processors=[_dropped])
    yield
    structlog.reset_defaults()


def _dropped(*_: Any) -> Any:
    raise structlog.DropEvent


def test_the_promises_hold() -> None:
    machine: Any = Talks
    if "MODEL_SEED" in os.environ:
        machine = seed(int(os.environ["MODEL_SEED"]))(Talks)
    with patch("storage.linking.secrets.randbelow", lambda most: most // 3):  # the same code in each run
        run_state_machine_as_test(machine, settings=settings(
            max_examples=EXAMPLES or 30, stateful_step_count=STEPS, derandomize=not EXAMPLES, deadline=None,
            database=None, suppress_health_check=list(HealthCheck), phases=PHASES, report_multiple_bugs=False,
        ))
