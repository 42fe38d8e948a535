"""What became of a push, of a person's browser or of the team's."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, delete, update

from storage.tables import ChatPush, DeskPush

Kind: TypeAlias = type[ChatPush] | type[DeskPush]


def woken(connection: Connection, kind: Kind, key: str, now: datetime) -> None:
    """The push service has it. Where somebody has opened the chat meanwhile, the next may go."""
    connection.execute(update(kind).where(kind.endpoint_hash == key, kind.due_at.is_not(None))
                       .values(woken_at=now, failures=0, due_at=None))


def failed(connection: Connection, kind: Kind, key: str, due: datetime) -> None:
    connection.execute(update(kind).where(kind.endpoint_hash == key).values(failures=kind.failures + 1, due_at=due))


def ended(connection: Connection, kind: Kind, key: str) -> None:
    """The browser does not want it any more, or nobody can reach it."""
    connection.execute(delete(kind).where(kind.endpoint_hash == key))
