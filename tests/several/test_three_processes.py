"""Two or three processes of the real service on one PostgreSQL: killed, stopped and started while people talk."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from storage import reminders, sessions, staff
from storage.database import engine_for
from storage.tables import Address, Counsellor
from tests.fakes.telegram_api import FakeTelegram, Person
from tests.pipeline.test_kill import SCRIPT, expected, goes_through, order_of_questions
from tests.several.service import AS_IT_IS, Process, Several, several
from tests.support import database
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.postgresql_only, pytest.mark.slow, pytest.mark.usefixtures("databases")]

REPLACED_WITHIN = 10.0
SEEN_WITHIN = 2.0
WRONG = ("earlier question", "went wrong", "did not understand")


class Telegram(FakeTelegram):
    """Notes when one poll was thrown out by another."""

    def __init__(self) -> None:
        super().__init__(second=0.01)
        self.conflicts: list[float] = []

    def _end_other_poll(self, why: str = "") -> None:
        if self._poll is not None and not self._poll.done():
            self.conflicts.append(time.monotonic())
        super()._end_other_poll(why)


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[Telegram]:
    made = Telegram()
    async with made:
        yield made


@pytest.fixture
def url(tmp_path: Path, prepared: str) -> str:
    return database.new(tmp_path, prepared)


async def sent(fake: FakeTelegram, count: int) -> None:
    """Until so many more messages have been sent."""
    goal = len(fake.called("sendMessage")) + count
    await fake.waits_for(lambda fake: len(fake.called("sendMessage")) >= goal)


async def first_words_after(death: float, newcomer: Person) -> float:
    """The seconds from a death until somebody is answered who wrote after it."""
    newcomer.starts()
    [welcome] = await newcomer.hears(1, 2 * REPLACED_WITHIN)
    assert SCRIPT[0][0] in welcome.text
    return time.monotonic() - death


# ------------------------------------------------------------------ what must hold


def assert_asked_everything(people: Sequence[Person], repeats: int) -> None:
    """Each question, in order, and no more than so many of them twice."""
    for person in people:
        order = order_of_questions(person)
        assert sorted(set(order)) == list(range(len(SCRIPT))), f"person {person.id} was not asked everything: {order}"
        assert order == sorted(order), f"person {person.id} was asked out of order: {order}"
        assert len(order) - len(SCRIPT) <= repeats, f"person {person.id} was asked again: {order}"
        wrong = [one.text for one in person.messages if any(words in one.text for words in WRONG)]
        assert wrong == [], f"person {person.id} was told {wrong}"


def assert_stored(url: str, people: Sequence[Person]) -> None:
    """The answers of all, and nothing that still waits."""
    rows = database.rows(url, "SELECT answers FROM runs WHERE conversation = 'intake'")
    stored = [_as_object(answers) for [answers] in rows]
    assert sorted(stored, key=_name) == sorted((expected(person.id) for person in people), key=_name)
    said = database.rows(url, "SELECT count(*) FROM messages WHERE author = 'person' GROUP BY contact_id")
    assert sum(count for [count] in said if count > 1) == len(people) * len(SCRIPT), "something came in twice, or never"
    assert database.rows(url, "SELECT count(*) FROM messages WHERE state = 'queued'") == [(0,)]
    assert database.rows(url, "SELECT count(*) FROM tasks") == [(0,)]


def _as_object(answers: Any) -> dict[str, Any]:
    return dict(json.loads(answers) if isinstance(answers, str) else answers)


def _name(answers: dict[str, Any]) -> str:
    return str(answers.get("name"))


# ------------------------------------------------------------------ a leader dies


async def test_behind_a_balancer(tmp_path: Path, url: str, fake: Telegram) -> None:
    """The sender is killed, the next sender is stopped, the last one of the three is stopped once a new one is up."""
    first_wave, second_wave = [[fake.person(n) for n in numbers] for numbers in (range(1, 13), range(13, 17))]
    async with several(3, tmp_path, url, fake) as group:
        talks = [asyncio.create_task(goes_through(person)) for person in first_wave]
        await sent(fake, 60)
        killed = await group.leader("sender")
        await killed.is_killed()
        took = await first_words_after(time.monotonic(), fake.person(101))
        assert took < REPLACED_WITHIN, f"nothing was sent for {took} s"
        again = asyncio.create_task(killed.starts())
        stopped = await group.leader("sender")
        assert not all(talk.done() for talk in talks), "nobody was talking any more"
        assert await stopped.ends() == 0, stopped.said()
        await asyncio.gather(*talks, again)

        talks = [asyncio.create_task(goes_through(person)) for person in second_wave]
        await sent(fake, 20)
        [last] = [one for one in group.living if one is not killed]
        assert await last.ends() == 0, last.said()
        await asyncio.gather(*talks)
        assert await group.leader("sender") is await group.leader("receiver") is killed
        await fake.waits_for(lambda fake: not fake.unconfirmed)
        await group.end()
    assert_asked_everything(first_wave, repeats=1)
    assert_asked_everything(second_wave, repeats=0)
    assert_stored(url, first_wave + second_wave)


async def test_polling(tmp_path: Path, url: str, fake: Telegram) -> None:
    """One polls. It dies, and the other takes over, with what Telegram had not been told to forget."""
    people = [fake.person(number) for number in range(1, 9)]
    async with several(2, tmp_path, url, fake, mode="polling") as group:
        talks = [asyncio.create_task(goes_through(person)) for person in people]
        await sent(fake, 50)
        killed = await group.leader("receiver")
        [other] = [one for one in group.processes if one is not killed]
        await killed.is_killed()
        death = time.monotonic()
        took = await first_words_after(death, fake.person(101))
        assert took < REPLACED_WITHIN, f"nothing was fetched for {took} s"
        await asyncio.gather(*talks, killed.starts())
        assert group.leaders("receiver") == [other]
        await fake.waits_for(lambda fake: not fake.unconfirmed)
        await group.end()
    assert [at for at in fake.conflicts if not death <= at <= death + took] == [], "two polled at the same time"
    assert_asked_everything(people, repeats=1)
    assert_stored(url, people)


# ------------------------------------------------------------------ what is due


def remind_all(url: str, at: datetime) -> None:
    """Everybody is to be asked how it goes."""
    with engine_for(url) as engine, engine.begin() as connection:
        everybody = connection.scalars(select(Address.contact_id)).all()
        reminders.put(connection, [{"contact_id": one, "key": "several", "opens": "check_in", "due_at": at}
                                   for one in everybody])


async def each_has_come_to_it(group: Several, url: str) -> None:
    """Until every process has found what is due: it wants to write about it, or it left it to the one that does."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'reminders'::regclass"
    async with asyncio.timeout(PATIENCE):
        while sum([await left_alone(one) for one in group.processes]) + database.rows(url, waiting)[0][0] < 3:
            await asyncio.sleep(0.02)


async def left_alone(process: Process) -> bool:
    """Whether it is done with handing over reminders, of which it could not carry out any yet."""
    async with browser(process.url) as reader:
        counted = (await reader.get("/metrics")).text
    [count] = re.findall(r'turns_total\{channel="clock",kind="reminder"\} ([0-9.]+)', counted)
    return float(count) > 0


async def agrees(person: Person) -> None:
    person.starts()
    for words, _, answer in SCRIPT[:3]:
        await person.waits_for(lambda messages, words=words: any(words in one.text for one in messages))
        person.taps(answer)
    await person.waits_for(lambda messages: any(SCRIPT[3][0] in one.text for one in messages))


def asked_how_it_goes(person: Person) -> int:
    return sum("We have a short question" in one.text for one in person.messages)


async def test_forty_reminders_fire_once_each(tmp_path: Path, url: str, fake: Telegram) -> None:
    """All three sweeps find them while nobody can note yet that they were carried out."""
    people = [fake.person(number) for number in range(1, 41)]
    async with several(3, tmp_path, url, fake) as group:
        await asyncio.gather(*(agrees(person) for person in people))
        due = datetime.now(UTC) + timedelta(seconds=5)
        await asyncio.to_thread(remind_all, url, due)
        with database.in_the_middle_of(url, "LOCK TABLE reminders IN EXCLUSIVE MODE"):
            assert datetime.now(UTC) < due
            await each_has_come_to_it(group, url)
        for person in people:
            await person.waits_for(lambda _, person=person: asked_how_it_goes(person) > 0)
        await group.end()
    assert [asked_how_it_goes(person) for person in people] == [1] * 40
    assert database.rows(url, "SELECT count(*) FROM runs WHERE conversation = 'check_in'") == [(40,)]
    assert database.rows(url, "SELECT state, attempt, count(*) FROM reminders WHERE key = 'several'"
                              " GROUP BY state, attempt") == [("waiting", 1, 40)]


# ------------------------------------------------------------------ pages follow


class Stream:
    """The events that a page hears."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def brings(self, words: str, within: float = PATIENCE) -> None:
        async with asyncio.timeout(within):
            async for line in self._lines:
                if line.startswith("data:") and words in line:
                    return
        raise AssertionError(f"the stream ended without {words!r}")


@asynccontextmanager
async def followed(browser: httpx.AsyncClient, path: str) -> AsyncIterator[Stream]:
    async with browser.stream("GET", path) as answer:
        assert answer.status_code == 200
        yield Stream(answer.aiter_lines())


def browser(url: str, cookie: str = "") -> httpx.AsyncClient:
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"} | ({"Cookie": cookie} if cookie else {})
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE)


async def writes(chat: httpx.AsyncClient, text: str, key: str) -> None:
    assert (await chat.post("/chat/messages", json={"key": key, "text": text})).status_code == 202


async def new_chat(url: str) -> str:
    """Its cookie."""
    async with browser(url) as chat:
        assert (await chat.post("/chat/start", json={"key": "the-first-key"})).status_code == 202
        return f"chat={chat.cookies['chat']}"


def signed_in(url: str) -> str:
    """The cookie of a counsellor."""
    with database.opened(url) as engine, engine.begin() as connection:
        somebody = connection.scalars(select(Counsellor.id)).first()
        assert somebody is not None
        staff.set_code_secret(connection, somebody, "JBSWY3DPEHPK3PXP", None)
        token = sessions.start_session(connection, somebody, datetime.now(UTC))
    return f"console={token}"


async def one_process_writes_the_other_shows(a: str, b: str) -> None:
    cookie = await new_chat(a)
    async with browser(a, cookie) as here, browser(b, cookie) as there, followed(there, "/chat/events") as stream:
        await stream.brings("Which language")
        await writes(here, "English", "the-second-key")
        await stream.brings("May we keep", within=SEEN_WITHIN)


async def test_pages_at_one_process_show_what_came_through_another(tmp_path: Path, url: str) -> None:
    async with several(2, tmp_path, url) as group:
        a, b = (one.url for one in group.processes)
        await group.leader("sender")
        await one_process_writes_the_other_shows(a, b)
        await one_process_writes_the_other_shows(b, a)
        await the_console_follows(url, a, b)
        await group.end()


async def the_console_follows(url: str, a: str, b: str) -> None:
    """A counsellor at A, a person who writes through B."""
    async with browser(a, signed_in(url)) as console, browser(b, await new_chat(b)) as chat:
        for number, text in enumerate(("English", "1", "1")):
            await writes(chat, text, f"the-key-no-{number}")
        async with followed(console, "/console/events") as stream:
            await stream.brings("queue")
            await writes(chat, "/human", "the-key-of-human")
            await stream.brings("queue", within=SEEN_WITHIN)
        [[ticket]] = database.rows(url, "SELECT id FROM tickets")
        async with followed(console, f"/console/events?ticket={ticket}") as stream:
            await stream.brings("thread")
            await writes(chat, "My flat is cold", "the-key-of-flat")
            await stream.brings("thread", within=SEEN_WITHIN)
        assert "My flat is cold" in (await console.get(f"/console/tickets/{ticket}")).text


# ------------------------------------------------------------------ an empty database


async def test_two_begin_at_once_on_an_empty_database(tmp_path: Path, prepared: str) -> None:
    empty = database.new(tmp_path)
    async with several(2, tmp_path, empty, command=AS_IT_IS) as group:
        told = [one.said().count("First sign-in") for one in group.processes]
        await group.end()
    assert sorted(told) == [0, 1], "one of them makes the first account"
    for what in ("count(*) FROM facts", "version_num FROM alembic_version"):
        assert database.rows(empty, f"SELECT {what}") == database.rows(prepared, f"SELECT {what}")
    assert database.rows(empty, "SELECT count(*) FROM counsellors") == [(1,)]
