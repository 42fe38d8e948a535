"""A town for journeys: the real App in process, the fake Telegram over real HTTP, a clock that is turned by hand."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import select

from bot.app import App, build, running
from bot.channels.telegram import Telegram
from bot.clock import StoppedClock
from bot.receive.staff import StaffDesk
from bot.settings import Settings
from bot.site import site
from storage import staff
from storage.processes import together
from storage.tables import Address, Counsellor, Message, Reminder, Run, Ticket
from tests.channels.telegram.posted import address_of, bound
from tests.fakes.telegram_api import FakeTelegram, Person, Refusal
from tests.journey.reader import Reader
from tests.support import database

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""11:00 in Kosovo, a working day."""
OFFICE_HOURS = "Mon-Fri 09:00-16:00"
PASSWORD = "kept in a blue folder"
FAST = 1e9


class Strict(FakeTelegram):
    """The fake, which also remembers what it refused because the bot did something that Telegram does not allow."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[tuple[str, str]] = []

    async def _result(self, method: str, parameters: dict[str, Any]) -> object:
        try:
            return await super()._result(method, parameters)
        except Refusal as refusal:
            self.refused.append((method, refusal.description))
            raise


def prepare(url: str) -> None:
    """A database as a new installation has it, with a counsellor."""
    app = build(Settings(data_dir=database.folder(), database_url=url), StoppedClock(MONDAY), [])
    with app.store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        staff.add_counsellor(connection, "mimoza", "Mimoza", "counsellor", PASSWORD, MONDAY)
    app.store.close()


@dataclass
class Town:
    fake: Strict
    app: App
    clock: StoppedClock
    desk: StaffDesk
    counsellor: int
    tapped: list[str] = field(default_factory=list)
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    async def settle(self) -> None:
        """Until what people did is stored, answered and sent, and what they tapped has stopped waiting."""
        await self.fake.waits_for(lambda fake: not fake.unconfirmed)
        await self.app.deliver.drain()
        wanted = set(self.tapped)
        await self.fake.waits_for(lambda fake: wanted <= set(fake.answered))

    async def turn(self, **by: float) -> None:
        """Turn the clock, and let what is due now happen."""
        self.clock.turn(timedelta(**by))
        await self.app.timers.remind()
        await self.app.deliver.reload()
        await self.app.deliver.drain()

    # ------------------------------------------------------------------- the team

    async def ticket(self, phone: Phone) -> dict[str, Any]:
        """The newest ticket of a person."""
        return (await self.rows(Ticket, phone))[-1]

    async def claims(self, phone: Phone) -> None:
        ticket = await self.ticket(phone)
        assert await self.desk.claim(ticket["id"], self.counsellor) is None

    async def replies(self, phone: Phone, *texts: str) -> None:
        ticket = await self.ticket(phone)
        for text in texts:
            await self.desk.reply(ticket["id"], self.counsellor, text, f"key-{next(self._keys)}")

    async def closes(self, phone: Phone) -> None:
        ticket = await self.ticket(phone)
        await self.desk.close(ticket["id"], self.counsellor, "advised")
        await self.settle()

    # ------------------------------------------------------------- what is stored

    async def rows(self, table: Any, phone: Phone) -> list[dict[str, Any]]:
        mine = select(Address.contact_id).where(Address.address == str(phone.person.id))
        columns = select(*table.__table__.columns).where(table.contact_id.in_(mine))
        if table is not Address:
            columns = columns.order_by(table.id)
        return await self.app.store.read(lambda c: [dict(row) for row in c.execute(columns).mappings()])

    async def answers(self, phone: Phone, conversation: str) -> dict[str, Any]:
        runs = [one for one in await self.rows(Run, phone) if one["conversation"] == conversation]
        return {path: value for path, value in runs[-1]["answers"].items() if path[0] != "@"}

    async def is_blocked(self, phone: Phone) -> bool:
        return (await self.rows(Address, phone))[0]["blocked_at"] is not None

    async def outgoing(self, phone: Phone) -> list[dict[str, Any]]:
        return [one for one in await self.rows(Message, phone) if one["author"] != "person"]

    async def reminders(self, phone: Phone) -> list[dict[str, Any]]:
        return await self.rows(Reminder, phone)

    def assert_strict(self) -> None:
        """Everything that Telegram insists on, over all that was sent so far."""
        assert self.fake.refused == []
        assert sorted(self.fake.answered) == sorted(self.tapped), "each tap is answered, and once"
        assert len(self.fake.called("answerCallbackQuery")) == len(self.tapped)
        for call in self.fake.called("sendMessage"):
            assert len(call.parameters["text"].encode("utf-16-le")) <= 2 * 4096
            for row in (call.parameters.get("reply_markup") or {}).get("inline_keyboard", ()):
                for button in row:
                    assert 1 <= len(button["callback_data"].encode()) <= 64


@dataclass
class Phone(Reader):
    """Somebody on Telegram."""

    town: Town
    person: Person
    language: str = "de"
    _seen: int = 0

    @property
    def app(self) -> App:
        return self.town.app

    async def says(self, text: str) -> list[Any]:
        self.person.says(text)
        await self.town.settle()
        return self.new()

    async def starts(self) -> list[Any]:
        return await self.says("/start")

    async def taps(self, label: str) -> list[Any]:
        """The keyboard is gone afterwards."""
        on = self.person.messages[-1]
        self.town.tapped.append(self.person.taps(label, on))
        await self.town.settle()
        await self.person.waits_for(lambda _: not on.rows)
        return self.new()


@asynccontextmanager
async def open_town(
    folder: Path, prepared: str, patch: pytest.MonkeyPatch, is_posted_to: bool = False, **settings: Any
) -> AsyncIterator[Town]:
    """A new town. The pace of Telegram is lifted: what is tested here is order, not speed. It is led at once.
    `is_posted_to`: Telegram comes to our webhook; otherwise we ask."""
    patch.setattr(Telegram, "limits", replace(Telegram.limits, a_second=FAST, a_second_each=FAST))
    patch.setattr(together, "TRY_EVERY", 0.01)
    url = database.new(folder, prepared)
    given = {"data_dir": folder, "database_url": url, "office_hours": OFFICE_HOURS, **settings}
    listening = bound() if is_posted_to else None
    if listening is not None:
        given |= {"telegram_mode": "webhook", "public_url": address_of(listening)}
    clock = StoppedClock(MONDAY)
    async with Strict() as fake:
        app = build(Settings(telegram_token=fake.token, telegram_api_url=fake.url, **given), clock)
        who = select(Counsellor.id).where(Counsellor.login == "mimoza")
        counsellor = await app.store.read(lambda connection: connection.execute(who).scalar_one())
        async with running(app), posted_to(app, listening):
            yield Town(fake, app, clock, StaffDesk(app.receive, app.turn_clock), counsellor)


@asynccontextmanager
async def posted_to(app: App, listening: socket.socket | None) -> AsyncIterator[None]:
    if listening is None:
        yield
        return
    server = uvicorn.Server(uvicorn.Config(site(app, doors=("webhooks",)), log_level="critical", access_log=False,
                                           timeout_graceful_shutdown=2))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        listening.close()
