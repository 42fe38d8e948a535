"""What people asked and nobody could answer, for the coordinator's weekly list: without names, until it is settled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from storage.insert import insert_many
from storage.sealed import keys
from storage.tables import Unanswered

MOST = 500
"""So many are shown at once, the newest."""


@dataclass(frozen=True, slots=True)
class Question:
    id: int
    at: datetime
    language: str
    area: str | None
    text: str


def add(connection: Connection, contact_id: int, language: str, area: str | None, text: str, now: datetime) -> None:
    row = keys.sealed(connection, Unanswered, {
        "contact_id": contact_id, "language": language, "area": area, "text": text, "at": now,
    })
    insert_many(connection, Unanswered, [row])


def open_ones(connection: Connection) -> list[Question]:
    """What is not settled yet, the newest first."""
    rows = connection.execute(
        select(Unanswered.id, Unanswered.at, Unanswered.language, Unanswered.area, Unanswered.text)
        .where(Unanswered.settled_at.is_(None)).order_by(Unanswered.id.desc()).limit(MOST)
    )
    return [Question(row.id, row.at, row.language, row.area, row.text) for row in rows]


def among(connection: Connection, ids: Collection[int]) -> list[Question]:
    """Those of them that are not settled yet, the newest first."""
    return [one for one in open_ones(connection) if one.id in ids]


def settle(connection: Connection, ids: Collection[int], counsellor_id: int, now: datetime) -> int:
    """Take these off the list; how many were still on it."""
    done = connection.execute(
        update(Unanswered).where(Unanswered.id.in_(ids), Unanswered.settled_at.is_(None))
        .values(settled_at=now, counsellor_id=counsellor_id)
    )
    return done.rowcount


def purge(connection: Connection, chat_is_kept: timedelta, now: datetime) -> int:
    """Drop what is as old as words of a chat may become, settled or not; says how many rows."""
    return connection.execute(delete(Unanswered).where(Unanswered.at <= now - chat_is_kept)).rowcount


def forget(connection: Connection, contact_id: int) -> None:
    """What this person asked is gone."""
    connection.execute(delete(Unanswered).where(Unanswered.contact_id == contact_id))
