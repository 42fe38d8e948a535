"""Which records were made one, and which may be one person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from storage import drawers
from storage.among import among
from storage.sealed.lenient import UNREADABLE, lenient
from storage.tables import Contact, Counsellor, Drawer, Merge, Ticket, TicketMove

MOST = 8


@dataclass(frozen=True, slots=True)
class Joined:
    """One record that came to another."""

    id: int
    other_id: int
    counsellor: str | None
    at: datetime
    undone_at: datetime | None
    can_go_back: bool


def of(connection: Connection, contact_id: int) -> list[Joined]:
    """The newest first. Only the newest that is not undone can be."""
    rows = connection.execute(
        select(Merge.id, Merge.other_id, Counsellor.name, Merge.at, Merge.undone_at, Merge.before)
        .outerjoin(Counsellor, Counsellor.id == Merge.counsellor_id)
        .where(Merge.contact_id == contact_id).order_by(Merge.id.desc())).all()
    last = next((row for row in rows if row.undone_at is None), None)
    return [Joined(row.id, row.other_id, row.name, row.at, row.undone_at, row is last and row.before is not None)
            for row in rows]


def joined_into(connection: Connection, other_id: int) -> int | None:
    """Where a record that is not there any more has gone."""
    return connection.execute(
        select(Merge.contact_id).where(Merge.other_id == other_id, Merge.undone_at.is_(None))).scalars().first()


def has_had_them(connection: Connection, counsellor_id: int, contact_ids: Sequence[int]) -> bool:
    """Whether one of these people has been this counsellor's: they have, or took, a chat of theirs."""
    has = select(Ticket.id).where(Ticket.contact_id.in_(contact_ids), Ticket.counsellor_id == counsellor_id)
    took = select(TicketMove.id).where(TicketMove.contact_id.in_(contact_ids), TicketMove.to_id == counsellor_id)
    return any(connection.execute(one.limit(1)).first() is not None for one in (has, took))


def alike(connection: Connection, contact_id: int, known: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """Others with the same phone, or with every word of the same whole name; and what is known of them."""
    labels = drawers.labels_of(known)
    phone = [one for one in labels if one.startswith("phone=")]
    name = [one for one in labels if one.startswith("name=")]
    found: dict[int, None] = {}
    for words in (phone, name if len(name) > 1 else []):
        if words:
            hashed = drawers.hashed(connection, words)
            in_all = select(Drawer.contact_id).where(Drawer.word.in_(hashed), Drawer.contact_id != contact_id)
            in_all = in_all.group_by(Drawer.contact_id).having(func.count() == len(hashed))
            found |= dict.fromkeys(connection.execute(in_all.order_by(Drawer.contact_id.desc()).limit(MOST)).scalars())
    ids = list(found)[:MOST]
    rows = connection.execute(
        select(Contact.id, lenient(Contact.known)).where(among(Contact.id, "ids"), Contact.forgotten_at.is_(None)),
        {"ids": ids}).all()
    return [(row[0], row[1] if row[1] is not UNREADABLE else {}) for row in rows]
