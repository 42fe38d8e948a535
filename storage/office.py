"""The centre's office hours, as its coordinator has set them. What they mean is read in `bot/office.py`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.news import tell
from storage.tables import Setting

NAME = "office_hours"
CHANGED = "hours"
"""The topic that tells every process to read them again."""


def stored(connection: Connection) -> dict[str, Any] | None:
    """None: nobody has set them here, and those of the settings hold."""
    found: dict[str, Any] | None = connection.scalar(select(Setting.value).where(Setting.name == NAME))
    return found


def store(connection: Connection, value: dict[str, Any]) -> None:
    connection.execute(delete(Setting).where(Setting.name == NAME))
    connection.execute(insert(Setting).values(name=NAME, value=value))
    tell(connection, [CHANGED, "queue"])
