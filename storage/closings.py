"""The end of our regular contact with a person, and the door that stays open: who writes again is back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.sealed import keys
from storage.tables import CaseClosing, Contact, Counsellor

REASONS = ("goal", "ended", "stops", "moved", "leaves", "died")
DIED, LEAVES = "died", "leaves"


@dataclass(frozen=True, slots=True)
class Closing:
    id: int
    why: str
    note: str
    why_leaves: str | None
    at: datetime
    reopened_at: datetime | None
    counsellor: str | None


def close(
    connection: Connection, contact_id: int, why: str, note: str, counsellor_id: int, now: datetime
) -> bool:
    """False where it is closed already."""
    if current(connection, contact_id) is not None:
        return False
    row = keys.sealed(connection, CaseClosing, {
        "contact_id": contact_id, "counsellor_id": counsellor_id, "why": why, "note": note, "at": now})
    connection.execute(insert(CaseClosing).values(row))
    if why == DIED:
        connection.execute(update(Contact).where(Contact.id == contact_id).values(died_at=now))
    return True


def reopen(connection: Connection, contact_id: int, now: datetime) -> bool:
    """They have written again, or it was a mistake; False where it was not closed."""
    opened = update(CaseClosing).where(CaseClosing.contact_id == contact_id, CaseClosing.reopened_at.is_(None))
    if not connection.execute(opened.values(reopened_at=now)).rowcount:
        return False
    connection.execute(update(Contact).where(Contact.id == contact_id).values(died_at=None))
    return True


def current(connection: Connection, contact_id: int) -> str | None:
    """Why the case is closed; None where it is open."""
    return connection.scalar(select(CaseClosing.why).where(
        CaseClosing.contact_id == contact_id, CaseClosing.reopened_at.is_(None)))


def say_why_leaves(connection: Connection, contact_id: int, why: str) -> None:
    connection.execute(update(CaseClosing).where(
        CaseClosing.contact_id == contact_id, CaseClosing.reopened_at.is_(None)).values(why_leaves=why))


def history(connection: Connection, contact_id: int) -> Sequence[Closing]:
    """The newest first."""
    rows = connection.execute(
        select(CaseClosing.id, CaseClosing.why, CaseClosing.note, CaseClosing.why_leaves, CaseClosing.at,
               CaseClosing.reopened_at, Counsellor.name)
        .outerjoin(Counsellor, Counsellor.id == CaseClosing.counsellor_id)
        .where(CaseClosing.contact_id == contact_id).order_by(CaseClosing.id.desc()))
    return [Closing(*row) for row in rows]
