"""A database filled with people who do not exist, as large as wanted: fill.py URL PEOPLE [--due N].

The schema is the product's own, brought up by its migrations. The rows are written past the product, because ten
million messages through it would take an hour: SQLite by executemany, PostgreSQL by COPY.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import orjson
from sqlalchemy import Connection, Engine, Index
from sqlalchemy import Table as Rows
from sqlalchemy.schema import CreateIndex, DropIndex

from bot.settings import Settings
from storage import schema
from storage.database import connect
from storage.sealed.box import Box, new_key, place
from storage.sealed.keys import prepare
from storage.sealed.vault import vault_of
from storage.tables import Table

FIRST_CHAT = 100_000
"""The bench's people are the chats from here on."""
FIRST_UPDATE = 500_000_000
"""Older than any update of the bench, so that none is taken for a second copy."""
EACH = 10
"""Messages a person has."""
YEAR = 365 * 86_400_000_000
KNOWN = {"situation": "returned", "return_date": "2026-03", "municipality": "gjilan", "first_need": "employment",
         "name": "Anna", "country": "DE", "skills": "Welding, three years in Ulm", "contact_time": "morning"}
ANSWERS = {**KNOWN, "family": "4", "school": "vocational", "documents": ["id", "diploma"], "wish": "Work near home"}
BUTTONS = {"buttons": [[label, f"1a2b:q:{label}", "answer"] for label in ("Yes", "No", "Not now")],
           "columns": 2, "style": "plain", "quiet": False}
TEXTS = ("Yes", "I worked three years as a welder near Ulm and would like to do that here.", "2", "Gjilan",
         "Thank you. And what did you learn before that? You can write it in your own words, one or two sentences.")


def text(value: Any) -> str:
    return orjson.dumps(value).decode()


def spread(people: int) -> int:
    """A stride that scatters neighbouring chats over the whole table."""
    stride = int(people * 0.618) | 1
    while math.gcd(stride, people) != 1:
        stride += 2
    return stride


# One function a table: a row for each, with the columns of its first line.

def contacts(people: int, now: int, locks: Locks) -> Iterator[Sequence[Any]]:
    yield ("id", "created_at", "language", "chose_language", "time_zone", "known", "feels", "consents", "rhythm_days",
           "last_seen_at")
    known, consents = text(KNOWN), text({"keep": True, "sensitive": False})
    for one in range(1, people + 1):
        yield (one, now - one * YEAR // people, ("sq", "sr", "de", "en")[one % 4], True, "Europe/Belgrade",
               locks.lock("contacts.known", one, known), False, consents, 14,
               now - (people - one) * YEAR // (6 * people))


def addresses(people: int, now: int, locks: Locks) -> Iterator[Sequence[Any]]:
    yield "contact_id", "channel", "address", "sealed", "last_used_at"
    stride = spread(people)
    for one in range(1, people + 1):
        chat = str(FIRST_CHAT + one * stride % people)
        yield one, "telegram", locks.hashed(chat), locks.lock("addresses.sealed", one, chat), now


def consents(people: int, now: int, locks: Locks) -> Iterator[Sequence[Any]]:
    yield "contact_id", "purpose", "version", "language", "given", "at"
    for one in range(1, people + 1):
        yield one, "keep", "1", "sq", True, now - YEAR // 2


def runs(people: int, now: int, locks: Locks) -> Iterator[Sequence[Any]]:
    """Two that are over and one open for each."""
    yield ("id", "contact_id", "conversation", "answers", "awaiting", "misses", "touched", "started_at", "updated_at",
           "ended_at")
    answers, ids = text(ANSWERS), itertools.count(1)
    for at, name in enumerate(("welcome", "intake", "menu"), 1):
        ended = None if name == "menu" else now - YEAR // 4
        for one in range(1, people + 1):
            run = next(ids)
            yield (run, one, name, locks.lock("runs.answers", one, answers, run) if ended else "",
                   None if ended else "what", 0, at, now - YEAR // 3, now, ended)


def messages(people: int, now: int, locks: Locks) -> Iterator[Sequence[Any]]:
    """Said in the order of time: one by everybody, then the next by everybody."""
    yield ("contact_id", "channel", "address", "author", "kind", "text", "content", "inbound_key", "external_id",
           "lane", "state", "attempts", "due_at", "at", "sent_at")
    stride, content = spread(people), text(BUTTONS)
    for number in range(people * EACH):
        one = number * stride % people + 1
        chat, at = locks.hashed(str(FIRST_CHAT + one * stride % people)), now - YEAR + number * YEAR // (people * EACH)
        if number // people % 2:
            yield (one, "telegram", chat, "bot", "text", locks.lock("messages.text", one, TEXTS[-1]),
                   locks.lock("messages.content", one, content), None, str(number),
                   0, "sent", 0, at, at, at)
        else:
            yield (one, "telegram", chat, "person", "text", locks.lock("messages.text", one, TEXTS[number % 4]), None,
                   str(FIRST_UPDATE + number), None, 0, "received", 0, None, at, None)


def plan_steps(people: int, now: int, locks: Locks) -> Iterator[Sequence[Any]]:
    yield "contact_id", "key", "what", "who", "state", "created_at", "changed_at"
    for one in range(1, people + 1):
        key = f"{one}.paper"
        what = locks.lock("plan_steps.what", one, "Bring the diploma to be recognised", key)
        yield one, key, what, "person", "agreed", now, now


def reminders(people: int, now: int, locks: Locks, due: int = 0) -> Iterator[Sequence[Any]]:
    """One a person in the two weeks to come; the first `due` are due by now."""
    yield "contact_id", "key", "opens", "due_at", "attempt", "state"
    for one in range(1, people + 1):
        ahead = 86_400_000_000 + one * spread(people) % people * (13 * 86_400_000_000 // people)
        yield one, "check_in", "check_in", now - one if one <= due else now + ahead, 0, "waiting"


def contact_keys(people: int, now: int, locks: Locks) -> Iterator[Sequence[Any]]:
    yield "contact_id", "master", "wrapped"
    for one in range(1, people + 1):
        yield one, *locks.vault.masters.wrap(locks.keys[one], place("contact_keys", one))


class Locks:
    """A key for everybody, and what is locked with it."""

    def __init__(self, engine: Engine, people: int) -> None:
        self.vault = vault_of(engine.dialect)
        self.hashed = self.vault.hashed
        self.keys = [new_key() for _ in range(people + 1)]

    def lock(self, column: str, one: int, plain: str, row: int | str = "") -> str:
        return str(Box(self.keys[one]).lock(plain.encode(), place(column, one, row)))


EVERYTHING = (contacts, contact_keys, addresses, consents, runs, messages, plan_steps, reminders)


def fill(engine: Engine, people: int, due: int = 0) -> None:
    """Everything for so many people. Indexes are made after the rows, which is quicker and leaves them tidy."""
    schema.upgrade(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        prepare(connection)
    now, locks = time.time_ns() // 1000, Locks(engine, people)
    for each in EVERYTHING:
        rows = reminders(people, now, locks, due) if each is reminders else each(people, now, locks)
        with engine.connect().execution_options(writes=True) as connection:
            raw: Any = connection.connection.driver_connection
            if engine.dialect.name == "sqlite":  # nothing to lose yet; later connections have their own settings
                raw.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-500000")
            with connection.begin():
                if engine.dialect.name == "postgresql":  # whom a row belongs to is not looked up row by row
                    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
                _table(connection, Table.metadata.tables[each.__name__], rows)
    if engine.dialect.name == "postgresql":  # as its autovacuum would; SQLite gathers no figures by itself
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _table(connection: Connection, table: Rows, rows: Iterator[Sequence[Any]]) -> None:
    indexes = [one for one in table.indexes if not one.unique]
    _indexes(connection, indexes, drop=True)
    _copy(connection, table, rows)
    _indexes(connection, indexes, drop=False)
    _count_on(connection, table)


def _indexes(connection: Connection, indexes: list[Index], drop: bool) -> None:
    for index in indexes:
        connection.execute(DropIndex(index) if drop else CreateIndex(index))


def _copy(connection: Connection, table: Rows, rows: Iterator[Sequence[Any]]) -> None:
    """The first row names the columns; what it leaves out and must be there gets the schema's own default."""
    named = tuple(next(rows))
    rest = [one for one in table.columns if one.name not in named and not one.nullable and one.default is not None]
    constants = tuple(getattr(one.default, "arg", None) for one in rest)
    columns = (*named, *(one.name for one in rest))
    raw = connection.connection.driver_connection
    assert raw is not None
    if connection.dialect.name == "sqlite":
        marks = ",".join("?" * len(columns))
        raw.executemany(f"INSERT INTO {table.name} ({','.join(columns)}) VALUES ({marks})",
                        ((*row, *constants) for row in rows))
    else:
        with raw.cursor().copy(f"COPY {table.name} ({','.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *constants))


def _count_on(connection: Connection, table: Rows) -> None:
    """PostgreSQL gives the next row the number after the last one here."""
    if connection.dialect.name == "postgresql" and "id" in table.columns:
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("url")
    asked.add_argument("people", type=int)
    asked.add_argument("--due", type=int, default=0)
    given = asked.parse_args()
    began = time.perf_counter()
    fill(connect(given.url, Settings(database_url=given.url).keys), given.people, given.due)
    print(f"{given.people:,} people, {given.people * EACH:,} messages: {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
