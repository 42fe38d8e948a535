"""A town for journeys: the real App in process, the fake Telegram over real HTTP, a clock that is turned by hand."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App, build, running
from bot.channels.telegram import Telegram
from bot.clock import StoppedClock
from bot.receive.staff import StaffDesk
from bot.render import BACK, SKIP
from bot.settings import Settings
from conversations import CONVERSATIONS
from conversations.engine import THAT_IS_ALL
from conversations.model import Choose, Group, Review
from storage import staff
from storage.processes import together
from storage.tables import Address, Counsellor, Message, Reminder, Run, Ticket
from tests.fakes.telegram_api import FakeTelegram, Person, Refusal, Shown
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
class Phone:
    """A person who reads in one language; knows the texts of a question by conversation and step."""

    town: Town
    person: Person
    language: str = "de"
    _seen: int = 0

    # ------------------------------------------------------------------ what they do

    async def says(self, text: str) -> list[Shown]:
        self.person.says(text)
        await self.town.settle()
        return self.new()

    async def starts(self) -> list[Shown]:
        return await self.says("/start")

    async def taps(self, label: str) -> list[Shown]:
        """Tap a button of the newest message; its keyboard is gone afterwards."""
        on = self.person.messages[-1]
        self.town.tapped.append(self.person.taps(label, on))
        await self.town.settle()
        await self.person.waits_for(lambda _: not on.rows)
        return self.new()

    async def picks(self, conversation: str, step: str, choice: str) -> list[Shown]:
        self.is_asked(conversation, step)
        return await self.taps(self.label(conversation, step, choice))

    async def writes(self, conversation: str, step: str, text: str) -> list[Shown]:
        self.is_asked(conversation, step)
        return await self.says(text)

    async def skips(self, conversation: str, step: str) -> list[Shown]:
        self.is_asked(conversation, step)
        return await self.taps(self.text(SKIP))

    async def goes_back(self) -> list[Shown]:
        return await self.taps(self.text(BACK))

    # ------------------------------------------------------------------ what they see

    def new(self) -> list[Shown]:
        """What has come since the last look."""
        come, self._seen = self.person.messages[self._seen :], len(self.person.messages)
        return come

    @property
    def last(self) -> Shown:
        assert self.person.messages, "nothing has come yet"
        return self.person.messages[-1]

    def is_asked(self, conversation: str, step: str) -> None:
        wanted = self.question(conversation, step)
        assert wanted, f"{conversation} has no question {step}"
        assert wanted in self.last.text, f"{conversation}:{step} is not asked; {self.person.view()}"

    def text(self, message: str, **args: str) -> str:
        return self.town.app.translator.text(self.language, message, **args)

    def question(self, conversation: str, step: str) -> str:
        """The beginning of the question, up to the first thing that is filled in."""
        found = CONVERSATIONS[conversation].find(step)
        if isinstance(found, Group):
            shown = found.first if step == f"{found.id}/0?" else found.again
        else:
            shown = getattr(found, "text", "")
        parts = self.text(shown).replace("}", "{").split("{")[::2]
        return max(parts, key=len)

    def label(self, conversation: str, step: str, choice: str) -> str:
        found = CONVERSATIONS[conversation].find(step)
        if isinstance(found, Group):
            return self.text(found.add if choice == "add" else found.done)
        if isinstance(found, Review):
            return self.text(found.confirm) if choice == "yes" else self._line(conversation, choice)
        assert isinstance(found, Choose)
        if choice == "done":
            return self.text(THAT_IS_ALL)
        names = self.town.app.translator.names()
        labels = {one.id: one.label for one in found.choices}
        return names[choice] if found.over == "languages" else self.text(labels[choice])

    def _line(self, conversation: str, path: str) -> str:
        """The button of a summary's line: it begins with the line's number."""
        label = self.text(CONVERSATIONS[conversation].find(path).label)
        return next(one for one in self.last.buttons if one.partition(". ")[2] == label)


@asynccontextmanager
async def open_town(
    folder: Path, prepared: str, patch: pytest.MonkeyPatch, **settings: Any
) -> AsyncIterator[Town]:
    """A new town. The pace of Telegram is lifted: what is tested here is order, not speed. It is led at once."""
    patch.setattr(Telegram, "limits", replace(Telegram.limits, a_second=FAST, a_second_each=FAST))
    patch.setattr(together, "TRY_EVERY", 0.01)
    url = database.new(folder, prepared)
    given = {"data_dir": folder, "database_url": url, "office_hours": OFFICE_HOURS, **settings}
    clock = StoppedClock(MONDAY)
    async with Strict() as fake:
        app = build(Settings(telegram_token=fake.token, telegram_api_url=fake.url, **given), clock)
        who = select(Counsellor.id).where(Counsellor.login == "mimoza")
        counsellor = await app.store.read(lambda connection: connection.execute(who).scalar_one())
        async with running(app):
            yield Town(fake, app, clock, StaffDesk(app.receive, app.turn_clock), counsellor)
