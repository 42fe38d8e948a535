"""What people decided, purpose by purpose. Every decision stays; the newest one holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from storage.tables import Consent


@dataclass(frozen=True, slots=True)
class Decision:
    purpose: str
    about: str | None
    version: str
    language: str
    given: bool
    at: datetime


def record(connection: Connection, contact_id: int, decision: Decision) -> None:
    connection.execute(insert(Consent).values(
        contact_id=contact_id, purpose=decision.purpose, about=decision.about, version=decision.version,
        language=decision.language, given=decision.given, at=decision.at,
    ))


def history(connection: Connection, contact_id: int) -> list[Decision]:
    """Everything that a person decided, the oldest first."""
    rows = connection.execute(
        select(Consent.purpose, Consent.about, Consent.version, Consent.language, Consent.given, Consent.at)
        .where(Consent.contact_id == contact_id).order_by(Consent.id)
    )
    return [Decision(*row) for row in rows]


def what_holds(decisions: list[Decision]) -> list[Decision]:
    """The newest decision of each purpose, in the order in which they were first decided."""
    return list({(one.purpose, one.about): one for one in decisions}.values())
