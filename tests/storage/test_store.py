"""The one writer: many writes in one commit, nothing acknowledged before it, and the next try works."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, ForeignKey, Integer, MetaData, Table, Text, event, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from storage.database import connect
from storage.store import Store, StoreError
from tests.support import database
from tests.support.patience import PATIENCE

TABLES = MetaData()
Table("word", TABLES, Column("id", Integer, primary_key=True), Column("text", Text, unique=True, nullable=False))
Table("part", TABLES, Column("word", Integer, ForeignKey("word.id")))


def make(url: str, busy_timeout: int = 30) -> Store:
    """A store with one small table, which does not wait long for others."""
    engine = connect(url)
    if url.startswith("sqlite"):
        _hurry(engine, busy_timeout)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        TABLES.create_all(connection)
    return Store(engine)


def _hurry(engine: Engine, busy_timeout: int) -> None:
    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={busy_timeout}")


@pytest.fixture
def url(tmp_path: Path, databases: None) -> str:
    return database.new(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = make(url)
    yield made
    made.close()


def adds(word: str) -> object:
    def work(connection: Connection) -> str:
        connection.execute(text("INSERT INTO word (text) VALUES (:word)"), {"word": word})
        return word

    return work


def seen(url: str) -> list[str]:
    """What another process sees."""
    return [row[0] for row in database.rows(url, "SELECT text FROM word ORDER BY id")]


def commits(store: Store) -> list[int]:
    """Counts the commits from here on."""
    counted: list[int] = []
    event.listen(store.engine, "commit", lambda connection: counted.append(1))
    return counted


class Busy:
    """Keeps the writer busy, so that writes gather behind it."""

    def __init__(self, store: Store) -> None:
        self.store, self.go, self.there = store, threading.Event(), threading.Event()

    def _work(self, _connection: Connection) -> None:
        self.there.set()
        assert self.go.wait(PATIENCE)

    async def __aenter__(self) -> None:
        self.task = asyncio.create_task(self.store.write(self._work))
        await asyncio.to_thread(self.there.wait, PATIENCE)

    async def __aexit__(self, *_: object) -> None:
        self.go.set()
        await self.task


# ------------------------------------------------------------------ commits


async def test_what_waits_goes_in_one_commit(store: Store, url: str) -> None:
    counted = commits(store)
    async with Busy(store):
        writes = [asyncio.create_task(store.write(adds(f"w{number}"))) for number in range(50)]
        await asyncio.sleep(0.01)
    assert await asyncio.gather(*writes) == [f"w{number}" for number in range(50)]
    assert len(counted) == 2, "one for the busy one, one for the fifty"
    assert seen(url) == [f"w{number}" for number in range(50)]


async def test_each_loop_is_told_in_its_own(store: Store, url: str) -> None:
    """A loop that is told from another thread sleeps on."""
    told: list[str] = []

    async def elsewhere() -> None:
        told.append(await store.write(adds("there")))

    async with Busy(store):
        here = asyncio.create_task(store.write(adds("here")))
        await asyncio.sleep(0)
        other = threading.Thread(target=asyncio.run, args=[elsewhere()], daemon=True)
        other.start()
        while store._waiting.qsize() < 2:
            await asyncio.sleep(0)
    assert await here == "here"
    await asyncio.to_thread(other.join, PATIENCE)
    assert not other.is_alive() and told == ["there"]
    assert set(seen(url)) == {"here", "there"}


async def test_more_than_a_batch_goes_in_several(store: Store, url: str) -> None:
    counted = commits(store)
    async with Busy(store):
        writes = [asyncio.create_task(store.write(adds(f"w{number}"))) for number in range(230)]
        await asyncio.sleep(0.02)
    await asyncio.gather(*writes)
    assert len(counted) == 1 + 3
    assert len(seen(url)) == 230


async def test_a_failing_write_is_rolled_back_alone(store: Store, url: str) -> None:
    def half(connection: Connection) -> None:
        connection.execute(text("INSERT INTO word (text) VALUES ('half')"))
        raise ValueError("in the middle")

    async with Busy(store):
        writes = [asyncio.create_task(store.write(one)) for one in (adds("a"), half, adds("a"), adds("b"))]
        await asyncio.sleep(0.01)
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert results[0] == "a" and results[3] == "b"
    assert isinstance(results[1], ValueError) and isinstance(results[2], IntegrityError)
    assert seen(url) == ["a", "b"]


async def test_a_wrong_statement_is_rolled_back_alone(store: Store, url: str) -> None:
    """A mistake in one write is no trouble of the whole database. (SQLite calls it an operational error.)"""

    def wrong(connection: Connection) -> None:
        connection.execute(text("SELECT nothing FROM nowhere"))

    async with Busy(store):
        writes = [asyncio.create_task(store.write(one)) for one in (adds("a"), wrong, adds("b"))]
        await asyncio.sleep(0.01)
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(results[1], Exception)
    assert (results[0], results[2]) == ("a", "b"), "others paid for the mistake of one"
    assert not isinstance(results[1], StoreError), "'try again' would be tried for ever"
    assert isinstance(results[1], OperationalError | ProgrammingError)
    assert seen(url) == ["a", "b"]


async def test_a_broken_reference_fails_at_once(store: Store, url: str) -> None:
    def orphan(connection: Connection) -> None:
        connection.execute(text("INSERT INTO part (word) VALUES (999)"))

    with pytest.raises(IntegrityError):
        await store.write(orphan)


async def test_nothing_is_acknowledged_before_the_commit(store: Store, url: str) -> None:
    """At the moment the caller goes on, another connection sees it; while the writer works, nobody does."""
    looked = []

    def look(connection: Connection) -> None:
        connection.execute(text("INSERT INTO word (text) VALUES ('early')"))
        looked.append(seen(url))

    await store.write(look)
    assert looked == [[]]
    assert seen(url) == ["early"]


async def test_a_commit_that_fails_fails_everybody_in_it(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = [True]

    def refuse(_connection: Connection) -> None:
        if fails.pop():
            raise sqlite3.OperationalError("disk I/O error")

    event.listen(store.engine, "commit", refuse)
    async with Busy(store):
        fails.append(False)
        writes = [asyncio.create_task(store.write(adds(word))) for word in ("a", "b")]
        await asyncio.sleep(0.01)
        fails[:] = [True, False]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [StoreError, StoreError]
    assert seen(url) == []
    event.remove(store.engine, "commit", refuse)
    assert await store.write(adds("a")) == "a"


async def test_in_the_order_in_which_they_came(store: Store, url: str) -> None:
    await asyncio.gather(*(store.write(adds(f"{number:03}")) for number in range(250)))
    assert seen(url) == [f"{number:03}" for number in range(250)]


# ------------------------------------------------------------------ trouble


@pytest.mark.sqlite_only
async def test_locked_by_another_process(store: Store, url: str) -> None:
    with closing(sqlite3.connect(database.path_of(url), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError):
            await store.write(adds("a"))
        with pytest.raises(StoreError):
            await store.write(adds("a"))
        other.execute("ROLLBACK")
    assert seen(url) == []
    assert await store.write(adds("a")) == "a"
    assert seen(url) == ["a"]


async def test_reads_go_on_while_another_process_writes(store: Store, url: str) -> None:
    await store.write(adds("a"))
    with database.in_the_middle_of(url, "INSERT INTO word (text) VALUES ('theirs')"):
        assert await store.read(lambda connection: connection.scalar(text("SELECT count(*) FROM word"))) == 1


def limit(store: Store, pages: int | None) -> None:
    """Let the disk be full at so many pages, for every transaction of this store."""
    count = pages if pages is not None else 1_000_000

    @event.listens_for(store.engine, "begin")
    def full(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={count}")


@pytest.mark.sqlite_only
async def test_disk_full(store: Store, url: str) -> None:
    await store.write(adds("before"))
    pages = await store.read(lambda connection: connection.scalar(text("PRAGMA page_count")))
    limit(store, pages + 2)
    for _ in range(3):
        with pytest.raises(StoreError):
            await store.write(adds("x" * 100_000))
    assert seen(url) == ["before"]
    limit(store, None)
    await store.write(adds("x" * 100_000))
    assert len(seen(url)) == 2


@pytest.mark.sqlite_only
async def test_disk_full_acknowledges_nobody_in_the_batch(store: Store, url: str) -> None:
    pages = await store.read(lambda connection: connection.scalar(text("PRAGMA page_count")))
    limit(store, pages + 2)
    async with Busy(store):
        writes = [asyncio.create_task(store.write(adds(one))) for one in ("small", "x" * 100_000, "other")]
        await asyncio.sleep(0.01)
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(results[1], StoreError)
    stored = seen(url)
    for word, result in zip(("small", "other"), (results[0], results[2]), strict=True):
        assert (word in stored) == (result == word), f"{word}: {result!r}, stored: {stored}"


async def test_read_only(store: Store, url: str) -> None:
    def forbid(connection: Any, *_: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA query_only=ON")
        else:
            connection.read_only = True

    event.listen(store.engine, "checkout", forbid)
    with pytest.raises(StoreError):
        await store.write(adds("a"))
    assert await store.read(lambda connection: connection.scalar(text("SELECT count(*) FROM word"))) == 0
    event.remove(store.engine, "checkout", forbid)
    store.engine.dispose()
    assert await store.write(adds("a")) == "a"


@pytest.mark.sqlite_only
async def test_a_store_error_names_no_content(store: Store, url: str) -> None:
    with closing(sqlite3.connect(database.path_of(url), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError) as caught:
            await store.write(adds("a secret"))
    assert "secret" not in str(caught.value)


async def test_no_error_of_the_database_quotes_what_was_written(store: Store) -> None:
    """Errors are logged; what people write is not."""
    await store.write(adds("my secret"))
    with pytest.raises(IntegrityError) as caught:
        await store.write(adds("my secret"))
    assert "secret" not in str(caught.value)


# ------------------------------------------------------------------ settings


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)],
)
async def test_the_settings_that_the_promises_rest_on(url: str, pragma: str, value: object) -> None:
    store = Store(connect(url))
    try:
        ask = text(f"PRAGMA {pragma}")
        assert await store.write(lambda connection: connection.scalar(ask)) == value
        assert await store.read(lambda connection: connection.scalar(ask)) == value
    finally:
        store.close()


@pytest.mark.sqlite_only
async def test_it_waits_for_a_short_lock(url: str) -> None:
    """A backup that holds the database for a moment is no trouble."""
    store = make(url, busy_timeout=5000)
    try:
        with closing(sqlite3.connect(database.path_of(url), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            writing = asyncio.create_task(store.write(adds("a")))
            await asyncio.sleep(0.05)
            assert not writing.done()
            other.execute("ROLLBACK")
            assert await writing == "a"
    finally:
        store.close()


# ------------------------------------------------------------------ callers


async def test_close_finishes_what_waits(url: str) -> None:
    store = make(url)
    async with Busy(store):
        writes = [asyncio.create_task(store.write(adds(f"w{number:03}"))) for number in range(150)]
        await asyncio.sleep(0.01)
        closing_ = asyncio.create_task(asyncio.to_thread(store.close))
        await asyncio.sleep(0.01)
    await asyncio.gather(*writes)
    await closing_
    assert len(seen(url)) == 150


async def test_a_write_after_close_does_not_hang(url: str) -> None:
    store = make(url)
    store.close()
    with pytest.raises((StoreError, RuntimeError)):
        async with asyncio.timeout(PATIENCE):
            await store.write(adds("late"))


async def test_a_caller_that_gave_up_before_its_turn_writes_nothing(store: Store, url: str) -> None:
    async with Busy(store):
        gone = asyncio.create_task(store.write(adds("gone")))
        stays = asyncio.create_task(store.write(adds("stays")))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await stays == "stays"
    assert seen(url) == ["stays"]


async def test_a_caller_that_gives_up_in_the_middle_breaks_nothing(store: Store, url: str) -> None:
    there, go = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        connection.execute(text("INSERT INTO word (text) VALUES ('slow')"))
        there.set()
        assert go.wait(PATIENCE)

    writing = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(there.wait, PATIENCE)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    go.set()
    assert await store.write(adds("next")) == "next"
    assert seen(url) == ["slow", "next"]
