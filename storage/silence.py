"""Chats in which the last word was ours, and nobody has answered it for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, update

from storage import messages
from storage.tables import Message, Ticket

MOST = 100


@dataclass(frozen=True, slots=True)
class Silent:
    ticket_id: int
    contact_id: int
    since: datetime
    """When our last word was said."""
    warned_at: datetime | None


def silent(connection: Connection, said_before: datetime, warned_before: datetime) -> list[Silent]:
    """Who may have been silent for long enough, by the clock: to be warned, or warned and to be closed.

    What is urgent, what sleeps, and a talk in which there was a sign of danger never end by themselves."""
    began = func.coalesce(Ticket.reopened_at, Ticket.opened_at)
    newest = select(func.max(Message.id)).where(
        Message.contact_id == Ticket.contact_id, Message.at >= began, Message.author.in_(("person", "counsellor")),
        Message.kind != "stopped", ~messages.is_taken_back(),
    ).correlate(Ticket).scalar_subquery()
    rows = select(Ticket.id, Ticket.contact_id, Message.at, Ticket.warned_at).select_from(Ticket)
    rows = rows.join(Message, Message.id == newest)
    rows = rows.where(
        Ticket.state == "assigned", Ticket.urgent.is_(False), Ticket.asleep_at.is_(None), Ticket.alarm.is_(None),
        Ticket.unread == 0, Ticket.assigned_at <= said_before, Message.author == "counsellor",
        Message.at <= said_before, or_(Ticket.warned_at.is_(None), Ticket.warned_at <= warned_before),
    )
    return [Silent(*row) for row in connection.execute(rows.order_by(Message.at).limit(MOST))]


def note_warned(connection: Connection, one: Silent, now: datetime) -> bool:
    """False where the person has written, or somebody has done something with it, meanwhile."""
    still = update(Ticket).where(
        Ticket.id == one.ticket_id, Ticket.state == "assigned", Ticket.unread == 0, Ticket.asleep_at.is_(None),
        Ticket.warned_at.is_(None))
    return bool(connection.execute(still.values(warned_at=now)).rowcount)
