"""Which facts people were told, in which version: kept for 90 days, so that a change can be told to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from storage.sealed import keys
from storage.tables import Contact, ToldFact

KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Told:
    contact_id: int
    version: int
    """The newest that they were told."""
    at: datetime


def note(connection: Connection, contact_id: int, told: Iterable[tuple[str, int]], now: datetime) -> None:
    """`told`: each fact with its version."""
    rows = [keys.sealed(connection, ToldFact, {"contact_id": contact_id, "fact": fact, "version": version, "at": now})
            for fact, version in told]
    if rows:
        connection.execute(insert(ToldFact), rows)


def wait(connection: Connection, contact_id: int, fact: str, version: int, now: datetime) -> None:
    """This version is to be told as soon as we may write: it stands there with a minus until then."""
    note(connection, contact_id, [(fact, -version)], now)


def waiting(connection: Connection, contact_id: int) -> list[str]:
    """The facts that are still to be told to a person, the first first."""
    rows = connection.execute(select(ToldFact.contact_id, ToldFact.fact, ToldFact.version)
                              .where(ToldFact.contact_id == contact_id).order_by(ToldFact.at, ToldFact.id))
    newest = {row.fact: row.version for row in rows}
    return [fact for fact, version in newest.items() if version < 0]


def who(connection: Connection, fact_id: str, now: datetime) -> list[Told]:
    """Who was told this fact within the last 90 days, or is going to be, with the newest version of each, the last
    told first."""
    rows = connection.execute(
        select(ToldFact.contact_id, ToldFact.fact, ToldFact.version, ToldFact.at)
        .join(Contact, Contact.id == ToldFact.contact_id)
        .where(ToldFact.at > now - KEPT, Contact.forgotten_at.is_(None)).order_by(ToldFact.at)
    )
    found = {row.contact_id: Told(row.contact_id, abs(row.version), row.at) for row in rows if row.fact == fact_id}
    return sorted(found.values(), key=lambda one: one.at, reverse=True)


def last(connection: Connection, contact_id: int) -> str | None:
    """Which fact they were told last."""
    return connection.execute(
        select(ToldFact.fact).where(ToldFact.contact_id == contact_id).order_by(ToldFact.id.desc()).limit(1)
    ).scalar_one_or_none()


def purge(connection: Connection, now: datetime) -> int:
    """Drop what is older than it may be; says how many rows."""
    return connection.execute(delete(ToldFact).where(ToldFact.at <= now - KEPT)).rowcount
