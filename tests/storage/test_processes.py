"""Several processes on one database: they hear each other, and each role has one leader."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import Engine

from storage.database import engine_for
from storage.notify import notify
from storage.processes import Alone, AlreadyRunning, Processes, alone, role, together, together_or_alone
from storage.processes.line import OPTIONS
from storage.processes.together import Together
from tests.support import postgres
from tests.support.patience import PATIENCE, TO_START

ROOT = Path(__file__).parents[2]
_numbers = itertools.count(1)


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.01)


@pytest.fixture
def database() -> Iterator[str]:
    name = f"processes_{next(_numbers)}"
    postgres.server().create(name)
    yield name
    postgres.server().drop(name)


@pytest.fixture
def url(database: str) -> str:
    return postgres.server().network_url(database)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    with engine_for(url) as made:
        yield made


def say(engine: Engine, *payloads: str) -> None:
    with engine.begin() as connection:
        notify(connection, payloads)


def backends(database: str) -> list[int]:
    """The server's ends of the connections that hold the roles."""
    return [pid for (pid,) in postgres.server().run(
        "SELECT pid FROM pg_stat_activity"
        f" WHERE datname = '{database}' AND application_name = '{OPTIONS['application_name']}'")]


def locks(database: str) -> int:
    return int(postgres.server().run(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        f" WHERE locktype = 'advisory' AND datname = '{database}'")[0][0])


# ------------------------------------------------------------------ processes inside of the test


class Diary:
    """What one `Processes` went through."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self.lines: list[str] = []

    async def start(self) -> None:
        await self.processes.start(self.hear, lambda: self.lines.append("missed"))

    def hear(self, payload: str) -> None:
        self.lines.append(f"heard {payload}")

    def lead(self, name: str) -> None:
        self.processes.lead(name, self.writing(f"gained {name}"), self.writing(f"lost {name}"))

    def writing(self, line: str) -> Callable[[], Awaitable[None]]:
        async def write() -> None:
            self.lines.append(line)

        return write

    def heard(self) -> list[str]:
        return [line.removeprefix("heard ") for line in self.lines if line.startswith("heard ")]

    def leads(self, name: str) -> bool:
        return self.lines.count(f"gained {name}") > self.lines.count(f"lost {name}")


@asynccontextmanager
async def running(*processes: Processes, leading: tuple[str, ...] = ()) -> AsyncIterator[list[Diary]]:
    diaries = [Diary(one) for one in processes]
    for diary in diaries:
        for name in leading:
            diary.lead(name)
    try:
        await asyncio.gather(*(diary.start() for diary in diaries))
        yield diaries
    finally:
        await asyncio.gather(*(one.stop() for one in processes))


# ------------------------------------------------------------------ hearing


async def test_all_hear_in_the_order_of_the_commits(url: str, engine: Engine) -> None:
    async with running(Together(url), Together(url)) as (one, other):
        with engine.connect() as slow, engine.connect() as quick:
            notify(slow, ["slow 1", "slow 2"])
            notify(quick, ["quick"])
            quick.commit()
            slow.commit()
        for diary in (one, other):
            await until(lambda diary=diary: len(diary.heard()) == 3)
            assert diary.heard() == ["quick", "slow 1", "slow 2"]


async def test_what_is_rolled_back_is_never_heard(url: str, engine: Engine) -> None:
    async with running(Together(url)) as (diary,):
        with engine.connect() as connection:
            notify(connection, ["never"])
            connection.rollback()
        say(engine, "stored")
        await until(diary.heard)
        assert diary.heard() == ["stored"]


async def test_none_gets_lost_among_the_questions_to_the_server(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "CHECK_EVERY", 0.001)
    async with running(Together(url), leading=("poll", "pace")) as (diary,):
        for number in range(500):
            await asyncio.to_thread(say, engine, str(number))
            diary.processes._wake()
        await until(lambda: len(diary.heard()) == 500)
        assert diary.heard() == [str(number) for number in range(500)]


async def test_one_that_cannot_be_followed_does_not_end_the_hearing(url: str, engine: Engine) -> None:
    processes, heard = Together(url), list[str]()

    def hear(payload: str) -> None:
        heard.append(payload)
        assert payload != "bad"

    await processes.start(hear, lambda: None)
    try:
        say(engine, "bad", "good")
        await until(lambda: "good" in heard)
    finally:
        await processes.stop()


async def test_a_notification_has_a_length_that_the_database_takes(url: str, engine: Engine) -> None:
    async with running(Together(url)) as (diary,):
        with pytest.raises(ValueError, match="8000 bytes"):
            say(engine, "short", "ë" * 4000)
        say(engine)
        say(engine, "ë" * 3999 + "e")
        await until(diary.heard)
        assert diary.heard() == ["ë" * 3999 + "e"]


async def test_without_a_server_there_is_no_start() -> None:
    stopped = postgres.Server()
    with pytest.raises(psycopg.OperationalError):
        await Together(stopped.network_url("postgres")).start(lambda _payload: None, lambda: None)


# ------------------------------------------------------------------ leading, seen from inside


async def test_two_roles_spread_over_two_processes_and_meet_again_in_the_last_one(url: str) -> None:
    async with running(Together(url), Together(url), leading=("poll", "pace")) as (one, other):
        await until(lambda: len(one.lines) + len(other.lines) == 2)
        assert sorted(one.lines + other.lines) == ["gained pace", "gained poll"]
        assert len(one.lines) == len(other.lines) == 1
        await one.processes.stop()
        await until(lambda: other.leads("poll") and other.leads("pace"))


async def test_a_role_wished_for_later_is_gained_too(url: str) -> None:
    async with running(Together(url)) as (diary,):
        diary.lead("poll")
        await until(lambda: diary.leads("poll"))


async def test_a_role_is_given_back_only_after_its_work_has_ended(url: str, database: str) -> None:
    processes, held = Together(url), list[int]()

    async def gained() -> None:
        held.append(locks(database))

    async def lost() -> None:
        held.extend(locks(database) for _ in range(100))  # a session takes a moment to end

    processes.lead("poll", gained, lost)
    await processes.start(lambda _payload: None, lambda: None)
    await until(lambda: held)
    await processes.stop()
    await until(lambda: locks(database) == 0)
    assert held == [1] * 101


async def test_work_that_does_not_end_does_not_hold_up_the_stop(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role, "LOST_WITHIN", 0.1)
    processes = Together(url)
    begun = asyncio.Event()

    async def gained() -> None:
        begun.set()

    processes.lead("poll", gained, asyncio.Event().wait)
    await processes.start(lambda _payload: None, lambda: None)
    await begun.wait()
    async with asyncio.timeout(PATIENCE):
        await processes.stop()


async def test_who_cannot_take_up_the_work_leaves_it_to_others(url: str) -> None:
    failing, tries = Together(url), list[float]()

    async def gained() -> None:
        tries.append(time.monotonic())
        raise RuntimeError("a webhook that cannot be set")

    async def lost() -> None:
        raise AssertionError("never gained")

    failing.lead("poll", gained, lost)
    await failing.start(lambda _payload: None, lambda: None)
    try:
        await until(lambda: tries)
        async with running(Together(url), leading=("poll",)) as (able,):
            await until(lambda: able.leads("poll"))
    finally:
        await failing.stop()


async def test_who_could_not_take_up_the_work_tries_again(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "AGAIN_AFTER", 0.01)
    processes, tries = Together(url), list[bool]()

    async def gained() -> None:
        tries.append(True)
        assert len(tries) > 1

    async def lost() -> None:
        tries.append(False)

    processes.lead("poll", gained, lost)
    await processes.start(lambda _payload: None, lambda: None)
    await until(lambda: len(tries) == 2)
    await processes.stop()
    assert tries == [True, True, False]


# ------------------------------------------------------------------ the connection breaks


async def test_a_connection_that_ends_takes_the_roles_with_it(url: str, database: str, engine: Engine) -> None:
    async with running(Together(url), leading=("poll",)) as (diary,):
        await until(lambda: diary.leads("poll"))
        (pid,) = backends(database)
        postgres.server().run(f"SELECT pg_terminate_backend({pid})")
        await until(lambda: len(diary.lines) == 4)
        assert diary.lines == ["gained poll", "lost poll", "missed", "gained poll"]
        say(engine, "after it")
        await until(diary.heard)
    assert diary.lines[4:] == ["heard after it", "lost poll"]


async def test_work_that_is_being_taken_up_ends_with_the_connection(url: str, database: str) -> None:
    processes, lines = Together(url), list[str]()
    ready = asyncio.Event()

    async def gained() -> None:
        lines.append("begun")
        try:
            await ready.wait()
        except asyncio.CancelledError:
            lines.append("broken off")
            raise
        lines.append("done")

    async def lost() -> None:
        lines.append("lost")

    processes.lead("poll", gained, lost)
    await processes.start(lambda _payload: None, lambda: None)
    await until(lambda: lines)
    (pid,) = backends(database)
    postgres.server().run(f"SELECT pg_terminate_backend({pid})")
    await until(lambda: len(lines) == 3)
    ready.set()
    await until(lambda: len(lines) == 4)
    await processes.stop()
    assert lines == ["begun", "broken off", "begun", "done", "lost"]


@pytest.mark.slow
async def test_a_server_that_hangs_counts_as_lost(url: str, database: str) -> None:
    """Its other connections work; the one that hangs holds the lock, until the server is rid of it."""
    async with running(Together(url), leading=("poll",)) as (diary,):
        await until(lambda: diary.leads("poll"))
        (pid,) = backends(database)
        os.kill(pid, signal.SIGSTOP)
        try:
            await until(lambda: "missed" in diary.lines, 10)
            assert diary.lines == ["gained poll", "lost poll", "missed"]
        finally:
            os.kill(pid, signal.SIGCONT)
        await until(lambda: diary.leads("poll"))


async def test_it_comes_back_with_the_server() -> None:
    server = postgres.Server().start()
    try:
        async with running(Together(server.network_url("postgres")), leading=("poll",)) as (diary,):
            await until(lambda: diary.leads("poll"))
            await asyncio.to_thread(server.kill)
            await until(lambda: not diary.leads("poll"))
            assert diary.lines == ["gained poll", "lost poll"]
            await asyncio.to_thread(server.start)
            await until(lambda: diary.leads("poll"))
            assert diary.lines[2:] == ["missed", "gained poll"]
    finally:
        server.stop()


async def test_it_can_stop_while_the_server_is_gone() -> None:
    server = postgres.Server().start()
    try:
        async with running(Together(server.network_url("postgres")), leading=("poll",)) as (diary,):
            await until(lambda: diary.leads("poll"))
            await asyncio.to_thread(server.stop)
            await until(lambda: not diary.leads("poll"))
            async with asyncio.timeout(PATIENCE):
                await diary.processes.stop()
    finally:
        server.stop()


# ------------------------------------------------------------------ processes of their own


class Line(NamedTuple):
    at: float
    process: int
    what: str
    detail: str


@dataclass
class Crowd:
    """Processes, and what all of them said, in the order of its happening."""

    url: str
    roles: tuple[str, ...] = ("poll",)
    members: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    lines: list[Line] = field(default_factory=list)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    async def join(self) -> int:
        """A process more; its number, once it has started."""
        number = next(self.numbers)
        self.members[number] = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.one_process", self.url, *self.roles, cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        self.readers.append(asyncio.create_task(self._read(number, self.members[number].stdout)))
        await until(lambda: self.said(number, "started"), TO_START)
        return number

    async def _read(self, number: int, output: Any) -> None:
        async for line in output:
            at, what, detail = line.decode().rstrip("\n").split(" ", 2)
            self.lines.append(Line(float(at), number, what, detail))

    def said(self, number: int, what: str) -> bool:
        return any(line.process == number and line.what == what for line in self.lines)

    def note(self, number: int, what: str) -> None:
        self.lines.append(Line(time.monotonic(), number, what, self.roles[0]))

    def in_order(self) -> list[Line]:
        return sorted(line for line in self.lines if line.what in ("gained", "lost"))

    def leader(self) -> int | None:
        """The one that leads; fails if there ever were two."""
        leaders: list[int] = []
        for line in self.in_order():
            if line.what == "gained":
                assert not leaders, self.in_order()
                leaders.append(line.process)
            else:
                leaders.remove(line.process)
        return leaders[0] if leaders else None

    async def kill(self, number: int) -> None:
        self.note(number, "lost")
        self.members[number].kill()
        await self.members[number].wait()

    async def stop(self, number: int) -> None:
        stdin = self.members[number].stdin
        assert stdin is not None
        stdin.close()
        await self.members[number].wait()

    async def end(self) -> None:
        for process in self.members.values():
            if process.returncode is None:
                process.kill()
            await process.wait()
            if process.stdin is not None:
                process.stdin.close()
        await asyncio.gather(*self.readers)


@asynccontextmanager
async def crowd(url: str, members: int) -> AsyncIterator[Crowd]:
    made = Crowd(url)
    try:
        await asyncio.gather(*(made.join() for _ in range(members)))
        yield made
    finally:
        await made.end()


@pytest.mark.slow
async def test_one_of_three_leads_and_is_replaced_whatever_ends_it(url: str, engine: Engine) -> None:
    async with crowd(url, 3) as three:
        await until(lambda: three.leader() is not None)
        first = three.leader()
        assert first is not None
        await three.kill(first)
        await until(lambda: three.leader() is not None, 10)
        second = three.leader()
        assert second is not None
        assert second != first
        say(engine, "to those who are left")
        await until(lambda: sum(line.what == "heard" for line in three.lines) == 2)
        await three.stop(second)
        await until(lambda: three.leader() not in (None, second), 10)
        assert three.said(second, "stopped")


@pytest.mark.slow
async def test_one_that_stands_still_is_replaced_and_notices(url: str) -> None:
    """Its machine may be gone, or its event loop blocked: the server does not wait for it."""
    async with crowd(url, 2) as two:
        await until(lambda: two.leader() is not None)
        frozen = two.leader()
        assert frozen is not None
        two.members[frozen].send_signal(signal.SIGSTOP)
        await until(lambda: two.said(1 - frozen, "gained"), 10)
        two.members[frozen].send_signal(signal.SIGCONT)
        await until(lambda: two.said(frozen, "lost") and two.said(frozen, "missed"))
        assert not two.said(1 - frozen, "lost")


# ------------------------------------------------------------------ SQLite: one process


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'returnee-bot.db'}"


def test_the_address_of_the_database_says_which() -> None:
    assert isinstance(together_or_alone("postgresql+psycopg://postgres@localhost/bot"), Together)
    assert isinstance(together_or_alone("sqlite:///data/returnee-bot.db"), Alone)


async def test_a_second_process_is_refused_until_the_first_is_killed(sqlite: str) -> None:
    async with crowd(sqlite, 1) as processes:
        assert processes.leader() == 0
        with pytest.raises(AlreadyRunning) as refusal:
            await Alone(sqlite).start(lambda _payload: None, lambda: None)
        assert str(refusal.value) == (
            f"Another process already works on this database ({sqlite.removeprefix('sqlite:///')}): "
            "stop it first, or use PostgreSQL for several processes.")
        await processes.kill(0)
        async with running(Alone(sqlite), leading=("poll",)) as (second,):
            assert second.leads("poll")


async def test_the_only_one_leads_from_its_start_to_its_stop(sqlite: str) -> None:
    async with running(Alone(sqlite), leading=("poll",)) as (diary,):
        assert diary.lines == ["gained poll"]
        diary.lead("pace")
        await until(lambda: diary.leads("pace"))
        with pytest.raises(AlreadyRunning):
            await Alone(sqlite).start(diary.hear, lambda: None)
    assert sorted(diary.lines[2:]) == ["lost pace", "lost poll"]
    async with running(Alone(sqlite), leading=("poll",)) as (diary,):
        assert diary.leads("poll")


async def test_the_only_one_tries_again_too(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "AGAIN_AFTER", 0.01)
    processes, tries = Alone(sqlite), list[bool]()

    async def gained() -> None:
        tries.append(True)
        assert len(tries) == 3

    async def lost() -> None:
        tries.append(False)

    processes.lead("poll", gained, lost)
    await processes.start(lambda _payload: None, lambda: None)
    await until(lambda: len(tries) == 3)
    await processes.stop()
    assert tries == [True, True, True, False]


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
async def test_a_database_in_memory_is_not_locked(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(Alone(address), Alone(address), leading=("poll",)) as (one, other):
        assert one.leads("poll") and other.leads("poll")
    assert os.listdir(tmp_path) == []
