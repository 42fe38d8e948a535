"""Hand-offs. A claim is a conditional update that only one can win."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, case, delete, func, insert, select, update

from storage.among import among
from storage.sealed import keys
from storage.tables import Counsellor, Moment, Task, Ticket


@dataclass(slots=True)
class TicketState:
    id: int
    contact_id: int
    area: str
    urgent: bool
    state: str
    counsellor_id: int | None
    unread: int
    form: int | None = None
    """The run that the bot asks in the middle of the talk, because the counsellor wants it."""
    changed: bool = field(default=False, compare=False)


@dataclass(slots=True)
class AlarmState:
    """What the safety gate has found in a talk, and what the person was shown of it."""

    tier: str
    """The gravest so far."""
    card_at: datetime | None = None
    """When the card was shown last."""
    words: int = 0
    """How often the bot has answered a sign of danger since the card."""
    kinds: list[str] = field(default_factory=list)
    """What was found since the card: "suicide", "violence"."""


COLUMNS = (Ticket.id, Ticket.contact_id, Ticket.area, Ticket.urgent, Ticket.state, Ticket.counsellor_id, Ticket.unread,
           Ticket.form_run)
_OPEN = select(*COLUMNS).where(among(Ticket.contact_id, "ids"), Ticket.state != "closed")
_SINCE = func.coalesce(Ticket.waiting_since, bindparam("now", type_=Moment))
_WAITS = case((bindparam("count", type_=Integer) > 0, _SINCE), else_=Ticket.waiting_since)
_SAVE = update(Ticket).where(Ticket.id == bindparam("key")).values(
    unread=bindparam("count"), urgent=bindparam("is_urgent"), form_run=bindparam("form"), waiting_since=_WAITS,
    asleep_at=None, wakes_at=None, warned_at=None)
"""A ticket changes here because its person has done something: that wakes it."""


def open_tickets(connection: Connection, ids: Iterable[int]) -> dict[int, TicketState]:
    """Each person's open ticket."""
    rows = connection.execute(_OPEN, {"ids": list(ids)})
    return {row.contact_id: TicketState(*row) for row in rows}


def get(connection: Connection, ticket_id: int) -> TicketState | None:
    row = connection.execute(select(*COLUMNS).where(Ticket.id == ticket_id)).first()
    return TicketState(*row) if row else None


def add(connection: Connection, contact_id: int, area: str, reason: str, urgent: bool, now: datetime,
        unread: int = 0) -> TicketState:
    key = connection.execute(
        insert(Ticket).values(keys.sealed(connection, Ticket, {
            "contact_id": contact_id, "area": area, "reason": reason, "urgent": urgent, "state": "waiting",
            "opened_at": now, "waiting_since": now, "unread": unread})).returning(Ticket.id)
    ).scalar_one()
    return TicketState(key, contact_id, area, urgent, "waiting", None, unread)


def save(connection: Connection, tickets: Iterable[TicketState], now: datetime) -> None:
    """Write back what changed: where there is something new, its person waits from now on, or has waited longer."""
    rows = [{"now": now, "key": one.id, "count": one.unread, "is_urgent": one.urgent, "form": one.form}
            for one in tickets if one.changed]
    if rows:
        connection.execute(_SAVE, rows)


def add_reason(connection: Connection, ticket_id: int, reason: str) -> None:
    """Say also why it is urgent now."""
    before = connection.execute(select(Ticket.reason).where(Ticket.id == ticket_id)).scalar_one()
    if reason not in before.split("; "):
        _change(connection, ticket_id, reason=f"{reason}; {before}")


def alarm(connection: Connection, ticket_id: int) -> AlarmState | None:
    """None: nothing was found in this talk."""
    found = connection.execute(select(Ticket.alarm).where(Ticket.id == ticket_id)).scalar()
    if not found:
        return None
    card_at = datetime.fromisoformat(found["card_at"]) if found["card_at"] else None
    return AlarmState(found["tier"], card_at, found["words"], found["kinds"])


def set_alarm(connection: Connection, ticket_id: int, state: AlarmState) -> None:
    card_at = state.card_at.isoformat() if state.card_at else None
    kept = {"tier": state.tier, "card_at": card_at, "words": state.words, "kinds": state.kinds}
    _change(connection, ticket_id, alarm=kept)


def _change(connection: Connection, ticket_id: int, **values: Any) -> None:
    """Put values that must be locked in the place of what was there."""
    owner = select(Ticket.contact_id).where(Ticket.id == ticket_id)
    row = keys.sealed(connection, Ticket, {"contact_id": connection.execute(owner).scalar_one(), **values})
    connection.execute(update(Ticket).where(Ticket.id == ticket_id).values({name: row[name] for name in values}))


def claim(connection: Connection, ticket_id: int, counsellor_id: int, now: datetime) -> bool:
    """True for the one who wins."""
    won = connection.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.state == "waiting")
        .values(state="assigned", counsellor_id=counsellor_id, assigned_at=now, offered_to=None, offered_at=None)
    )
    return bool(won.rowcount)


def owner(connection: Connection, ticket_id: int) -> tuple[int, str] | None:
    """Who has it: id and name."""
    row = connection.execute(
        select(Counsellor.id, Counsellor.name)
        .join(Ticket, Ticket.counsellor_id == Counsellor.id)
        .where(Ticket.id == ticket_id)
    ).first()
    return (row[0], row[1]) if row else None


def seen(connection: Connection, ticket_id: int) -> None:
    connection.execute(update(Ticket).where(Ticket.id == ticket_id).values(
        unread=0, waiting_since=None, asleep_at=None, wakes_at=None, warned_at=None))


def close(connection: Connection, ticket_id: int, by: str, outcome: str | None, now: datetime) -> bool:
    closed = connection.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.state != "closed")
        .values(state="closed", closed_at=now, closed_by=by, unread=0, asleep_at=None, wakes_at=None, offered_to=None,
                offered_at=None, warned_at=None, form_run=None, waiting_since=None)
    )
    if closed.rowcount:
        _change(connection, ticket_id, outcome=outcome)
    return bool(closed.rowcount)


def rate(connection: Connection, contact_id: int, rating: str) -> None:
    """Keep what the person says of the talk that was closed last."""
    last = (
        select(Ticket.id).where(Ticket.contact_id == contact_id, Ticket.state == "closed")
        .order_by(Ticket.closed_at.desc()).limit(1).scalar_subquery()
    )
    connection.execute(update(Ticket).where(Ticket.id == last).values(rating=rating))


def add_task(connection: Connection, row: dict[str, Any]) -> None:
    """A task for the counsellors: contact_id, key, kind, area, about, opened_at, due_at. One with this key is kept."""
    known = connection.execute(
        select(Task.id).where(Task.contact_id == row["contact_id"], Task.key == row["key"], Task.done_at.is_(None))
    ).first()
    if known is None:
        connection.execute(delete(Task).where(Task.contact_id == row["contact_id"], Task.key == row["key"]))
        connection.execute(insert(Task).values(keys.sealed(connection, Task, row)))


def tell_more(connection: Connection, contact_id: int, key: str, about: str) -> bool:
    """What an open task is about, now that it is known; False where there is no such task."""
    row = keys.sealed(connection, Task, {"contact_id": contact_id, "key": key, "about": about})
    changed = connection.execute(
        update(Task).where(Task.contact_id == contact_id, Task.key == key, Task.done_at.is_(None))
        .values(about=row["about"])
    )
    return changed.rowcount > 0


def cared_for(connection: Connection, contact_id: int, counsellor_id: int, now: datetime) -> None:
    """A counsellor has talked with this person: nobody else needs to look after them for what was found before."""
    connection.execute(
        update(Task).where(Task.contact_id == contact_id, Task.kind == "care", Task.done_at.is_(None))
        .values(done_at=now, counsellor_id=counsellor_id)
    )


def forget_why(connection: Connection, contact_id: int, kind: str, instead: str) -> None:
    """Tasks of a kind say no more why they were opened: who was to look after a person still does."""
    of_kind = (Task.contact_id == contact_id, Task.kind == kind)
    connection.execute(delete(Task).where(*of_kind, Task.done_at.is_not(None)))
    for key, name in connection.execute(select(Task.id, Task.key).where(*of_kind)).all():
        row = keys.sealed(connection, Task, {"contact_id": contact_id, "key": name, "about": instead})
        connection.execute(update(Task).where(Task.id == key).values(about=row["about"]))


def finish_with_key(
    connection: Connection, contact_id: int, key: str, counsellor_id: int, now: datetime
) -> None:
    """What was to be done about this is done."""
    connection.execute(
        update(Task).where(Task.contact_id == contact_id, Task.key == key, Task.done_at.is_(None))
        .values(done_at=now, counsellor_id=counsellor_id)
    )


CONFIRM = "confirm."
"""How the key of a task begins that asks whether somebody may ask for some help."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    id: int
    contact_id: int
    key: str


def open_with_key(connection: Connection, key: str) -> list[OpenTask]:
    """Everybody's open task of this key."""
    return _open(connection, Task.key == key)


def open_task(connection: Connection, task_id: int) -> OpenTask | None:
    return next(iter(_open(connection, Task.id == task_id)), None)


def _open(connection: Connection, *where: ColumnElement[bool]) -> list[OpenTask]:
    rows = connection.execute(select(Task.id, Task.contact_id, Task.key).where(*where, Task.done_at.is_(None))
                              .order_by(Task.id))
    return [OpenTask(*row) for row in rows]


def about(connection: Connection, contact_id: int, key: str) -> str:
    """What the task of this key is, or was, about; empty where there is none."""
    found = connection.execute(select(Task.contact_id, Task.key, Task.about).where(
        Task.contact_id == contact_id, Task.key == key)).first()
    return str(found.about) if found is not None else ""


def finish_of_kind(connection: Connection, contact_id: int, kind: str, counsellor_id: int, now: datetime) -> None:
    """What was to be done of this kind for a person is done."""
    connection.execute(
        update(Task).where(Task.contact_id == contact_id, Task.kind == kind, Task.done_at.is_(None))
        .values(done_at=now, counsellor_id=counsellor_id)
    )


def drop_task(connection: Connection, contact_id: int, key: str) -> None:
    """Nothing of it is to be done any more."""
    connection.execute(delete(Task).where(Task.contact_id == contact_id, Task.key == key, Task.done_at.is_(None)))
