"""The next chat, suggested to one counsellor after the other: fair, and never to nobody. Anybody may take it anyhow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from storage import moves
from storage.presence import Colleague
from storage.tables import Contact, Ticket, TicketMove
from storage.tickets import COLUMNS, TicketState

MOST = 500
BEGIN_TO_WAIT = ("area", "back", "reopen")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chat that nobody has taken."""

    ticket: TicketState
    language: str
    offered_to: int | None
    offered_at: datetime | None
    turned: tuple[int, ...]
    """To whom it was suggested since it waits."""


def waiting(connection: Connection) -> list[Waiting]:
    """Urgent first, then who came first."""
    columns: tuple[Any, ...] = (*COLUMNS, Contact.language, Ticket.offered_to, Ticket.offered_at)
    rows = select(*columns).join(Contact, Contact.id == Ticket.contact_id).where(Ticket.state == "waiting")
    found = connection.execute(rows.order_by(Ticket.urgent.desc(), Ticket.opened_at, Ticket.id).limit(MOST)).all()
    turned = _turned(connection, [row.id for row in found])
    return [Waiting(TicketState(*row[:-3]), row.language, row.offered_to, row.offered_at, tuple(turned[row.id]))
            for row in found]


def _turned(connection: Connection, ids: Sequence[int]) -> defaultdict[int, list[int]]:
    """Of each chat, who was asked after it began to wait."""
    rows = select(TicketMove.ticket_id, TicketMove.kind, TicketMove.to_id).where(
        TicketMove.ticket_id.in_(ids), TicketMove.kind.in_(("offer", *BEGIN_TO_WAIT))).order_by(TicketMove.id)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for ticket_id, kind, to in connection.execute(rows):
        if kind in BEGIN_TO_WAIT:
            found[ticket_id].clear()
        elif to is not None:
            found[ticket_id].append(to)
    return found


def next_for(one: Waiting, team: Sequence[Colleague], now: datetime) -> Colleague | None:
    """Who comes next: of those who can take it and were not asked yet, the one with the fewest chats for their room.

    After all of them a coordinator, who sees to it that somebody does."""
    free = [each for each in team
            if each.id not in one.turned and each.can_take(one.ticket.area, one.language, now)]
    if free:
        return min(free, key=lambda each: (each.chats / each.most, each.chats, each.id))
    heads = [each for each in team if each.role == "coordinator"]
    known = [each for each in heads if each.state(now) == "here"] or heads
    return min(known, key=lambda each: (each.chats, each.id), default=None)


def offer(connection: Connection, one: Waiting, to: Colleague, now: datetime) -> bool:
    """False where it was taken, or offered by another process, meanwhile."""
    old = Ticket.offered_to.is_(None) if one.offered_to is None else Ticket.offered_to == one.offered_to
    made = connection.execute(update(Ticket).where(Ticket.id == one.ticket.id, Ticket.state == "waiting", old).values(
        offered_to=to.id, offered_at=now))
    if made.rowcount:
        moves.note(connection, one.ticket, "offer", now, to=to.id)
    return bool(made.rowcount)
