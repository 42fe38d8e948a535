"""The agreed next steps of a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from storage.among import among
from storage.sealed import keys
from storage.tables import PlanStep
from storage.upsert import insert_or

OPEN = ("agreed", "under_way", "stuck")
STATES = ("proposed", *OPEN, "done", "dropped")
_STEPS = (
    select(PlanStep.contact_id, PlanStep.key, PlanStep.what, PlanStep.state, PlanStep.version)
    .where(among(PlanStep.contact_id, "ids"), PlanStep.state.in_(OPEN))
    .order_by(PlanStep.id)
)


def open_steps(connection: Connection, ids: Iterable[int]) -> defaultdict[int, list[dict[str, Any]]]:
    """Each person's open steps, as conversations are given them."""
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for contact_id, key, what, state, version in connection.execute(_STEPS, {"ids": list(ids)}):
        found[contact_id].append({"key": key, "what": what, "state": state, "version": version})
    return found


def agreed(connection: Connection, contact_id: int) -> list[tuple[str, date | None]]:
    """What is still to be done of a person's plan, and by when: the earliest first."""
    rows = select(PlanStep.what, PlanStep.by).where(
        PlanStep.contact_id == contact_id, PlanStep.state.in_(OPEN))
    found = connection.execute(rows.order_by(PlanStep.by.is_(None), PlanStep.by, PlanStep.id)).all()
    return [(row.what, row.by) for row in found]


def put(
    connection: Connection, contact_id: int, key: str, what: str, by: date | None, now: datetime,
    source: str | None = None,
) -> None:
    """Add a step, or change the one with this key."""
    row = keys.sealed(connection, PlanStep, {"contact_id": contact_id, "key": key, "what": what, "source": source})
    statement = insert_or(connection, PlanStep).values(
        **row, who="person", by=by, state="agreed", created_at=now, changed_at=now
    )
    connection.execute(statement.on_conflict_do_update(
        index_elements=["contact_id", "key"],
        set_={"what": row["what"], "by": by, "changed_at": now, "version": PlanStep.version + 1}
    ))


def put_once(
    connection: Connection, contact_id: int, key: str, what: str, by: date, now: datetime, source: str | None = None,
) -> bool:
    """Add a step, or move the day of the open one with this key; False where it was done or dropped."""
    mine = (PlanStep.contact_id == contact_id, PlanStep.key == key)
    known = connection.execute(select(PlanStep.state, PlanStep.by).where(*mine)).first()
    if known is None:
        put(connection, contact_id, key, what, by, now, source)
    elif known.state in OPEN and known.by != by:
        connection.execute(update(PlanStep).where(*mine).values(by=by, changed_at=now, version=PlanStep.version + 1))
    return known is None or known.state in OPEN


def take_back_untouched(connection: Connection, contact_id: int, key: str) -> bool:
    """Take a step back that nobody has begun; says whether there was one."""
    mine = (PlanStep.contact_id == contact_id, PlanStep.key == key, PlanStep.state == "agreed")
    return connection.execute(delete(PlanStep).where(*mine)).rowcount > 0


def take_back(connection: Connection, contact_id: int, key: str) -> None:
    connection.execute(delete(PlanStep).where(PlanStep.contact_id == contact_id, PlanStep.key == key))
