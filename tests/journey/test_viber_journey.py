"""The journey of one person over Viber, on the real App, over real HTTP; and what Viber may do meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.app import App, build, running
from bot.channels.viber import Viber
from bot.channels.viber.statuses import AGAIN, BLOCKED, NO_MONEY, PERMANENT
from bot.clock import StoppedClock
from bot.receive.staff import StaffDesk
from bot.settings import Settings
from storage import media, taking_back
from storage.processes import together
from storage.staff import CounsellorView
from storage.tables import Counsellor, Medium, Message, Task, Ticket
from tests.channels.telegram.posted import address_of, bound
from tests.fakes.telegram_api import PHOTO
from tests.fakes.viber_api import FakeViber, Person, Shown
from tests.journey.reader import (
    Reader,
    answers_the_check_in,
    asks_about_work,
    changes_a_line,
    first_contact,
    long_intake,
    short_intake,
)
from tests.journey.town import FAST, MONDAY, OFFICE_HOURS, posted_to
from tests.support import database

NOT_DOCUMENTED = 99


@dataclass
class Place:
    fake: FakeViber
    app: App
    clock: StoppedClock
    desk: StaffDesk
    counsellor: int

    async def settle(self) -> None:
        await self.fake.settled()
        await self.app.deliver.drain()
        await self.fake.settled()

    async def turn(self, **by: float) -> None:
        self.clock.turn(timedelta(**by))
        await self.app.timers.remind()
        await self.app.deliver.reload()
        await self.settle()


@asynccontextmanager
async def open_place(folder: Path, prepared: str, patch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    patch.setattr(Viber, "limits", replace(Viber.limits, a_second=FAST, a_second_each=FAST))
    patch.setattr(together, "TRY_EVERY", 0.01)
    url, clock, listening = database.new(folder, prepared), StoppedClock(MONDAY), bound()
    async with FakeViber(now=lambda: clock.now().timestamp()) as fake:
        app = build(Settings(data_dir=folder, database_url=url, office_hours=OFFICE_HOURS, viber_token=fake.token,
                             viber_api_url=fake.url, public_url=address_of(listening)), clock)
        who = select(Counsellor.id).where(Counsellor.login == "mimoza")
        counsellor = await app.store.read(lambda connection: connection.execute(who).scalar_one())
        async with running(app), posted_to(app, listening):
            await fake.until(lambda: any(status == 200 for _, status in fake.posted), lambda: "no webhook")
            yield Place(fake, app, clock, StaffDesk(app.receive, app.turn_clock), counsellor)


@pytest_asyncio.fixture
async def place(tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    async with open_place(tmp_path, prepared, monkeypatch) as made:
        yield made


@dataclass
class Phone(Reader):
    """Somebody on Viber."""

    place: Place
    person: Person
    language: str = "de"
    _seen: int = 0

    @property
    def app(self) -> App:
        return self.place.app

    async def says(self, text: str) -> list[Shown]:
        self.person.says(text)
        await self.place.settle()
        return self.new()

    async def taps(self, label: str) -> list[Shown]:
        self.person.taps_last(label)
        await self.place.settle()
        return self.new()


async def comes(place: Place) -> Phone:
    """Through the first contact, up to the menu."""
    anna = Phone(place, place.fake.person("anna", language="de"))
    shown = await anna.person.opens("poster")
    assert shown is not None and "Chat" in shown.text
    await anna.taps("Anfangen")
    for label in ("Deutsch", "Ja, speichern", "Jetzt nicht"):
        assert label in anna.last.buttons, anna.person.view()
        await anna.taps(label)
    return anna


async def test_from_the_first_look_to_a_counsellor_and_back(place: Place) -> None:
    anna = await comes(place)
    assert anna.question("menu", "menu") in anna.last.text
    await anna.taps(anna.text("Talk to a counsellor"))
    ticket = await place.app.store.read(lambda c: c.execute(select(Ticket.id)).scalar_one())
    before = len(anna.person.messages)
    await anna.says("Mir fehlt die Geburtsurkunde.")
    assert len(anna.person.messages) == before, "the bot is silent"
    assert await place.desk.claim(ticket, place.counsellor) is None
    reply = await place.desk.reply(ticket, place.counsellor, "Guten Tag, ich bin Mimoza.", "k1")
    await place.settle()
    assert "Guten Tag, ich bin Mimoza." in anna.last.text
    anna.person.reads()
    await place.settle()
    fate = select(Message.state).where(Message.id == reply)
    assert await place.app.store.read(lambda c: c.execute(fate).scalar_one()) == "seen"
    await place.desk.close(ticket, place.counsellor, "advised")
    await place.settle()
    assert place.fake.refused == []


async def test_the_whole_journey(place: Place) -> None:
    """From the first look to a check-in that leads to a counsellor; what we begin waits until it costs nothing."""
    anna = Phone(place, place.fake.person("anna", language="de"))
    await anna.person.opens("poster")
    await anna.taps("Anfangen")
    await first_contact(anna)
    await short_intake(anna)
    await long_intake(anna)
    await changes_a_line(anna)
    await asks_about_work(anna)
    await place.turn(days=6, hours=1)
    assert anna.new() == [], "outside of a session Viber would want money for it"
    await anna.says("Guten Tag")
    await place.turn(hours=1)
    await anna.picks("step_soon", "ready", "now")
    await anna.picks("step_soon", "well", "yes")
    await place.turn(days=1, hours=23)
    assert anna.new() == []
    await anna.says("Guten Tag")
    await place.turn(hours=1)
    await answers_the_check_in(anna)
    ticket = await place.app.store.read(lambda c: c.execute(select(Ticket.id)).scalar_one())
    assert await place.desk.claim(ticket, place.counsellor) is None
    await place.desk.reply(ticket, place.counsellor, "Guten Tag, ich bin Mimoza. Welche Urkunde?", "k1")
    await place.settle()
    assert anna.last.text.endswith("Welche Urkunde?")
    await place.desk.close(ticket, place.counsellor, "advised")
    await place.settle()
    await anna.picks("rating", "rating", "yes")
    await anna.picks("check_in", "next", "two_weeks")
    anna.is_asked("employment", "subject")
    assert place.fake.refused == []


async def test_a_paper_reaches_the_counsellor(place: Place) -> None:
    anna = await comes(place)
    place.fake.files["photo.png"] = PHOTO
    anna.person.sends_picture()
    await place.settle()
    await place.app.fetch.look()
    key = await place.app.store.read(lambda c: c.execute(select(Medium.message_id)).scalar_one())

    async def kept() -> bytes | None:
        found = await place.app.store.read(lambda c: media.load(c, key))
        return found.content if found else None

    async with asyncio.timeout(30):
        while await kept() is None:
            await asyncio.sleep(0.01)
    assert await kept() == PHOTO


async def test_whatever_viber_does_nothing_is_lost_and_nothing_comes_twice(place: Place) -> None:
    """Everything posted twice, a refused call, a broken connection before and after the message has arrived."""
    place.fake.twice = True
    place.fake.fail_next("send_message", 12)
    place.fake.fail_next("send_message", how="drop")
    anna = Phone(place, place.fake.person("anna", language="de"))
    await anna.person.opens()
    anna.person.taps_last("Anfangen")
    await place.settle()
    for _ in range(3):
        await place.turn(minutes=1)
    questions = [one for one in anna.person.messages if "Deutsch" in one.buttons]
    assert len(questions) == 1
    rows = await place.app.store.read(lambda c: c.execute(select(Message.state).where(Message.author == "bot")).all())
    assert {row[0] for row in rows} <= {"sent", "delivered", "seen"}


TROUBLES: list[tuple[dict[str, Any], int]] = [
    ({"how": "drop"}, 1), ({"how": "late"}, 1),
    ({"how": "http", "status": 502}, 1), ({"how": "http", "status": 429}, 1),
    ({"how": "drop", "arrives": True}, 2), ({"how": "late", "arrives": True}, 2),
    ({"how": "http", "status": 502, "arrives": True}, 2), ({"how": "garbled", "arrives": True}, 2),
    ({"how": "twice", "arrives": True}, 1),
    *(({"status": status}, 1) for status in sorted({*AGAIN, *NO_MONEY, NOT_DOCUMENTED})),
    *(({"status": status}, 0) for status in sorted({*BLOCKED, *PERMANENT})),
]
"""How a call goes wrong, and how often the person sees the message in the end. What had perhaps arrived comes twice."""


async def test_whatever_becomes_of_a_call_each_message_has_one_fate(
    tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything posted twice, too. What stays failed says why, and has a person look after it."""
    monkeypatch.setattr("bot.channels.viber.Viber", partial(Viber, answer_within=0.2))
    async with open_place(tmp_path, prepared, monkeypatch) as place:
        place.fake.twice = True
        for number, (trouble, _) in enumerate(TROUBLES):
            place.fake.fail_next("send_message", **trouble)
            place.fake.person(str(number)).says("Hello")
            await place.settle()
        await place.turn(hours=1, seconds=5)
        everything = await place.app.store.read(lambda c: c.execute(select(
            Message.address, Message.author, Message.state, Message.error, Message.contact_id)).all())
        tasks = await place.app.store.read(lambda c: c.execute(select(Task.contact_id, Task.key)).all())
        for number, (trouble, times) in enumerate(TROUBLES):
            [came] = [row for row in everything if row.address == str(number) and row.author == "person"]
            [went] = [row for row in everything if row.address == str(number) and row.author == "bot"]
            status = trouble.get("status")
            state = "delivered" if times else "failed"
            assert (went.state, bool(went.error)) == (state, state == "failed"), trouble
            assert len(place.fake.people[str(number)].messages) == times, trouble
            told = [key for contact, key in tasks if contact == came.contact_id]
            assert told == (["undelivered"] if status in PERMANENT else []), trouble
    assert place.fake.refused == []


async def test_who_left_is_not_written_to_and_can_come_back(place: Place) -> None:
    anna = await comes(place)
    anna.person.leaves()
    await place.settle()
    anna.person.says("Ich bin wieder da")
    await place.settle()
    assert anna.last.buttons, "answered again"
    assert [call for call in place.fake.calls if call[0] == "send_message"]


async def test_viber_keeps_what_was_taken_back_and_that_is_said(place: Place) -> None:
    """Nothing is asked of Viber for it; what has not left yet never does."""
    anna = await comes(place)
    await anna.taps(anna.text("Talk to a counsellor"))
    ticket = await place.app.store.read(lambda c: c.execute(select(Ticket.id)).scalar_one())
    await place.desk.claim(ticket, place.counsellor)
    me = CounsellorView(place.counsellor, "mimoza", "Mimoza", "counsellor", False)
    sent = await place.desk.reply(ticket, place.counsellor, "Guten Tag, Besa.", "k1") or 0
    await place.settle()
    place.fake.fail_next("send_message", 12)
    waits = await place.desk.reply(ticket, place.counsellor, "Besa, kommen Sie morgen.", "k2") or 0
    await place.app.deliver.drain()
    for one in (sent, waits):
        await place.desk.take_back(ticket, one, me, False)
    await place.turn(minutes=1)
    became = await place.app.store.read(lambda c: taking_back.taken(c, [sent, waits]))
    assert (became[sent].fate, became[waits].fate) == ("kept", "unsent")
    assert [one.text for one in anna.person.messages if "Besa" in one.text] == ["Guten Tag, Besa."]
