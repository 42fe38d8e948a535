"""One person's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, select

from conversations.wellbeing import WELLBEING, score
from storage import aside, one_phone
from storage.aside import AsideView
from storage.desk.common import MOST, AnyRow, AnySelect, name_of
from storage.tables import Address, Consent, Contact, Counsellor, PlanStep, Referral, Run, Task, Ticket


@dataclass(frozen=True, slots=True)
class PersonView:
    id: int
    name: str
    contact: AnyRow
    known: dict[str, Any]
    addresses: Sequence[AnyRow]
    consents: Sequence[AnyRow]
    runs: Sequence[AnyRow]
    """Open ones, the current one first."""
    plan: Sequence[AnyRow]
    tasks: Sequence[AnyRow]
    """Open first, then done."""
    referrals: Sequence[AnyRow]
    tickets: Sequence[AnyRow]
    """The newest first, each with its `assignee`."""
    intake: dict[str, Any] | None
    """The raw answers of the latest intake; None where there was none."""
    intake_at: datetime | None
    intake_done: bool
    wellbeing: Sequence[tuple[datetime, int]]
    """When the five questions were answered, and the score: the newest first."""
    asides: Mapping[int, AsideView]
    """What was set aside, by the id of its open task."""
    shares: Sequence[int] | None
    """None: their phone is theirs alone, as far as we know. Empty: they share one. Otherwise they are nobody, whoever
    wrote before saying who they are; and these are the people who share that phone."""


def person(connection: Connection, contact_id: int) -> PersonView | None:
    contact = connection.execute(select(Contact.__table__).where(Contact.id == contact_id)).one_or_none()
    if contact is None:
        return None
    intake = _latest_intake(connection, contact_id)
    tasks = _of(connection, Task.__table__, contact_id, Task.done_at.is_not(None), Task.due_at, Task.id)
    return PersonView(
        id=contact_id, name=name_of(contact_id, contact.known), contact=contact, known=contact.known or {},
        addresses=_of(connection, Address.__table__, contact_id, Address.id),
        consents=_of(connection, Consent.__table__, contact_id, Consent.id.desc()),
        runs=connection.execute(_open_runs(contact_id)).all(),
        plan=_of(connection, PlanStep.__table__, contact_id, PlanStep.by.is_(None), PlanStep.by, PlanStep.id),
        tasks=tasks, asides=aside.views(connection, [(one.id, one.key) for one in tasks if one.done_at is None]),
        referrals=_of(connection, Referral.__table__, contact_id, Referral.id),
        tickets=connection.execute(_tickets_of(contact_id)).all(),
        intake=intake.answers if intake else None, intake_at=intake.updated_at if intake else None,
        intake_done=bool(intake and intake.ended_at),
        wellbeing=_wellbeing(connection, contact_id),
        shares=one_phone.seen_by_team(connection, contact_id),
    )


def _of(
    connection: Connection, table: FromClause, contact_id: int, *order: Any
) -> Sequence[AnyRow]:
    rows = select(table).where(table.c.contact_id == contact_id).order_by(*order).limit(MOST)
    return connection.execute(rows).all()


def _open_runs(contact_id: int) -> AnySelect:
    open_ones = select(Run.__table__).where(Run.contact_id == contact_id, Run.ended_at.is_(None))
    return open_ones.order_by(Run.touched.desc())


def _tickets_of(contact_id: int) -> AnySelect:
    rows = select(Ticket.__table__, Counsellor.name.label("assignee"))
    rows = rows.outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id)
    return rows.where(Ticket.contact_id == contact_id).order_by(Ticket.id.desc()).limit(MOST)


def _wellbeing(connection: Connection, contact_id: int) -> list[tuple[datetime, int]]:
    asked = select(Run.answers, Run.updated_at)
    asked = asked.where(Run.contact_id == contact_id, Run.conversation == WELLBEING.name)
    rows = connection.execute(asked.order_by(Run.id.desc()).limit(MOST)).all()
    scores = [(row.updated_at, score(row.answers)) for row in rows]
    return [(at, points) for at, points in scores if points is not None]


def _latest_intake(connection: Connection, contact_id: int) -> AnyRow | None:
    of_person = select(Run.answers, Run.updated_at, Run.ended_at)
    of_person = of_person.where(Run.contact_id == contact_id, Run.conversation == "intake")
    return connection.execute(of_person.order_by(Run.id.desc()).limit(1)).one_or_none()
