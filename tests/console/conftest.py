"""A console with invented people on a database of its own, and a desk that only notes what it is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import Connection, insert, select, update
from starlette.testclient import TestClient

from bot.clock import StoppedClock
from bot.console import ConsoleParts, console_routes
from bot.hours import OfficeHours
from bot.live import Live
from bot.receive.arranging import Offer
from bot.receive.passing_on import Proposal
from bot.receive.staff import Picture
from bot.receive.taking_back import NOT_THERE
from bot.settings import Settings
from conversations.register import seed
from storage import appointments, closings, desk, referrals, staff, taking_back, tickets
from storage.desk import DeskError
from storage.staff import CounsellorView
from storage.store import Store
from storage.tables import (
    Address,
    Consent,
    Contact,
    Message,
    PlanStep,
    Referral,
    Run,
    Task,
    Ticket,
)
from tests.support import database
from tests.support.chromium import browser
from tests.support.rows import put
from tests.support.world import shared_translator

__all__ = ["browser"]
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PASSWORD = "kept in a blue folder"
CODE_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""In the coordinator's phone."""
ORIGIN = "http://testserver"


def ago(**past: float) -> datetime:
    return NOW - timedelta(**past)


@dataclass
class FakeDesk:
    """Stores enough for pages to show; `fails` is what the next action says instead."""

    store: Store
    clock: StoppedClock
    live: Live
    fails: str = ""
    keys: set[str] = field(default_factory=set)
    pictures: list[Picture] = field(default_factory=list)
    turned: list[int] = field(default_factory=list)
    announced: list[date] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    """The chats in which a form is open."""

    def _may_fail(self) -> None:
        if self.fails:
            raise DeskError(self.fails)

    async def claim(self, ticket_id: int, counsellor_id: int) -> str | None:
        self._may_fail()
        mine = update(Ticket).where(Ticket.id == ticket_id, Ticket.state == "waiting")
        mine = mine.values(state="assigned", counsellor_id=counsellor_id, assigned_at=self.clock.now())
        await self.store.write(lambda connection: connection.execute(mine).rowcount)
        self.live.publish("queue")
        view = await self.store.read(lambda connection: desk.ticket(connection, ticket_id))
        return None if view is None or view.counsellor_id == counsellor_id else view.assignee

    async def reply(
        self, ticket_id: int, counsellor_id: int, text: str, key: str, *, pictures: Sequence[Picture] = ()
    ) -> int | None:
        self._may_fail()
        if key in self.keys:
            return None
        self.keys.add(key)
        self.pictures += pictures
        new = await self.store.write(
            lambda connection: say(
                connection, contact_of(connection, ticket_id), "counsellor", text, self.clock.now(),
                state="queued", counsellor_id=counsellor_id,
            )
        )
        contact_id = await self.store.read(lambda connection: contact_of(connection, ticket_id))
        self.live.publish(f"contact:{contact_id}")
        return new

    async def take_back(self, ticket_id: int, message_id: int, me: CounsellorView, distributes: bool) -> str:
        self._may_fail()

        def work(connection: Connection) -> str:
            contact_id = contact_of(connection, ticket_id)
            one = taking_back.ours(connection, contact_id, message_id)
            if one is None:
                raise DeskError(NOT_THERE)
            taking_back.take_back(connection, contact_id, one, {}, me.id, self.clock.now())
            return one.text

        return await self.store.write(work)

    async def close(self, ticket_id: int, counsellor_id: int, outcome: str, reason: str = "") -> None:
        self._may_fail()
        now = self.clock.now()
        await self.store.write(lambda connection: tickets.close(connection, ticket_id, "counsellor", outcome, now))

    async def note(self, ticket_id: int, counsellor_id: int, text: str) -> None:
        self._may_fail()
        await self.store.write(
            lambda connection: desk.add_note(
                connection, contact_of(connection, ticket_id), ticket_id, counsellor_id, text, self.clock.now()
            )
        )

    async def ask_form(self, ticket_id: int, counsellor_id: int) -> None:
        self._may_fail()
        self.asked.append(ticket_id)

    async def end_form(self, ticket_id: int, counsellor_id: int) -> None:
        self._may_fail()
        self.asked.remove(ticket_id)

    async def finish_task(self, task_id: int, counsellor_id: int) -> None:
        self._may_fail()
        await self.store.write(
            lambda connection: desk.finish_task(connection, task_id, counsellor_id, self.clock.now())
        )

    async def confirm_help(self, task_id: int, counsellor_id: int) -> None:
        self._may_fail()
        await self.finish_task(task_id, counsellor_id)

    async def of_age(self, task_id: int, counsellor_id: int) -> None:
        self._may_fail()
        await self.store.write(lambda connection: desk.of_age(connection, task_id, counsellor_id, self.clock.now()))

    async def propose_referral(self, contact_id: int, counsellor_id: int, what: Proposal, key: str) -> None:
        self._may_fail()
        sends = {"name": "Somebody", "words": what.words, "official": what.official}
        await self.store.write(lambda connection: referrals.propose(
            connection, contact_id, f"by-hand.{key}", what.partner, sends, self.clock.now(), counsellor_id))

    async def move_referral(
        self, contact_id: int, referral_id: int, was: str, state: str, outcome: str, counsellor_id: int
    ) -> None:
        self._may_fail()
        await self.store.write(lambda connection: referrals.set_state(
            connection, contact_id, referral_id, was, state, outcome, counsellor_id, self.clock.now()))

    async def offer_times(self, contact_id: int, counsellor_id: int, what: Offer, key: str) -> None:
        self._may_fail()
        await self.store.write(lambda connection: appointments.offer(
            connection, contact_id, f"by-hand.{key}", counsellor_id, what.times, what.minutes, what.place, what.bring,
            self.clock.now()))

    async def offer_other_times(
        self, contact_id: int, appointment_id: int, times: Sequence[datetime], counsellor_id: int
    ) -> None:
        self._may_fail()
        await self.store.write(lambda connection: appointments.offer_again(
            connection, appointments.get(connection, contact_id, appointment_id), times, self.clock.now()))

    async def set_appointment(
        self, contact_id: int, appointment_id: int, changes: int, state: str, counsellor_id: int
    ) -> None:
        self._may_fail()
        await self.store.write(lambda connection: appointments.move(
            connection, appointments.get(connection, contact_id, appointment_id), state, self.clock.now()))

    async def close_case(self, contact_id: int, counsellor_id: int, why: str, note: str, tell: bool) -> None:
        self._may_fail()
        await self.store.write(lambda connection: closings.close(
            connection, contact_id, why, note, counsellor_id, self.clock.now()))

    async def announce_end(self, contact_id: int, counsellor_id: int, day: date) -> None:
        self._may_fail()
        self.announced.append(day)

    async def reopen_case(self, contact_id: int, counsellor_id: int) -> None:
        self._may_fail()
        await self.store.write(lambda connection: closings.reopen(connection, contact_id, self.clock.now()))

    async def retry(self, task_id: int, counsellor_id: int) -> None:
        self._may_fail()

    async def turn_clock(self, days: int) -> None:
        self.turned.append(days)
        self.clock.turn(timedelta(days=days))


@dataclass
class Invented:
    """The ids of those who are in every console's database at the start."""

    mira: int = 0
    arben: int = 0
    tickets: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)


@dataclass
class Book:
    """The office hours that pages count with; at the start nobody knows them."""

    hours: OfficeHours = field(default_factory=lambda: OfficeHours.parse("", ZoneInfo("Europe/Belgrade")))


@dataclass
class World:
    store: Store
    clock: StoppedClock
    live: Live
    desk: FakeDesk
    app: FastAPI
    client: TestClient
    mira: int
    arben: int
    wake: Callable[[], object]
    """Makes open pages look again."""
    tickets: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    book: Book = field(default_factory=lambda: Book())

    def sign_in(self, login: str = "mira", client: TestClient | None = None) -> None:
        browser = client or self.client
        answer = browser.post("/console/sign-in", data={"login": login, "password": PASSWORD}, follow_redirects=False)
        assert answer.status_code == 303
        if answer.headers["location"].startswith("/console/code"):
            answer = browser.post("/console/code", data={"code": self.code()}, follow_redirects=False)
            assert answer.status_code == 303, answer.text

    def code(self) -> str:
        """What the coordinator's phone shows now. Each opens once: the clock goes on."""
        self.clock.at += timedelta(seconds=30)
        return str(pyotp.TOTP(CODE_SECRET).at(self.clock.at))

    def change(self, work: Any) -> Any:
        with self.store.engine.connect().execution_options(writes=True) as connection, connection.begin():
            return work(connection)

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)


# ------------------------------------------------------------- invented people


def contact_of(connection: Connection, ticket_id: int) -> int:
    return int(connection.execute(select(Ticket.contact_id).where(Ticket.id == ticket_id)).scalar_one())


def someone(connection: Connection, name: str | None, language: str = "sq", **more: Any) -> int:
    known = {"name": name} if name else {}
    values = {"created_at": ago(days=40), "time_zone": "Europe/Belgrade", "known": known, "consents": {}, **more}
    contact_id = put(connection, Contact, language=language, **values)
    put(connection, Address, contact_id=contact_id, channel="telegram", address=str(1000 + contact_id),
        last_used_at=ago(hours=1))
    return contact_id


def say(connection: Connection, contact_id: int, author: str, text: str, at: datetime, **more: Any) -> int:
    state = "received" if author == "person" else "sent"
    values = {"kind": "text", "state": state, "channel": "telegram", **more}
    return put(connection, Message, contact_id=contact_id, address=str(1000 + contact_id),
               author=author, text=text, at=at, **values)


def handed_off(connection: Connection, contact_id: int, area: str, opened_at: datetime, **more: Any) -> int:
    waits = None if more.get("state") == "closed" else opened_at
    return put(connection, Ticket, contact_id=contact_id, area=area, opened_at=opened_at,
               **{"reason": "", "waiting_since": waits, **more})


def fill(connection: Connection, world: Invented) -> None:
    """Five chats: two waiting, one urgent, one of each counsellor, one closed."""
    world.mira = staff.add_counsellor(connection, "Mira", "Mira Krasniqi", "counsellor", PASSWORD, NOW)
    world.arben = staff.add_counsellor(connection, "arben", "Arben Gashi", "coordinator", PASSWORD, NOW)
    staff.set_code_secret(connection, world.arben, CODE_SECRET, None)
    names = {"agon": "sq", "dita": "de", "luan": "sq", "vesna": "sr", "besa": "sq"}
    for name, language in names.items():
        world.people[name] = someone(connection, name.capitalize(), language)
    opened = {
        "agon": ("employment", ago(hours=3, minutes=20), {}),
        "dita": ("migration", ago(days=1), {}),
        "luan": ("psychosocial", ago(minutes=8), {"urgent": True, "reason": "Asked for a person"}),
        "vesna": ("reintegration", ago(hours=5), {"state": "assigned", "counsellor_id": world.mira, "unread": 2}),
        "besa": ("employment", ago(hours=2), {"state": "assigned", "counsellor_id": world.arben}),
    }
    for name, (area, at, more) in opened.items():
        world.tickets[name] = handed_off(connection, world.people[name], area, at, **more)
        say(connection, world.people[name], "person", f"Message of {name}", at)
    _past(connection, world)
    _vesna(connection, world.people["vesna"])


def _past(connection: Connection, world: Invented) -> None:
    world.people["ilir"] = someone(connection, None)
    world.tickets["ilir"] = handed_off(
        connection, world.people["ilir"], "general", ago(days=9), state="closed", closed_at=ago(days=8),
        closed_by="counsellor", outcome="advised", counsellor_id=world.arben,
    )


def _vesna(connection: Connection, contact_id: int) -> None:
    """A person with something in every part of her page."""
    answers = {"name": "Vesna", "municipality": "Gračanica"}
    put(connection, Run,
        contact_id=contact_id, conversation="intake", answers=answers, touched=1, started_at=ago(days=3),
        updated_at=ago(days=2), ended_at=ago(days=2))
    put(connection, PlanStep,
        contact_id=contact_id, key="p1", what="Bring the birth certificate", by=date(2026, 12, 1),
        created_at=ago(days=2), changed_at=ago(days=2))
    put(connection, Task,
        contact_id=contact_id, key="t1", kind="question", area="reintegration", about="Is the school place sure?",
        opened_at=ago(days=2), due_at=ago(hours=20))
    put(connection, Referral,
        contact_id=contact_id, key="r1", partner="employment_office", created_at=ago(days=2), changed_at=ago(days=2),
        state="consented")
    connection.execute(insert(Consent).values(
        contact_id=contact_id, purpose="keep", version="1", language="sr", given=True, at=ago(days=3),
    ))


def intake_lines(raw: dict[str, Any], language: str) -> list[tuple[str, str, str]]:
    return [("About the person", key.capitalize(), str(value)) for key, value in raw.items()]


def sheet(connection: Connection, contact_id: int, hidden: Collection[str]) -> dict[str, Any] | None:
    """The plan on paper of whoever is there."""
    there = connection.scalar(select(Contact.id).where(Contact.id == contact_id)) is not None
    blank = {"title": "Plani im", "language": "sq", "day": "2026-11-23", "head": [], "steps": [], "done_title": "",
             "done": [], "door": "", "back": "", "note": ""}
    return blank if there else None


@cache
def _filled() -> tuple[str, Invented]:
    """A template with the invented people in it: worlds begin with a copy."""
    invented = Invented()

    def work(url: str) -> None:
        with (
            database.opened(url) as engine,
            engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            fill(connection, invented)

    return database.prepared(work, database.with_tables()), invented


@contextmanager
def new_world(demo: bool = False) -> Iterator[World]:
    template, invented = _filled()
    with database.lent(template) as engine:
        store = Store(engine)
        clock, live = StoppedClock(NOW), Live()
        fake = FakeDesk(store, clock, live)
        app, book = FastAPI(), Book()
        settings = Settings(centre_name="The Centre", telegram_staff_group=-1001234567890)
        parts = ConsoleParts(store, clock, live, fake, settings, intake_lines, lambda: book.hours,
                             shared_translator(), seed(), demo, plan_sheet=sheet,
                             links=lambda code: [("Telegram", f"https://t.me/centre_bot?start={code}")])
        app.router.routes += console_routes(parts).routes
        client = TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN})
        try:
            yield World(store, clock, live, fake, app, client, invented.mira, invented.arben, live.wake_all,
                        dict(invented.tickets), dict(invented.people), book)
        finally:
            store.close()


@pytest.fixture(scope="package", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hashing is slow on purpose; here it need not be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staff, "hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def world(databases: None) -> Iterator[World]:
    with new_world() as made:
        yield made


@pytest.fixture
def desk_of_mira(world: World) -> World:
    """The same, with Mira signed in."""
    world.sign_in()
    return world
