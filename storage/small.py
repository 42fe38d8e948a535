"""Small things that must survive a restart, by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.tables import Setting


def get(connection: Connection, name: str) -> Any:
    return connection.execute(select(Setting.value).where(Setting.name == name)).scalar()


def put(connection: Connection, name: str, value: Any) -> None:
    """In the place of what was there; None: nothing is."""
    connection.execute(delete(Setting).where(Setting.name == name))
    if value is not None:
        connection.execute(insert(Setting).values(name=name, value=value))
