"""Links to what we keep about somebody: each for one download, for an hour. The key itself is not stored here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from storage.passes import digest, new_token
from storage.tables import FileLink

LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Link:
    contact_id: int
    form: str


def make(connection: Connection, contact_id: int, form: str, now: datetime) -> str:
    """A new key. The one before it for the same form holds no more."""
    connection.execute(delete(FileLink).where(FileLink.contact_id == contact_id, FileLink.form == form))
    key = new_token()
    connection.execute(insert(FileLink).values(
        token_hash=digest(key), contact_id=contact_id, form=form, expires_at=now + LASTS
    ))
    return key


def look(connection: Connection, key: str, now: datetime) -> Link | None:
    """What a key opens, if it still does."""
    row = connection.execute(
        select(FileLink.contact_id, FileLink.form)
        .where(FileLink.token_hash == digest(key), FileLink.expires_at > now)
    ).one_or_none()
    return Link(row.contact_id, row.form) if row else None


def use(connection: Connection, key: str, now: datetime) -> Link | None:
    """What a key opens, for the one who comes first."""
    found = look(connection, key, now)
    gone = connection.execute(delete(FileLink).where(FileLink.token_hash == digest(key)))
    return found if gone.rowcount else None


def tidy(connection: Connection, now: datetime) -> None:
    connection.execute(delete(FileLink).where(FileLink.expires_at <= now))
