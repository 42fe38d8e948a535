"""What was known of a person before somebody changed it: who, when, from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from storage.sealed import keys
from storage.tables import Change, Counsellor

ANSWER, STEP, REFERRAL = "answer:", "step:", "referral:"
MOST = 200


@dataclass(frozen=True, slots=True)
class ChangeView:
    id: int
    what: str
    before: Any
    """None where there was nothing."""
    after: Any
    at: datetime
    by_person: bool
    counsellor: str | None


def note(
    connection: Connection, contact_id: int, what: str, before: Any, after: Any, now: datetime,
    counsellor_id: int | None = None,
) -> None:
    """Without a counsellor it was the person."""
    row = keys.sealed(connection, Change, {
        "contact_id": contact_id, "counsellor_id": counsellor_id, "by_person": counsellor_id is None, "what": what,
        "before": _wrapped(before), "after": _wrapped(after), "at": now,
    })
    connection.execute(insert(Change).values(row))


def _wrapped(value: Any) -> dict[str, Any]:
    return {} if value is None else {"value": value}


def history(connection: Connection, contact_id: int) -> list[ChangeView]:
    """The newest first."""
    rows = connection.execute(
        select(Change.id, Change.what, Change.before, Change.after, Change.at, Change.by_person,
               Counsellor.name.label("counsellor"))
        .outerjoin(Counsellor, Counsellor.id == Change.counsellor_id)
        .where(Change.contact_id == contact_id).order_by(Change.id.desc()).limit(MOST)
    )
    return [ChangeView(row.id, row.what, row.before.get("value"), row.after.get("value"), row.at, row.by_person,
                       row.counsellor) for row in rows]


def last(connection: Connection, contact_id: int, what: str) -> int:
    """The id of the newest change of this; 0 where there is none."""
    newest = select(func.max(Change.id)).where(Change.contact_id == contact_id, Change.what == what)
    return connection.scalar(newest) or 0


def forget_answers(connection: Connection, contact_id: int) -> None:
    """They do not want their answers kept: the earlier ones go too."""
    connection.execute(delete(Change).where(Change.contact_id == contact_id, Change.what.startswith(ANSWER)))
