"""Counts that stay when people go: by month, area and language, without anything that leads to somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from storage.tables import CaseClosing, Contact, PlanStep, Referral, Statistic, Ticket
from storage.upsert import insert_or

LEAST = 5
"""A smaller number could lead to somebody: it is shown as less than this."""


@dataclass(frozen=True, slots=True)
class Cell:
    month: str
    what: str
    area: str
    language: str
    shown: str


def count(connection: Connection, contact_id: int) -> None:
    """Add what is about to be deleted. An invented person counts for nothing, and nobody counts twice."""
    person = connection.execute(
        select(Contact.created_at, Contact.language, Contact.forgotten_at, Contact.demo)
        .where(Contact.id == contact_id)
    ).one()
    if person.demo:
        return
    cells = Counter(_things(connection, contact_id))
    if person.forgotten_at is None:
        cells[_month(person.created_at), "person", ""] += 1
    if not cells:
        return
    statement = insert_or(connection, Statistic)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["month", "what", "area", "language"],
                                        set_={"count": Statistic.count + statement.excluded["count"]}),
        [{"month": month, "what": what, "area": area, "language": person.language, "count": number}
         for (month, what, area), number in cells.items()],
    )


def _things(connection: Connection, contact_id: int) -> Iterator[tuple[str, str, str]]:
    of = {"contact_id": contact_id}
    for at, area in connection.execute(select(Ticket.opened_at, Ticket.area).filter_by(**of)):
        yield _month(at), "talk", area
    for at, state in connection.execute(select(PlanStep.created_at, PlanStep.state).filter_by(**of)):
        yield _month(at), "plan_step", state
    for at, state in connection.execute(select(Referral.created_at, Referral.state).filter_by(**of)):
        yield _month(at), "referral", state
    for at, why in connection.execute(select(CaseClosing.at, CaseClosing.why).filter_by(**of)):
        yield _month(at), "closing", why


def _month(at: datetime) -> str:
    return f"{at:%Y-%m}"


def cells(connection: Connection) -> list[Cell]:
    """What has been counted, the newest month first; small numbers are not told."""
    rows = connection.execute(
        select(Statistic.month, Statistic.what, Statistic.area, Statistic.language, Statistic.count)
        .order_by(Statistic.month.desc(), Statistic.what, Statistic.area, Statistic.language)
    )
    return [Cell(month, what, area, language, shown(number)) for month, what, area, language, number in rows]


def shown(number: int) -> str:
    return str(number) if number >= LEAST else f"<{LEAST}"
