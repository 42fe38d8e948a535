"""Links that the centre hands out: a poster at the airport, a partner's leaflet. They say where people come from."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from storage.tables import Contact, WayIn

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other where somebody types an address from paper."""
LONG = 8
MOST = 300
LONGEST_NAME = 60
FRESH = timedelta(days=1)
"""So long after they first wrote somebody still comes by a link, and not back by it."""


@dataclass(frozen=True, slots=True)
class Way:
    id: int
    code: str
    name: str
    language: str | None
    created_at: datetime
    ended_at: datetime | None
    people: int
    """How many came by it first; people of whom everything was deleted are not among them."""


def everything(connection: Connection) -> list[Way]:
    """Those that are handed out, then those that are not any more; of each the newest first."""
    came = select(func.count()).where(Contact.came_by == WayIn.id).correlate(WayIn).scalar_subquery()
    rows = select(WayIn.id, WayIn.code, WayIn.name, WayIn.language, WayIn.created_at, WayIn.ended_at, came)
    rows = rows.order_by(WayIn.ended_at.is_not(None), WayIn.id.desc()).limit(MOST)
    return [Way(*row) for row in connection.execute(rows)]


def add(connection: Connection, name: str, language: str | None, counsellor_id: int | None, now: datetime) -> int:
    code = "".join(secrets.choice(LETTERS) for _ in range(LONG))
    new = insert(WayIn).values(code=code, name=name, language=language, created_at=now, counsellor_id=counsellor_id)
    return int(connection.execute(new.returning(WayIn.id)).scalar_one())


def end(connection: Connection, way_id: int, now: datetime) -> None:
    """Who has the paper may still come by it."""
    connection.execute(update(WayIn).where(WayIn.id == way_id, WayIn.ended_at.is_(None)).values(ended_at=now))


def came(connection: Connection, contact_id: int, code: str, now: datetime) -> str | None:
    """Somebody came by this link: counted where they are new and came by no other. The link's language, where it has
    one and they are counted."""
    if len(code) != LONG:
        return None
    way = connection.execute(select(WayIn.id, WayIn.language).where(WayIn.code == code)).first()
    if way is None:
        return None
    new = update(Contact).where(Contact.id == contact_id, Contact.came_by.is_(None), Contact.created_at > now - FRESH)
    return way.language if connection.execute(new.values(came_by=way.id)).rowcount else None


def names(connection: Connection, way_ids: Sequence[int]) -> dict[int, str]:
    rows = connection.execute(select(WayIn.id, WayIn.name).where(WayIn.id.in_(way_ids)))
    return {row.id: row.name for row in rows}
