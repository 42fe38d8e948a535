"""INSERT … ON CONFLICT, which both databases have in the same words, and SQLAlchemy in two modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from storage.tables import Table

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert


def insert_or(connection: Connection, table: type[Table]) -> Insert:
    """An insert for this database that can say what happens on a conflict. Only its own module is loaded."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)  # type: ignore[return-value]
