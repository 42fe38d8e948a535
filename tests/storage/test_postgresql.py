"""What only PostgreSQL does: it cuts connections, restarts, makes us wait for a row, and gives up on who is silent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

import storage.database
from bot.app import build
from bot.settings import Settings
from storage.database import UnfitDatabase, connect, engine_for
from storage.store import Store, StoreError
from tests.support import database, postgres
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.postgresql_only, pytest.mark.usefixtures("databases")]
SECRET = "my secret"


@pytest.fixture
def url(tmp_path: Path, databases: None) -> str:
    return database.new(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = make(url)
    yield made
    made.close()


def make(url: str) -> Store:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE word (text TEXT PRIMARY KEY)"))
    return Store(engine)


def add(word: str, connection: Connection) -> str:
    connection.execute(text("INSERT INTO word VALUES (:word)"), {"word": word})
    return word


def adds(store: Store, word: str) -> asyncio.Task[str]:
    return asyncio.create_task(store.write(lambda connection: add(word, connection)))


def words(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT text FROM word ORDER BY text")).scalars())


class Held:
    """A write that stays in the middle of its transaction until it may go on."""

    def __init__(self, store: Store) -> None:
        self.there, self.go = threading.Event(), threading.Event()
        self.writing = asyncio.create_task(store.write(self._work))

    def _work(self, connection: Connection) -> str:
        add("held", connection)
        self.there.set()
        assert self.go.wait(PATIENCE)
        return add("went on", connection)

    async def begun(self) -> Held:
        assert await asyncio.to_thread(self.there.wait, PATIENCE)
        return self


# ------------------------------------------------------------------ connections that are cut


async def test_cut_in_the_middle_of_a_transaction(store: Store, url: str) -> None:
    held = await Held(store).begun()
    assert database.throw_out(url, "idle in transaction") == 1
    held.go.set()
    with pytest.raises(StoreError):
        await held.writing
    assert await adds(store, "next") == "next"
    assert await store.read(words) == ["next"]


async def test_everybody_in_a_batch_that_is_cut_is_told(store: Store, url: str) -> None:
    held = await Held(store).begun()
    database.throw_out(url)

    def cut(connection: Connection) -> None:
        add("before", connection)
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    writes = [adds(store, "a"), asyncio.create_task(store.write(cut)), adds(store, "b")]
    held.go.set()
    results = await asyncio.gather(held.writing, *writes, return_exceptions=True)
    assert all(isinstance(one, StoreError) for one in results), results
    assert await store.read(words) == []
    assert await adds(store, "a") == "a"


async def test_connections_cut_while_nobody_used_them(store: Store, url: str) -> None:
    """Several lie in the pool: one failure, then all of them are new."""
    await asyncio.gather(*(store.read(lambda connection: connection.execute(text("SELECT pg_sleep(0.05)")).all())
                           for _ in range(4)), adds(store, "a"))
    assert database.throw_out(url) >= 4
    with pytest.raises(StoreError):
        await adds(store, "b")
    assert await adds(store, "b") == "b"
    assert await asyncio.gather(*(store.read(words) for _ in range(8))) == [["a", "b"]] * 8


# ------------------------------------------------------------------ a server that goes away


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    one = postgres.Server().start()
    yield one
    one.stop()


@pytest.mark.parametrize("how", [postgres.Server.stop, postgres.Server.kill], ids=["stopped", "killed"])
async def test_a_server_that_is_restarted(server: postgres.Server, how: object) -> None:
    server.create("bot")
    store = make(server.url("bot"))
    try:
        await adds(store, "before")
        held = await Held(store).begun()
        assert callable(how)
        await asyncio.to_thread(how, server)
        held.go.set()
        for lost in (held.writing, adds(store, "while it is down"), store.read(words)):
            with pytest.raises(StoreError):
                await lost
        await asyncio.to_thread(server.start)
        assert await adds(store, "after") == "after"
        assert await store.read(words) == ["after", "before"]
    finally:
        store.close()


# ------------------------------------------------------------------ locks


async def test_it_waits_for_a_row_as_long_as_it_takes(store: Store, url: str) -> None:
    with database.in_the_middle_of(url, "INSERT INTO word VALUES ('a')"):
        writing = adds(store, "a")
        while not database.rows(url, "SELECT 1 FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        assert not writing.done()
    assert await writing == "a"


async def test_whoever_is_silent_in_a_transaction_loses_its_locks(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is stopped by its machine, or cut off from the network, does not hold up the others for ever."""
    monkeypatch.setattr(storage.database, "IDLE_IN_TRANSACTION", 50)
    silent = make(url)
    monkeypatch.undo()
    other = Store(connect(url))
    try:
        held = await Held(silent).begun()
        async with asyncio.timeout(5):
            assert await adds(other, "held") == "held"
        held.go.set()
        with pytest.raises(StoreError):
            await held.writing
    finally:
        silent.close()
        other.close()


# ------------------------------------------------------------------ what is told, what is refused


@pytest.mark.parametrize("statement", [
    "INSERT INTO word VALUES (:said)", "SELECT CAST(:said AS bigint)", "SELECT CAST(:said AS date)",
])
async def test_no_error_quotes_what_was_written(store: Store, statement: str) -> None:
    """PostgreSQL's own words quote the value; here they are cut."""
    await adds(store, SECRET)
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda connection: connection.execute(text(statement), {"said": SECRET}).all())
    assert "secret" not in str(caught.value) + repr(caught.value) + str(caught.value.orig)


async def test_an_error_still_says_what_is_wrong(store: Store) -> None:
    await adds(store, SECRET)
    with pytest.raises(IntegrityError, match="word_pkey"):
        await adds(store, SECRET)


async def test_it_says_who_it_is(store: Store, url: str) -> None:
    await store.read(words)
    names = database.rows(url, "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname ="
                               " current_database() AND pid != pg_backend_pid()")
    assert names == [("returnee-bot",)]


def test_a_start_that_fails_leaves_no_session(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL drops no database that somebody is in."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("storage.facts.seed", fails)
    with pytest.raises(ZeroDivisionError):
        build(Settings(data_dir=tmp_path, database_url=url), channels=[])
    database.drop(url)


async def test_only_utf8_will_do() -> None:
    """Elsewhere a name could not be stored as the person wrote it."""
    server = postgres.server()
    server.run("CREATE DATABASE narrow TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with engine_for(server.url("narrow")) as engine, pytest.raises(UnfitDatabase, match="LATIN1"):
        engine.connect()
    server.drop("narrow")


async def test_every_letter_comes_back(store: Store) -> None:
    word = "Ç ë ć š Ж ß 😀 ‏"
    await adds(store, word)
    assert await store.read(words) == [word]
