"""One chat: its ticket, what was said in it, and the notes beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select, update

from storage.among import among
from storage.desk.common import MOST, AnyRow, AnySelect, name_of, shortened
from storage.desk.queues import Tab
from storage.media import KINDS, MediumView, views
from storage.sealed import keys
from storage.tables import Address, Contact, Counsellor, Message, Note, Run, Ticket
from storage.taking_back import Taken, taken


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
    is_asked: bool
    """The bot asks them a form in the middle of the talk."""

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
    form = exists().where(Run.id == Ticket.form_run, Run.ended_at.is_(None)).correlate(Ticket)
    one = select(*columns, Contact.language, Contact.known, Counsellor.name.label("assignee"),
                 addresses.label("addresses"), form.label("is_asked"))
    one = one.join(Contact, Contact.id == Ticket.contact_id)
    one = one.outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id).where(Ticket.id == ticket_id)
    row = connection.execute(one).one_or_none()
    if row is None:
        return None
    values = {name: value for name, value in row._mapping.items() if name != "known"}
    return TicketView(**values, name=name_of(row.contact_id, row.known))


@dataclass(frozen=True, slots=True)
class Quote:
    """The beginning of the message that another one answers."""

    id: int
    author: str
    text: str


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
    edits: int | None
    """These are the new words of that message."""
    reply_to: str | None
    medium: MediumView | None = None
    """What came with it."""
    before: Sequence[tuple[str, datetime]] = ()
    """What it said earlier, and when it was written so: the oldest first."""
    quote: Quote | None = None
    """What it answers."""

    changed_at: datetime | None = None
    """When it got the words that it has now."""
    counsellor_id: int | None = None
    taken: Taken | None = None
    """It was taken back: its words are gone."""


def thread(
    connection: Connection, contact_id: int, after_id: int = 0, limit: int = MOST, before_id: int | None = None
) -> list[ThreadMessage]:
    """The newest of a person's messages between two ids, oldest first."""
    newest = _MESSAGES.where(Message.contact_id == contact_id, Message.id > after_id)
    if before_id is not None:
        newest = newest.where(Message.id < before_id)
    rows = connection.execute(newest.order_by(Message.id.desc()).limit(limit)).all()
    return _shown(connection, contact_id, list(reversed(rows)))


def changed_by(connection: Connection, contact_id: int, said: Sequence[ThreadMessage]) -> list[ThreadMessage]:
    """The messages that these have changed, and that are not among them."""
    ids = {one.edits for one in said if one.edits} - {one.id for one in said}
    if not ids:
        return []
    rows = connection.execute(_MESSAGES.where(Message.contact_id == contact_id, Message.id.in_(ids))
                              .order_by(Message.id)).all()
    return _shown(connection, contact_id, rows)


_MESSAGES: AnySelect = select(
    Message.id, Message.author, Message.kind, Message.text, Message.state, Message.error, Message.at,
    Counsellor.name.label("counsellor"), Message.channel, Message.edits, Message.reply_to,
    Message.counsellor_id,
).outerjoin(Counsellor, Counsellor.id == Message.counsellor_id)


def _shown(connection: Connection, contact_id: int, rows: Sequence[AnyRow]) -> list[ThreadMessage]:
    media = views(connection, [row.id for row in rows if row.kind in KINDS])
    changes = _changes(connection, [row.id for row in rows if row.author == "person"])
    undone = taken(connection, [row.id for row in rows if row.author == "counsellor"])
    quotes = _quotes(connection, contact_id, {row.reply_to for row in rows if row.reply_to})
    found = []
    for row in rows:
        one = ThreadMessage(**row._mapping, medium=media.get(row.id), taken=undone.get(row.id),
                            quote=quotes.get((row.channel, row.reply_to)))
        if versions := changes.get(row.id):
            earlier = [(row.text, row.at), *((text, at) for text, at in versions[:-1])]
            text, at = versions[-1]
            one = replace(one, text=text, before=earlier, changed_at=at)
        found.append(one)
    return found


def _changes(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
    """The words that each of these got later, in order."""
    found: dict[int, list[tuple[str, datetime]]] = {}
    rows: Sequence[AnyRow] = connection.execute(select(Message.edits, Message.text, Message.at)
                              .where(among(Message.edits, "ids"), Message.edits.is_not(None)).order_by(Message.id),
                              {"ids": ids}).all()
    for row in rows:
        found.setdefault(row.edits or 0, []).append((row.text, row.at))
    return found


def _quotes(connection: Connection, contact_id: int, numbers: Collection[str]) -> dict[tuple[str, str], Quote]:
    """The messages with these numbers of their platforms; of one that was changed, the first words."""
    if not numbers:
        return {}
    rows = connection.execute(
        select(Message.channel, Message.external_id, Message.id, Message.author, Message.text)
        .where(Message.contact_id == contact_id, Message.external_id.in_(numbers), Message.edits.is_(None)))
    return {(row.channel, row.external_id): Quote(row.id, row.author, shortened(row.text)) for row in rows}


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
