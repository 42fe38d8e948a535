"""The databases of the tests: SQLite, or with `--database postgresql` a PostgreSQL of our own.

Everything that a test builds on is given an address from here, so that the same test runs on both.
"""

from __future__ import annotations

import atexit
import itertools
import os
import re
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine

from storage import schema
from storage.database import connect, engine_for
from storage.sealed.key_file import NAME, KeyFile
from storage.sealed.keys import prepare
from storage.sealed.vault import vault_of
from storage.tables import Table
from tests.support import postgres, unlocked

KINDS = ("sqlite", "postgresql")
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where a disk is not waited for; the promise that a commit is on the disk has tests of its own."""
_kind = "sqlite"
_numbers = itertools.count(1)
_passing: list[str] = []
"""PostgreSQL's databases that end with the test that is running."""
_peeks: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}


def use(kind: str) -> None:
    """For the whole session; nothing is started yet."""
    global _kind
    assert kind in KINDS
    _kind = kind


def is_postgresql() -> bool:
    return _kind == "postgresql"


def folder() -> Path:
    """A new one in memory, gone at the end of the session."""
    made = Path(tempfile.mkdtemp(prefix="world-", dir=MEMORY))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    give_keys(made)
    return made


# ------------------------------------------------------------------ keys


MASTER = "dGhpcyBtYXN0ZXIga2V5IG9wZW5zIG9ubHkgdGVzdHM=\n"
"""All databases of the tests are written with this one, so that a copy of one can be opened too."""


def give_keys(home: Path) -> KeyFile:
    """A key file where the bot looks for it in this data folder."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / NAME
    path.touch(mode=0o600)
    path.write_text(MASTER)
    return KeyFile(path, is_ours=True)


@cache
def keys() -> KeyFile:
    """For an engine of one's own."""
    return KeyFile(folder() / NAME, is_ours=True)


def opened(url: str) -> AbstractContextManager[Engine]:
    """An engine that can read what is locked."""
    return engine_for(url, keys())


# ------------------------------------------------------------------ new ones


def new(home: Path, template: str | None = None, keep: bool = False) -> str:
    """The address of a database of one's own: empty, or a copy. It ends with the test, unless it is kept."""
    give_keys(home)
    if is_postgresql():
        url = postgres.server().url(f"test_{next(_numbers)}")
        if not keep:
            _passing.append(url)
    else:
        url = f"sqlite:///{home / 'returnee-bot.db'}"
    renew(url, template)
    return url


def renew(url: str, template: str | None = None) -> None:
    """Empty, or a copy, in the place of what was there. Nobody may be connected."""
    if url.startswith("sqlite"):
        for ending in ("", "-wal", "-shm"):
            Path(f"{path_of(url)}{ending}").unlink(missing_ok=True)
        if template is not None:
            shutil.copy(path_of(template), path_of(url))
        return
    _forget(url)
    postgres.server().create(_name(url), *([_name(template)] if template else []))


def prepared(fill: Callable[[str], object], template: str | None = None) -> str:
    """A template: `fill` is given the address of an empty database, or of a copy, and leaves no connection behind."""
    url = new(folder(), template, keep=True)
    fill(url)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(path_of(url))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return url


@cache
def with_tables() -> str:
    """A template with tables and nothing in them."""

    def fill(url: str) -> None:
        with opened(url) as engine:
            schema.upgrade(engine)
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                prepare(connection)

    return prepared(fill)


@contextmanager
def passing() -> Iterator[None]:
    """What is made meanwhile ends with it; what was there before, for a whole module, stays. Nobody looks into that
    any more: a database that somebody is in can be neither a template nor dropped."""
    before = len(_passing)
    yield
    for url in list(_peeks):
        _forget(url)
    while len(_passing) > before:
        drop(_passing.pop())


def drop(url: str) -> None:
    """Of PostgreSQL; fails where somebody is still in it: whoever opens a connection closes it."""
    postgres.server().drop(_name(url))


def _forget(url: str) -> None:
    if url in _peeks:
        _peeks.pop(url).close()


def path_of(url: str) -> Path:
    """Where an SQLite database lies."""
    return Path(url.removeprefix("sqlite:///"))


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


_free: defaultdict[str, list[tuple[str, Engine]]] = defaultdict(list)
"""By template: addresses and engines of databases that nobody uses any more. They are used again for a copy of the same
template: SQLAlchemy compiles each statement once an engine, and an engine knows the keys of its house."""


@contextmanager
def lent(template: str) -> Iterator[Engine]:
    """A fresh copy of the template, behind an engine that may have served before."""
    if _free[template]:
        url, engine = _free[template].pop()
        renew(url, template)
        vault_of(engine.dialect).is_open = False  # another template has keys of its own
    else:
        url = new(folder(), template, keep=True)
        engine = connect(url, keys())
    yield engine
    engine.dispose()
    _free[template].append((url, engine))


# ------------------------------------------------------------------ looking in from outside


def rows(url: str, statement: str, *values: object) -> list[Any]:
    """What another process sees that has the keys: every locked value is opened first, so that a statement may also
    ask for it. Values stand as `?` in the statement."""
    if LOCKED.search(statement):
        with closing(unlocked.look(url, statement, keys(), stored)) as seen:
            return seen.execute(unlocked.renamed(statement), values).fetchall()
    return stored(url, statement, *values)


LOCKED = re.compile(r"(?i)\b(from|join)\s+" + unlocked.TABLES)


def stored(url: str, statement: str, *values: object) -> list[Any]:
    """The same as it is in the database."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(path_of(url), timeout=5)) as connection:
            return connection.execute(statement, values).fetchall()
    return _run(url, statement, values).fetchall()


def change(url: str, statement: str, *values: object) -> None:
    """What another process does."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(path_of(url), timeout=5)) as connection, connection:
            connection.execute(statement, values)
        return
    _run(url, statement, values)


def _run(url: str, statement: str, values: tuple[object, ...]) -> psycopg.Cursor[tuple[Any, ...]]:
    if url not in _peeks or _peeks[url].closed:
        _peeks[url] = postgres.server().connect(_name(url))
    return _peeks[url].execute(statement.replace("%", "%%").replace("?", "%s").encode(), values)


@contextmanager
def in_the_middle_of(url: str, statement: str) -> Iterator[None]:
    """Another process has begun to write and is not done; in the end it takes it back."""
    if url.startswith("sqlite"):
        other: Any = sqlite3.connect(path_of(url), isolation_level=None)
    else:
        other = postgres.server().connect(_name(url))
    with closing(other):
        other.execute("BEGIN")
        other.execute(statement)
        yield
        other.execute("ROLLBACK")


def table_names() -> list[str]:
    return sorted(Table.metadata.tables)


def columns() -> list[tuple[str, str]]:
    """Every column of every table."""
    return [(table.name, column.name) for table in Table.metadata.sorted_tables for column in table.columns]


# ------------------------------------------------------------------ trouble


@contextmanager
def cut_off(url: str) -> Iterator[None]:
    """PostgreSQL lets nobody in and has thrown out who was there."""
    name, server = _name(url), postgres.server()
    _forget(url)
    server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    throw_out(url)
    try:
        yield
    finally:
        server.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def refusal(table: str, when: str) -> list[str]:
    """The statements after which the database takes no such rows any more."""
    begins = "CREATE TRIGGER refused BEFORE INSERT ON"
    if not is_postgresql():
        return [f"{begins} {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'constraint'); END"]
    return [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE check_violation USING MESSAGE = 'constraint', DETAIL = NEW::text; END $$",
        f"{begins} {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()",
    ]


def throw_out(url: str, states: str = "%") -> int:
    """End the connections of a PostgreSQL database, all or those in such a state; says how many."""
    gone = postgres.server().run(
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        f" WHERE datname = '{_name(url)}' AND state LIKE '{states}' AND pid != pg_backend_pid()")
    return len(gone)
