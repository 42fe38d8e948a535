"""What is done with a chat: who takes it, hands it on, asks a colleague, lets it sleep; and the history of it.

Each change of hands is one conditional update on what its page showed, so of two who do it at once one wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, case, insert, select, update

from storage.sealed import keys
from storage.tables import Counsellor, Ticket, TicketMove
from storage.tickets import COLUMNS, TicketState, add_reason

Kind: TypeAlias = Literal[
    "claim", "take_over", "transfer", "area", "back", "offer", "consult", "sleep", "wake", "close", "silence",
    "reopen",
]
REOPENS_WITHIN = timedelta(hours=24)
"""Who writes again so soon after a talk goes on with it."""
MOST = 200
"""How many moves one page shows."""
_AWAKE: dict[str, Any] = {"asleep_at": None, "wakes_at": None}
_ELSEWHERE: dict[str, Any] = {**_AWAKE, "offered_to": None, "offered_at": None, "warned_at": None}
_NEW_TO_THEM = case((Ticket.unread == 0, 1), else_=Ticket.unread)
"""Whoever gets a chat sees that there is something to look at."""


@dataclass(frozen=True, slots=True)
class MoveView:
    id: int
    kind: str
    by: str | None
    to: str | None
    area: str | None
    reason: str
    until: datetime | None
    at: datetime
    ended_at: datetime | None
    author: str = "move"


@dataclass(frozen=True, slots=True)
class Consult:
    """A colleague who was asked inside a chat, and has not answered."""

    counsellor_id: int
    name: str
    question: str
    by: str | None


# ------------------------------------------------------------------- the history


def note(
    connection: Connection, ticket: TicketState, kind: Kind, now: datetime, by: int | None = None,
    to: int | None = None, area: str | None = None, reason: str = "", until: datetime | None = None,
) -> None:
    connection.execute(insert(TicketMove).values(keys.sealed(connection, TicketMove, {
        "ticket_id": ticket.id, "contact_id": ticket.contact_id, "kind": kind, "by_id": by, "to_id": to, "area": area,
        "reason": reason, "until": until, "at": now,
    })))


def history(connection: Connection, contact_id: int, after_id: int = 0) -> list[MoveView]:
    """What was done with a person's chats, oldest first."""
    by, to = Counsellor.__table__.alias(), Counsellor.__table__.alias()
    rows = select(TicketMove.id, TicketMove.kind, by.c.name, to.c.name, TicketMove.area, TicketMove.reason,
                  TicketMove.until, TicketMove.at, TicketMove.ended_at)
    rows = rows.outerjoin(by, by.c.id == TicketMove.by_id).outerjoin(to, to.c.id == TicketMove.to_id)
    rows = rows.where(TicketMove.contact_id == contact_id, TicketMove.id > after_id, TicketMove.kind != "offer")
    found = connection.execute(rows.order_by(TicketMove.id.desc()).limit(MOST)).all()
    return [MoveView(*row) for row in reversed(found)]


# ------------------------------------------------------------------ changes of hands


def hand(
    connection: Connection, ticket: TicketState, to: int | None, now: datetime, area: str | None = None
) -> bool:
    """From where `ticket` says it is to a counsellor, or to everybody in an area. False where it is not there."""
    moved = connection.execute(update(Ticket).where(*_as_seen(ticket)).values(
        state="assigned" if to else "waiting", counsellor_id=to, assigned_at=now if to else None,
        area=area or ticket.area, unread=_NEW_TO_THEM, **_ELSEWHERE))
    return bool(moved.rowcount)


def _as_seen(ticket: TicketState) -> tuple[Any, ...]:
    holder = Ticket.counsellor_id.is_(None) if ticket.counsellor_id is None else (
        Ticket.counsellor_id == ticket.counsellor_id)
    return Ticket.id == ticket.id, Ticket.state == ticket.state, holder


def give_back(connection: Connection, counsellor_id: int, by: int | None, reason: str, now: datetime) -> list[int]:
    """The open chats of somebody who leaves wait for another; the people whose they are."""
    held = select(*COLUMNS).where(Ticket.state == "assigned", Ticket.counsellor_id == counsellor_id)
    given = []
    for ticket in [TicketState(*row) for row in connection.execute(held.order_by(Ticket.id)).all()]:
        if hand(connection, ticket, None, now):
            note(connection, ticket, "back", now, by, reason=reason)
            given.append(ticket.contact_id)
    end_consults_of(connection, counsellor_id, now)
    return given


def closed(connection: Connection, ticket: TicketState, now: datetime, by: int | None = None, reason: str = "") -> None:
    """It has ended: nobody is waited for any more."""
    note(connection, ticket, "close", now, by, reason=reason)
    end_consults(connection, ticket.id, now)


# -------------------------------------------------------------------------- consults


def consults(connection: Connection, ticket_id: int) -> list[Consult]:
    """Who was asked in this chat and has not answered."""
    asker = Counsellor.__table__.alias()
    rows = select(Counsellor.id, Counsellor.name, TicketMove.reason, asker.c.name)
    rows = rows.join(TicketMove, TicketMove.to_id == Counsellor.id).outerjoin(asker, asker.c.id == TicketMove.by_id)
    rows = rows.where(TicketMove.ticket_id == ticket_id, *open_consult()).order_by(TicketMove.id)
    return [Consult(*row) for row in connection.execute(rows)]


def open_consult() -> tuple[Any, ...]:
    return TicketMove.kind == "consult", TicketMove.ended_at.is_(None)


def end_consults(
    connection: Connection, ticket_id: int, now: datetime, counsellor_id: int | None = None
) -> bool:
    """This colleague has answered, or nobody is waited for any more. True where somebody was."""
    ended = update(TicketMove).where(TicketMove.ticket_id == ticket_id, *open_consult())
    if counsellor_id is not None:
        ended = ended.where(TicketMove.to_id == counsellor_id)
    return bool(connection.execute(ended.values(ended_at=now)).rowcount)


def end_consults_of(connection: Connection, counsellor_id: int, now: datetime) -> None:
    gone = update(TicketMove).where(TicketMove.to_id == counsellor_id, *open_consult())
    connection.execute(gone.values(ended_at=now))


def answered(connection: Connection, ticket_id: int, counsellor_id: int, now: datetime) -> None:
    """A colleague who was asked has written: whoever has the chat sees that there is something new."""
    if end_consults(connection, ticket_id, now, counsellor_id):
        connection.execute(update(Ticket).where(Ticket.id == ticket_id, Ticket.state != "closed")
                           .values(unread=_NEW_TO_THEM, **_AWAKE))


# ---------------------------------------------------------------------- sleep, and again


def sleep(connection: Connection, ticket: TicketState, until: datetime | None, now: datetime) -> bool:
    """It asks for nobody's attention until then, or until the person writes. False where it is not there any more."""
    asleep = update(Ticket).where(*_as_seen(ticket), Ticket.state == "assigned")
    return bool(connection.execute(asleep.values(asleep_at=now, wakes_at=until, unread=0)).rowcount)


def wake(connection: Connection, ticket: TicketState) -> bool:
    awake = update(Ticket).where(*_as_seen(ticket), Ticket.asleep_at.is_not(None))
    return bool(connection.execute(awake.values(unread=_NEW_TO_THEM, **_AWAKE)).rowcount)


def due_to_wake(connection: Connection, now: datetime, most: int = MOST) -> list[TicketState]:
    due = select(*COLUMNS).where(Ticket.state == "assigned", Ticket.asleep_at.is_not(None), Ticket.wakes_at <= now)
    return [TicketState(*row) for row in connection.execute(due.order_by(Ticket.wakes_at).limit(most))]


def reopen(
    connection: Connection, contact_id: int, area: str | None, reason: str, now: datetime
) -> TicketState | None:
    """The talk about this area, or about any, that ended last, where that was not long ago: with whoever had it, or
    waiting where they have left.

    A talk in which there was a sign of danger stays closed: the next one begins with a card of its own."""
    columns: tuple[Any, ...] = (*COLUMNS, Ticket.closed_at, Counsellor.removed_at,
                                Ticket.alarm.is_not(None).label("was_danger"))
    last = select(*columns).outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id)
    last = last.where(Ticket.contact_id == contact_id, Ticket.state == "closed")
    row = connection.execute(last.order_by(Ticket.closed_at.desc(), Ticket.id.desc()).limit(1)).first()
    if row is None or row.was_danger or now - row.closed_at > REOPENS_WITHIN:
        return None
    if area not in (None, "general", row.area):
        return None
    ticket = TicketState(*row[:-3])
    ticket.counsellor_id = None if row.removed_at is not None else ticket.counsellor_id
    ticket.state = "assigned" if ticket.counsellor_id else "waiting"
    connection.execute(update(Ticket).where(Ticket.id == ticket.id, Ticket.state == "closed").values(
        state=ticket.state, counsellor_id=ticket.counsellor_id, reopened_at=now, waiting_since=now, closed_at=None,
        closed_by=None,
        outcome=None, unread=_NEW_TO_THEM))
    ticket.unread = max(ticket.unread, 1)
    add_reason(connection, ticket.id, reason)
    note(connection, ticket, "reopen", now, to=ticket.counsellor_id)
    return ticket


def is_asked(counsellor_id: int) -> ColumnElement[bool]:
    """Chats of colleagues in which this counsellor was asked and has not answered."""
    asked = select(TicketMove.id).where(
        TicketMove.ticket_id == Ticket.id, TicketMove.to_id == counsellor_id, *open_consult())
    return and_(Ticket.state == "assigned", Ticket.counsellor_id != counsellor_id, asked.exists())
