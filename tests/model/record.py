"""What is stored at one moment, as plain rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias

from storage.tables import EPOCH
from tests.support import database, unlocked

Row: TypeAlias = dict[str, Any]
TABLES = ("contacts", "addresses", "runs", "messages", "reminders", "tickets", "tasks")
AS_JSON = {"known", "consents", "answers", "content"}


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)


@dataclass(frozen=True)
class Snapshot:
    contacts: dict[int, Row]
    addresses: list[Row]
    runs: dict[int, Row]
    messages: list[Row]
    reminders: dict[int, Row]
    tickets: dict[int, Row]
    tasks: list[Row]

    def contact_of(self, channel: str, address: str) -> int | None:
        return self._owners.get((channel, address))

    @cached_property
    def _owners(self) -> dict[tuple[str, str], int]:
        return {(row["channel"], row["address"]): row["contact_id"] for row in self.addresses}

    def current(self, contact: int) -> Row | None:
        """The run that the person is in."""
        runs = [row for row in self.runs.values() if row["contact_id"] == contact and row["ended_at"] is None]
        return max(runs, key=lambda row: row["touched"], default=None)

    def ticket(self, contact: int) -> Row | None:
        """The open one."""
        return next((row for row in self.tickets.values()
                     if row["contact_id"] == contact and row["state"] != "closed"), None)

    def reachable(self, contact: int) -> bool:
        return any(row["contact_id"] == contact and row["blocked_at"] is None for row in self.addresses)

    def said_to(self, contact: int) -> list[Row]:
        """What we wrote to this person, also what is not sent yet."""
        return [row for row in self.messages if row["contact_id"] == contact and row["author"] != "person"]

    def heard_from(self, contact: int) -> list[Row]:
        return [row for row in self.messages if row["contact_id"] == contact and row["author"] == "person"]


def read(connection: sqlite3.Connection) -> Snapshot:
    connection.execute("BEGIN")
    try:
        found = {table: _rows(connection, table) for table in TABLES}
    finally:
        connection.execute("COMMIT")
    keyed = ("contacts", "runs", "reminders", "tickets")
    return Snapshot(**{table: {row["id"]: row for row in rows} if table in keyed else rows
                       for table, rows in found.items()})


def _rows(connection: sqlite3.Connection, table: str) -> list[Row]:
    names, rows = unlocked.table(table, database.keys(), connection.execute)
    return [{name: json.loads(value) if name in AS_JSON and value is not None else value
             for name, value in zip(names, values, strict=True)} for values in rows]


def identity(row: Row) -> tuple[Any, ...]:
    """A message itself: an id alone could be given a second time."""
    return row["id"], row["contact_id"], row["at"], row["inbound_key"], row["text"]


def places_of(connection: sqlite3.Connection, words: str) -> list[str]:
    """Every table and column in which these words stand."""
    found = set()
    for table in database.table_names():
        names, rows = unlocked.table(table, database.keys(), connection.execute)
        found |= {f"{table}.{name}" for row in rows for name, value in zip(names, row, strict=True)
                  if words in str(value)}
    return sorted(found)


def new_in(after: Iterable[Row], before: Iterable[Row]) -> list[Row]:
    """Messages of `after` that are not in `before`."""
    known = {identity(row) for row in before}
    return [row for row in after if identity(row) not in known]
