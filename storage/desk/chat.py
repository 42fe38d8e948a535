"""One chat: its ticket, what was said in it, and the notes beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from storage.desk.common import MOST, name_of
from storage.desk.queues import Tab
from storage.media import KINDS, MediumView, views
from storage.sealed import keys
from storage.tables import Address, Contact, Counsellor, Message, Note, Ticket


@dataclass(frozen=True, slots=True)
class TicketView:
    id: int
    contact_id: int
    name: str
    language: str
    area: str
    reason: str
    urgent: bool
    state: str
    counsellor_id: int | None
    assignee: str | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None
    unread: int
    asleep_at: datetime | None
    wakes_at: datetime | None
    addresses: int
    """At how many the person is: where there are more, each message says how it came."""

    def is_mine(self, counsellor_id: int) -> bool:
        return self.state == "assigned" and self.counsellor_id == counsellor_id

    def tab(self, counsellor_id: int) -> Tab:
        """The queue's tab that this chat is in, for this counsellor."""
        if self.state == "assigned":
            return "mine" if self.is_mine(counsellor_id) else "team"
        return "closed" if self.state == "closed" else "waiting"


def ticket(connection: Connection, ticket_id: int) -> TicketView | None:
    columns = (
        Ticket.id, Ticket.contact_id, Ticket.area, Ticket.reason, Ticket.urgent, Ticket.state,
        Ticket.counsellor_id, Ticket.opened_at, Ticket.closed_at, Ticket.closed_by, Ticket.outcome,
        Ticket.unread, Ticket.asleep_at, Ticket.wakes_at,
    )
    addresses = select(func.count()).where(Address.contact_id == Ticket.contact_id).correlate(Ticket).scalar_subquery()
    one = select(*columns, Contact.language, Contact.known, Counsellor.name.label("assignee"),
                 addresses.label("addresses"))
    one = one.join(Contact, Contact.id == Ticket.contact_id)
    one = one.outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id).where(Ticket.id == ticket_id)
    row = connection.execute(one).one_or_none()
    if row is None:
        return None
    values = {name: value for name, value in row._mapping.items() if name != "known"}
    return TicketView(**values, name=name_of(row.contact_id, row.known))


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    id: int
    author: str
    kind: str
    text: str
    state: str
    error: str | None
    at: datetime
    counsellor: str | None
    channel: str
    medium: MediumView | None = None
    """What came with it."""


def thread(
    connection: Connection, contact_id: int, after_id: int = 0, limit: int = MOST, before_id: int | None = None
) -> list[ThreadMessage]:
    """The newest of a person's messages between two ids, oldest first."""
    fields = (
        Message.id, Message.author, Message.kind, Message.text, Message.state, Message.error, Message.at,
        Counsellor.name.label("counsellor"), Message.channel,
    )
    newest = select(*fields).outerjoin(Counsellor, Counsellor.id == Message.counsellor_id)
    newest = newest.where(Message.contact_id == contact_id, Message.id > after_id)
    if before_id is not None:
        newest = newest.where(Message.id < before_id)
    rows = connection.execute(newest.order_by(Message.id.desc()).limit(limit)).all()
    media = views(connection, [row.id for row in rows if row.kind in KINDS])
    return [ThreadMessage(*row, media.get(row.id)) for row in reversed(rows)]


@dataclass(frozen=True, slots=True)
class NoteView:
    id: int
    text: str
    at: datetime
    counsellor: str | None
    counsellor_id: int | None
    area: str
    """What it is about."""
    author: str = "note"


def notes(connection: Connection, contact_id: int, after_id: int = 0) -> list[NoteView]:
    """What colleagues wrote about a person for each other, oldest first."""
    area: ColumnElement[str] = func.coalesce(Note.area, Ticket.area, "general")
    some = select(Note.id, Note.text, Note.at, Counsellor.name, Note.counsellor_id, area)
    some = some.outerjoin(Counsellor, Counsellor.id == Note.counsellor_id)
    some = some.outerjoin(Ticket, Ticket.id == Note.ticket_id)
    some = some.where(Note.contact_id == contact_id, Note.id > after_id).order_by(Note.id.desc()).limit(MOST)
    return [NoteView(*row) for row in reversed(connection.execute(some).all())]


def add_note(
    connection: Connection, contact_id: int, ticket_id: int | None, counsellor_id: int, text: str, now: datetime,
    area: str | None = None,
) -> int:
    """Without an area it is about what its ticket is about today."""
    area = area or connection.scalar(select(Ticket.area).where(Ticket.id == ticket_id))
    new = insert(Note).values(keys.sealed(connection, Note, {
        "contact_id": contact_id, "ticket_id": ticket_id, "counsellor_id": counsellor_id, "text": text, "at": now,
        "area": area,
    }))
    return int(connection.execute(new.returning(Note.id)).scalar_one())


def mark_seen(connection: Connection, ticket_id: int, counsellor_id: int) -> bool:
    """The assignee has looked. True when that changed anything."""
    looked = update(Ticket).where(
        Ticket.id == ticket_id, Ticket.counsellor_id == counsellor_id, Ticket.unread > 0
    )
    return bool(connection.execute(looked.values(unread=0)).rowcount)
