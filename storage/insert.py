"""Many new rows at once, with the ids that they got."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, literal_column, select

from storage.prepared import Prepared
from storage.tables import Table

_LAST = Prepared(select(literal_column("last_insert_rowid()")))


def insert_many(connection: Connection, table: type[Table], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows with the same columns each; their ids, in order.

    SQLite gives each row of a transaction the id after the largest one (https://www.sqlite.org/autoinc.html), and
    nobody else writes meanwhile: so the last id tells them all, and no row has to be asked for its own.
    """
    if not rows:
        return []
    if connection.dialect.name != "sqlite":
        return list(connection.execute(_returning(table), list(rows)).scalars())
    statement = _plain(table, tuple(rows[0]))
    if len(rows) == 1:
        return [statement.run(connection, **rows[0]).lastrowid]
    statement.each(connection, rows)
    [(last,)] = _LAST.rows(connection)
    return list(range(last - len(rows) + 1, last + 1))


@cache
def _plain(table: type[Table], columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table).values({name: bindparam(name) for name in columns}))


@cache
def _returning(table: type[Table]) -> Any:
    return insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
