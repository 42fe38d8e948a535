"""Answers that counsellors give often, in each language; a coordinator writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from storage.tables import CannedReply
from storage.upsert import insert_or

MOST = 300
LONGEST_NAME, LONGEST_TEXT = 40, 3000


@dataclass(frozen=True, slots=True)
class Canned:
    id: int
    name: str
    """What one types to find it."""
    texts: Mapping[str, str]
    """Language -> text, with places for what is filled in."""


def everything(connection: Connection) -> list[Canned]:
    rows = select(CannedReply.id, CannedReply.name, CannedReply.texts).order_by(CannedReply.name).limit(MOST)
    return [Canned(*row) for row in connection.execute(rows)]


def add(connection: Connection, name: str, texts: Mapping[str, str], now: datetime) -> bool:
    """False where there is one with this name."""
    new = insert_or(connection, CannedReply).values(name=name, texts=dict(texts), changed_at=now)
    made = new.on_conflict_do_nothing(index_elements=["name"]).returning(CannedReply.id)
    return connection.scalar(made) is not None


def change(connection: Connection, canned_id: int, name: str, texts: Mapping[str, str], now: datetime) -> bool:
    """False where another one has this name, or it is gone."""
    taken = select(CannedReply.id).where(CannedReply.name == name, CannedReply.id != canned_id)
    if connection.scalar(taken) is not None:
        return False
    changed = update(CannedReply).where(CannedReply.id == canned_id)
    return bool(connection.execute(changed.values(name=name, texts=dict(texts), changed_at=now)).rowcount)


def remove(connection: Connection, canned_id: int) -> None:
    connection.execute(delete(CannedReply).where(CannedReply.id == canned_id))
