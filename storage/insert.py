"""Many new rows at once, with the ids that they got."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, insert, text

from storage.tables import Table

_LAST = text("SELECT last_insert_rowid()")


def insert_many(connection: Connection, table: type[Table], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows with the same columns each; their ids, in order.

    SQLite gives each row of a transaction the id after the largest one (https://www.sqlite.org/autoinc.html), and
    nobody else writes meanwhile: so the last id tells them all, and no row has to be asked for its own.
    """
    if not rows:
        return []
    if connection.dialect.name != "sqlite":
        return list(connection.execute(_returning(table), list(rows)).scalars())
    if len(rows) == 1:
        key = connection.execute(_plain(table), rows[0]).inserted_primary_key
        assert key is not None
        return [int(key[0])]
    connection.execute(_plain(table), list(rows))
    last = connection.execute(_LAST).scalar_one()
    return list(range(last - len(rows) + 1, last + 1))


@cache
def _plain(table: type[Table]) -> Insert:
    return insert(table)


@cache
def _returning(table: type[Table]) -> Any:
    return insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
