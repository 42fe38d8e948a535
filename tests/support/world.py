"""A small test world: the real bot on a database file of its own, a stopped clock, people with phones, a counsellor.

Every line goes the whole way: an event, one transaction, the outbox, the phone. Nothing is kept between two lines
but what is in the database.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, func, select

from bot.app import App, build
from bot.channels.base import Button, Handle, Limits, Outgoing, OutgoingMessage
from bot.clock import StoppedClock
from bot.receive import proposing, tell_again, turns
from bot.receive.arranging import Offer
from bot.receive.passing_on import Proposal
from bot.receive.staff import StaffDesk
from bot.settings import Settings
from bot.translate import Translator
from conversations.engine import Given, Progress, Turn, advance
from conversations.events import FromPerson, MediaKind, Message, Started, Stopped, Tap
from conversations.events import Media as MediaSent
from conversations.model import Conversation
from storage import case, staff, steps, tickets
from storage.steps import CONTENT, StepView
from storage.tables import (
    EPOCH,
    Address,
    Appointment,
    Contact,
    Counsellor,
    PlanStep,
    Referral,
    Reminder,
    Run,
    Task,
    Ticket,
)
from tests.support import database

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""10:00 in Kosovo."""
ZONE = ZoneInfo("Europe/Belgrade")
FAST = 1e9
PASSWORD = "kept in a blue folder"
shared_translator = cache(Translator)
"""The catalogues are read once for all worlds."""


class Paper:
    """A channel like Telegram that only writes down what is sent to whom."""

    name = "paper"
    title = "Telegram"
    limits = Limits(text=4096, label=60, a_second=FAST, a_second_each=FAST, media="upload")

    def __init__(self) -> None:
        self.sent: defaultdict[str, list[OutgoingMessage]] = defaultdict(list)
        self.files: dict[int, bytes] = {}
        """What came with a message, by its id."""
        self.handle: Handle | None = None

    async def start(self, handle: Handle) -> None:
        self.handle = handle

    async def begin(self) -> None: ...

    async def cease(self) -> None: ...

    async def stop(self) -> None:
        self.handle = None

    async def send(self, outgoing: Outgoing) -> str | None:
        self.sent[outgoing.address].append(outgoing.message)
        if outgoing.content is not None:
            self.files[outgoing.id] = outgoing.content
        return f"{outgoing.id}"


@dataclass(frozen=True, slots=True)
class Step:
    """One passage through a conversation's engine, for whoever follows along."""

    conversation: Conversation
    before: Progress
    turn: Turn
    given: Given


@dataclass(slots=True)
class World:
    app: App
    clock: StoppedClock
    paper: Paper
    desk: StaffDesk
    counsellor: int
    steps: list[Step]
    """Everything that the engine did, in order."""
    languages: dict[str, str] = field(default_factory=dict)
    """What each person's app says their language is."""
    last: dict[str, FromPerson] = field(default_factory=dict)
    _keys: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _read: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    # ---------------------------------------------------------------- the people

    async def starts(self, person: str = "ana", payload: str = "") -> list[OutgoingMessage]:
        return await self.sends(person, Started(**self._common(person), payload=payload))

    async def says(self, person: str, text: str) -> list[OutgoingMessage]:
        return await self.sends(person, Message(**self._common(person), text=text))

    async def taps(self, person: str, label: str | int, oldest: bool = False) -> list[OutgoingMessage]:
        """Tap a button: by its label, on the newest message that has it, or by its number on the newest message."""
        data = self.button(person, label, oldest).data
        return await self.sends(person, Tap(**self._common(person), data=data))

    async def taps_at_once(self, person: str, *labels: str) -> list[OutgoingMessage]:
        """Several taps that arrive in one batch."""
        data = [self.button(person, label).data for label in labels]
        return await self.sends(person, *(Tap(**self._common(person), data=one) for one in data))

    async def picks(self, person: str, choice: str) -> list[OutgoingMessage]:
        """Tap by the id of the choice, whatever the language."""
        for message in reversed(self.paper.sent[person]):
            for button in message.buttons:
                if button.data.rpartition(":")[2] == choice:
                    return await self.sends(person, Tap(**self._common(person), data=button.data))
        raise AssertionError(f"no button stands for {choice!r}")

    async def sends_media(self, person: str, kind: MediaKind, text: str = "") -> list[OutgoingMessage]:
        return await self.sends(person, MediaSent(**self._common(person), kind=kind, text=text))

    async def blocks(self, person: str) -> list[OutgoingMessage]:
        return await self.sends(person, Stopped(**self._common(person)))

    async def again(self, person: str) -> list[OutgoingMessage]:
        """The platform delivers the last update a second time."""
        return await self.sends(person, self.last[person])

    async def sends(self, person: str, *events: FromPerson) -> list[OutgoingMessage]:
        """Give events to the bot as one batch; what the person gets."""
        self.last[person] = events[-1]
        await self.app.receive.handle(list(events))
        return await self.gets(person)

    async def gets(self, person: str) -> list[OutgoingMessage]:
        """What has arrived on the phone since the last look."""
        await self.app.deliver.drain()
        new = self.paper.sent[person][self._read[person]:]
        self._read[person] = len(self.paper.sent[person])
        return new

    def button(self, person: str, label: str | int, oldest: bool = False) -> Button:
        messages = self.paper.sent[person]
        if isinstance(label, int):
            return messages[-1].buttons[label - 1]
        for message in messages if oldest else reversed(messages):
            for button in message.buttons:
                if button.label == label:
                    return button
        shown = [button.label for button in messages[-1].buttons] if messages else []
        raise AssertionError(f"no message has the button [{label}]; the newest has {shown}")

    def _common(self, person: str) -> dict[str, Any]:
        return {"channel": Paper.name, "address": person, "key": f"{next(self._keys)}", "at": self.clock.now(),
                "language": self.languages.get(person)}

    # ------------------------------------------------------ the clock and the team

    async def turn_clock(self, by: timedelta) -> None:
        """Let time pass; what becomes due meanwhile happens at its moment."""
        end = self.clock.now() + by
        while (due := await self._next_due()) is not None and due <= end:
            self.clock.turn(max(due - self.clock.now(), timedelta(0)))
            if not await self.app.timers.remind():
                break
            await self.app.deliver.drain()
        self.clock.turn(end - self.clock.now())
        await self.app.timers.remind()
        await self.app.deliver.drain()

    async def _next_due(self) -> datetime | None:
        waiting = select(func.min(Reminder.due_at)).where(Reminder.state == "waiting")
        found = await self.read(lambda connection: connection.execute(waiting).scalar())
        return found if found is None or isinstance(found, datetime) else EPOCH + timedelta(microseconds=found)

    async def claims(self, person: str) -> None:
        await self.desk.claim(await self._open_ticket(person), self.counsellor)
        await self.app.deliver.drain()

    async def replies(self, person: str, text: str) -> list[OutgoingMessage]:
        await self.desk.reply(await self._open_ticket(person), self.counsellor, text, f"reply-{next(self._keys)}")
        return await self.gets(person)

    async def closes(self, person: str, outcome: str = "advised") -> list[OutgoingMessage]:
        await self.desk.close(await self._open_ticket(person), self.counsellor, outcome)
        return await self.gets(person)

    async def offers(
        self, person: str, times: Sequence[str], place: str = "", bring: str = "", minutes: int = 60
    ) -> list[OutgoingMessage]:
        """The counsellor offers times, in the time of the centre; without a place, others for the newest one."""
        at = [datetime.fromisoformat(one).replace(tzinfo=ZONE).astimezone(UTC) for one in times]
        contact = await self._contact_id(person)
        if place:
            what = Offer(at, minutes, place, bring)
            await self.desk.offer_times(contact, self.counsellor, what, f"form{next(self._keys)}")
        else:
            newest = (await self.appointments(person))[-1]
            await self.desk.offer_other_times(contact, newest["id"], at, self.counsellor)
        return await self.gets(person)

    async def ends_case(self, person: str, what: str) -> list[OutgoingMessage]:
        """`ends the case: goal`, `announces the end 2026-12-31`."""
        contact, last = await self._contact_id(person), what.split()[-1]
        if what.startswith("announces"):
            await self.desk.announce_end(contact, self.counsellor, date.fromisoformat(last))
        else:
            await self.desk.close_case(contact, self.counsellor, last, "", True)
        return await self.gets(person)

    async def gives_away(self, time: str) -> None:
        """The counsellor offers a time to somebody else, who takes it."""
        await self.starts("somebody else")
        await self.offers("somebody else", [time], "Here")
        data = next(button.data for message in reversed(self.paper.sent["somebody else"])
                    for button in message.buttons if ":pick_time:2" in button.data)
        await self.sends("somebody else", Tap(**self._common("somebody else"), data=data))

    async def notes_appointment(self, person: str, state: str) -> list[OutgoingMessage]:
        """The counsellor notes how the newest appointment went."""
        newest = (await self.appointments(person))[-1]
        await self.desk.set_appointment(await self._contact_id(person), newest["id"], newest["changes"], state,
                                        self.counsellor)
        return await self.gets(person)

    async def proposes(self, person: str, partner: str, words: str, **more: Any) -> list[OutgoingMessage]:
        """The counsellor asks whether this may go to a partner."""
        key, what = f"form{next(self._keys)}", Proposal(partner, words, **more)
        await self.desk.propose_referral((await self._contact_id(person)), self.counsellor, what, key)
        return await self.gets(person)

    async def notes_referral(self, person: str, state: str, outcome: str = "") -> list[OutgoingMessage]:
        """The counsellor notes how the newest referral stands."""
        newest = (await self.referrals(person))[-1]
        await self.desk.move_referral(await self._contact_id(person), newest["id"], newest["state"], state, outcome,
                                      self.counsellor)
        return await self.gets(person)

    async def _contact_id(self, person: str) -> int:
        found = await self.contact(person)
        assert found is not None, f"nobody knows {person}"
        return int(found["id"])

    async def plans(self, person: str, what: str, by: str) -> list[OutgoingMessage]:
        """A step for the plan, as the form on the person's page does it."""
        content = {"what": what, "who": "person", "by": date.fromisoformat(by), "papers": None, "partner": None}

        def work(connection: Connection, contact: int) -> None:
            now = self.clock.now()
            step = case.propose_step(connection, contact, f"{next(self._keys)}", content, self.counsellor, now)
            assert step is not None
            proposing.ask(self.app.receive, connection, contact, step, now)

        return await self._at_the_desk(person, work)

    async def tells_again(self, person: str, fact: str) -> list[OutgoingMessage]:
        """A fact that they asked about has changed, as the fact's page does it, to this one person."""
        def work(connection: Connection, contact: int) -> None:
            register = self.app.receive.turns.knowledge.register
            tell_again.tell_them(self.app.receive, connection, [contact], register.facts[fact], self.clock.now())

        return [*await self._at_the_desk(person, work), *await self._what_is_due(person)]

    async def confirms(self, person: str, about: str) -> list[OutgoingMessage]:
        """Help that is not told before a colleague has looked: yes, they may ask for it."""
        def work(connection: Connection, contact: int) -> None:
            tickets.add_task(connection, {
                "contact_id": contact, "key": f"{tickets.CONFIRM}general", "kind": "question", "area": "general",
                "about": about, "opened_at": self.clock.now(), "due_at": None})
            [task] = tickets.open_with_key(connection, f"{tickets.CONFIRM}general")[-1:]
            tell_again.confirm(self.app.receive, connection, task, self.counsellor, self.clock.now())

        return [*await self._at_the_desk(person, work), *await self._what_is_due(person)]

    async def _what_is_due(self, person: str) -> list[OutgoingMessage]:
        await self.app.timers.remind()
        return await self.gets(person)

    async def would_change(self, person: str, what: str, by: str) -> list[OutgoingMessage]:
        """Another day for a step of the plan."""

        def work(connection: Connection, contact: int) -> None:
            seen, now = _step(connection, contact, what), self.clock.now()
            content = {name: getattr(seen, name) for name in CONTENT} | {"by": date.fromisoformat(by)}
            step = case.offer_step(connection, contact, seen.id, seen.version, content, self.counsellor, now)
            assert step is not None
            proposing.ask(self.app.receive, connection, contact, step, now)

        return await self._at_the_desk(person, work)

    async def marks(self, person: str, what: str, state: str) -> list[OutgoingMessage]:
        """How a step goes, as the counsellor has heard it."""

        def work(connection: Connection, contact: int) -> None:
            seen = _step(connection, contact, what)
            case.set_step(connection, contact, seen.id, seen.version, state, "", self.counsellor, self.clock.now())

        return await self._at_the_desk(person, work)

    async def _at_the_desk(self, person: str, work: Callable[[Connection, int], None]) -> list[OutgoingMessage]:
        contact = await self._contact_id(person)
        await self.app.store.write(lambda connection: work(connection, contact))
        return await self.gets(person)

    async def _open_ticket(self, person: str) -> int:
        found = [one["id"] for one in await self.tickets(person) if one["state"] != "closed"]
        assert found, f"{person} has no open ticket"
        return int(found[-1])

    # ---------------------------------------------------------------- what is stored

    async def read(self, work: Callable[[Connection], Any]) -> Any:
        return await self.app.store.read(work)

    async def rows(self, person: str, *tables: Any) -> list[list[dict[str, Any]]]:
        """A person's rows of each table, read at one moment."""

        def work(connection: Connection) -> list[list[dict[str, Any]]]:
            where = (Address.channel == Paper.name, Address.address == person)
            contact = connection.execute(select(Address.contact_id).where(*where)).scalar()
            return [_rows(connection, table, contact) for table in tables]

        return list(await self.read(work))

    async def _rows(self, person: str, table: Any) -> list[dict[str, Any]]:
        return (await self.rows(person, table))[0]

    async def contact(self, person: str) -> dict[str, Any] | None:
        return next(iter(await self._rows(person, Contact)), None)

    async def known(self, person: str) -> dict[str, Any]:
        found = await self.contact(person)
        return dict(found["known"]) if found else {}

    async def tickets(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, Ticket)

    async def tasks(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, Task)

    async def reminders(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, Reminder)

    async def plan(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, PlanStep)

    async def appointments(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, Appointment)

    async def referrals(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, Referral)

    async def runs(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, Run)

    async def addresses(self, person: str) -> list[dict[str, Any]]:
        return await self._rows(person, Address)


def _step(connection: Connection, contact: int, what: str) -> StepView:
    return next(one for one in steps.all_of(connection, contact) if one.what == what)


def _rows(connection: Connection, table: Any, contact: int | None) -> list[dict[str, Any]]:
    of = Contact.id if table is Contact else table.contact_id
    rows = connection.execute(select(*table.__table__.columns).where(of == contact).order_by(table.id))
    return [dict(row) for row in rows.mappings()]


@cache
def template() -> str:
    """A database with schema, facts and a counsellor, made once; worlds begin with a copy."""
    return database.prepared(_install)


def _install(url: str) -> None:
    with patch("bot.app.Translator", shared_translator):
        app = build(replace(_settings(), database_url=url), StoppedClock(MONDAY), [Paper()])
    with app.store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        staff.add_counsellor(connection, "mimoza", "Mimoza", "counsellor", PASSWORD, MONDAY)
    app.store.close()


@cache
def _settings(**given: Any) -> Settings:
    return Settings(data_dir=database.folder(), **given)


def _build(engine: Engine, clock: StoppedClock, paper: Paper, given: dict[str, Any]) -> App:
    """As in life; only that the copied database needs no second migration and has its facts already."""
    with (
        patch("bot.app.connect", return_value=engine),
        patch("bot.app.Translator", shared_translator),
        patch("bot.app.schema.upgrade"),
        patch("bot.app.facts.seed"),
    ):
        return build(_settings(**given), clock, [paper])


@contextmanager
def _followed(steps: list[Step]) -> Iterator[None]:
    """Note what the engine does."""

    def follow(conversation: Conversation, progress: Progress, action: Any, given: Given, *rest: Any) -> Turn:
        turn = advance(conversation, progress, action, given, *rest)
        steps.append(Step(conversation, progress, turn, given))
        return turn

    with patch.object(turns, "advance", follow):
        yield


@asynccontextmanager
async def new_world(**settings: Any) -> AsyncIterator[World]:
    """A world of its own. Settings by their names in Settings."""
    clock, paper = StoppedClock(MONDAY), Paper()
    steps: list[Step] = []
    with database.lent(template()) as engine, _followed(steps):
        app = _build(engine, clock, paper, settings)
        await app.deliver.start()
        await paper.start(app.receive.handle)
        try:
            mimoza = select(Counsellor.id).where(Counsellor.login == "mimoza")
            counsellor = await app.store.read(lambda connection: connection.execute(mimoza).scalar_one())
            yield World(app, clock, paper, StaffDesk(app.receive, app.turn_clock), counsellor, steps)
        finally:
            await app.deliver.stop()
            app.store.close()


def texts(messages: Sequence[OutgoingMessage]) -> list[str]:
    return [message.text for message in messages]
