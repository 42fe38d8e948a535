"""One step of a plan, agreed by two: a counsellor proposes, the person accepts, and nobody writes over what they have
not seen. Whoever comes too late is told what the step says now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, select, update

from storage import changes
from storage.changes import STEP
from storage.plans import OPEN
from storage.sealed import keys
from storage.tables import PlanStep
from storage.upsert import insert_or

WHO = ("person", "counsellor", "centre")
CONTENT = ("what", "who", "by", "papers", "partner")
"""What a counsellor proposes: the rest is how it goes."""
DECLINED = "declined"
"""Why a step was dropped that the person did not want."""
Values: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as it stands."""

    id: int
    key: str
    what: str
    who: str
    by: date | None
    state: str
    reason: str | None
    papers: str | None
    partner: str | None
    source: str | None
    version: int
    offer: dict[str, Any] | None

    @property
    def asks(self) -> bool:
        """The person has still to say whether it is all right for them."""
        return self.state == "proposed" or (self.state in OPEN and self.offer is not None)

    @property
    def offered(self) -> StepView:
        """As it would be once the person agrees."""
        if self.offer is None:
            return self
        return StepView(**{**_as_dict(self), **self.offer, "by": _day(self.offer.get("by")), "offer": None})


_COLUMNS = [getattr(PlanStep, name) for name in StepView.__dataclass_fields__]


def all_of(connection: Connection, contact_id: int) -> list[StepView]:
    """The whole plan: the earliest day first, and without a day last."""
    rows = select(*_COLUMNS).where(PlanStep.contact_id == contact_id)
    found = connection.execute(rows.order_by(PlanStep.by.is_(None), PlanStep.by, PlanStep.id))
    return [StepView(*row) for row in found]


def get(connection: Connection, contact_id: int, step_id: int) -> StepView | None:
    return _one(connection, contact_id, PlanStep.id == step_id)


def with_key(connection: Connection, contact_id: int, key: str) -> StepView | None:
    return _one(connection, contact_id, PlanStep.key == key)


def _one(connection: Connection, contact_id: int, which: Any) -> StepView | None:
    row = connection.execute(select(*_COLUMNS).where(PlanStep.contact_id == contact_id, which)).one_or_none()
    return StepView(*row) if row else None


# ------------------------------------------------------------- what a counsellor proposes


def propose(
    connection: Connection, contact_id: int, key: str, content: Values, counsellor_id: int, now: datetime
) -> StepView | None:
    """A new step. None where one has this key: the same form was sent twice."""
    row = keys.sealed(connection, PlanStep, {"contact_id": contact_id, "key": key, **content})
    new = insert_or(connection, PlanStep).values(**row, state="proposed", created_at=now, changed_at=now)
    if not connection.execute(new.on_conflict_do_nothing(index_elements=["contact_id", "key"])).rowcount:
        return None
    changes.note(connection, contact_id, f"{STEP}{key}", None, _plain({**content, "state": "proposed"}), now,
                 counsellor_id)
    return with_key(connection, contact_id, key)


def offer(
    connection: Connection, contact_id: int, step: StepView, content: Values, counsellor_id: int, now: datetime
) -> StepView | None:
    """Say what a counsellor would like to change. What nobody has agreed to yet is changed at once. None where
    somebody else was quicker."""
    before = {name: getattr(step, name) for name in CONTENT}
    changed = {name: value for name, value in content.items() if before[name] != value}
    if step.state == "proposed":
        return change(connection, contact_id, step, changed, now, counsellor_id)
    if _plain(changed) == (step.offer or {}):
        return _unchanged(connection, contact_id, step)
    if not _write(connection, contact_id, step, {"offer": _plain(changed) or None}, now):
        return None
    changes.note(connection, contact_id, f"{STEP}{step.key}", None, {"offer": _plain(changed)}, now, counsellor_id)
    return get(connection, contact_id, step.id)


# ------------------------------------------------------------- what either of them changes


def change(
    connection: Connection, contact_id: int, step: StepView, values: Values, now: datetime,
    counsellor_id: int | None = None,
) -> StepView | None:
    """Write these values into the step as it was seen, and keep what was there. None where somebody was quicker.
    Without a counsellor it was the person."""
    values = {name: value for name, value in values.items() if getattr(step, name) != value}
    if not values:
        return _unchanged(connection, contact_id, step)
    before = {name: getattr(step, name) for name in values if name != "offer"}
    if not _write(connection, contact_id, step, values, now):
        return None
    after = {name: values[name] for name in before} or {"offer": DECLINED}
    changes.note(connection, contact_id, f"{STEP}{step.key}", _plain(before), _plain(after), now, counsellor_id)
    return get(connection, contact_id, step.id)


def _unchanged(connection: Connection, contact_id: int, step: StepView) -> StepView | None:
    now = get(connection, contact_id, step.id)
    return now if now is not None and now.version == step.version else None


def agree(
    connection: Connection, contact_id: int, step: StepView, now: datetime, by: date | None = None
) -> StepView | None:
    """The person accepts what was proposed, by another day if they say one."""
    wanted = step.offered
    values = {name: getattr(wanted, name) for name in CONTENT if getattr(wanted, name) != getattr(step, name)}
    values |= {"by": by} if by is not None else {}
    values |= {"state": "agreed"} if step.state == "proposed" else {"offer": None}
    return change(connection, contact_id, step, values, now)


def decline(connection: Connection, contact_id: int, step: StepView, now: datetime) -> StepView | None:
    """The person does not want it: a new step is dropped, an older one stays as it was."""
    values = {"state": "dropped", "reason": DECLINED} if step.state == "proposed" else {"offer": None}
    return change(connection, contact_id, step, values, now)


def _write(connection: Connection, contact_id: int, step: StepView, values: Values, now: datetime) -> bool:
    row = keys.sealed(connection, PlanStep, {"contact_id": contact_id, "key": step.key, **values})
    done = connection.execute(
        update(PlanStep)
        .where(PlanStep.id == step.id, PlanStep.contact_id == contact_id, PlanStep.version == step.version)
        .values(**{name: row[name] for name in values}, version=step.version + 1, changed_at=now)
    )
    return done.rowcount > 0


def _plain(values: Values) -> dict[str, Any]:
    """As JSON has it."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _as_dict(step: StepView) -> dict[str, Any]:
    return {name: getattr(step, name) for name in StepView.__dataclass_fields__}
