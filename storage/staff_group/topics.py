"""The topics: which there are, which must be made, closed, and taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from storage.staff import WALLED
from storage.tables import Address, Counsellor, Message, StaffPost, StaffTopic, Ticket
from storage.upsert import insert_or

ON_TELEGRAM = "telegram"


@dataclass(frozen=True, slots=True)
class Chat:
    """A ticket, and its topic as far as there is one."""

    ticket_id: int
    contact_id: int
    area: str
    urgent: bool
    state: str
    opened_at: datetime
    closed_at: datetime | None
    only_telegram: bool
    """The person writes nowhere else: what they say is with that company anyway."""
    has_topic: bool
    thread_id: int | None
    after_id: int
    hides: bool
    is_closed: bool
    name: str | None = None
    """What its topic is called."""

    @property
    def is_open(self) -> bool:
        return self.state != "closed"


def chats(connection: Connection) -> list[Chat]:
    """Open chats, and those whose topic is still to be closed; who waits longest comes first, after what is urgent."""
    elsewhere = exists().where(Address.contact_id == Ticket.contact_id, Address.channel != ON_TELEGRAM)
    columns: tuple[Any, ...] = (
        Ticket.id, Ticket.contact_id, Ticket.area, Ticket.urgent, Ticket.state, Ticket.opened_at, Ticket.closed_at,
        (~elsewhere).label("only"), StaffTopic.ticket_id.is_not(None).label("has"), StaffTopic.thread_id,
        func.coalesce(StaffTopic.after_id, 0), func.coalesce(StaffTopic.hides, False),
        func.coalesce(StaffTopic.is_closed, False), StaffTopic.name)
    wanted = select(*columns).outerjoin(StaffTopic, StaffTopic.ticket_id == Ticket.id)
    wanted = wanted.where(or_(Ticket.state != "closed", StaffTopic.is_closed.is_(False)))
    rows: Iterable[Any] = connection.execute(wanted.order_by(Ticket.urgent.desc(), Ticket.opened_at, Ticket.id))
    return [Chat(row[0], row[1], row[2], row[3], row[4], row[5], row[6], bool(row[7]), bool(row[8]), row[9], row[10],
                 bool(row[11]), bool(row[12]), row[13]) for row in rows]


def walled_from_somebody(connection: Connection) -> bool:
    """Whether anybody in the team does not work behind the wall: then a group of all of them shows nothing of it."""
    team = connection.scalars(select(Counsellor.areas).where(Counsellor.removed_at.is_(None)))
    return any(WALLED not in (areas or ()) for areas in team)


def made_since(connection: Connection, since: datetime) -> int:
    """How many topics were made, or were to be, since then."""
    return connection.scalar(select(func.count()).where(StaffTopic.made_at > since)) or 0


def add_topic(connection: Connection, chat: Chat, hides: bool, now: datetime) -> bool:
    """This chat is to have a topic, made about now. False where the ticket is gone."""
    if connection.scalar(select(Ticket.id).where(Ticket.id == chat.ticket_id)) is None:
        return False
    last = connection.scalar(select(func.max(Message.id)).where(
        Message.contact_id == chat.contact_id, Message.at <= chat.opened_at)) or 0
    new = insert_or(connection, StaffTopic).values(
        ticket_id=chat.ticket_id, thread_id=None, after_id=last, hides=hides, is_closed=False, made_at=now)
    connection.execute(new.on_conflict_do_update(
        index_elements=["ticket_id"], set_={"thread_id": None, "hides": hides, "is_closed": False, "made_at": now}))
    return True


def set_thread(connection: Connection, ticket_id: int, thread_id: int, name: str) -> None:
    connection.execute(_of(ticket_id).values(thread_id=thread_id, name=name))


def set_name(connection: Connection, ticket_id: int, name: str) -> None:
    connection.execute(_of(ticket_id).values(name=name))


def set_closed(connection: Connection, ticket_id: int, is_closed: bool) -> None:
    connection.execute(_of(ticket_id).values(is_closed=is_closed))


def _of(ticket_id: int) -> Any:
    return update(StaffTopic).where(StaffTopic.ticket_id == ticket_id)


def empty(connection: Connection, ticket_id: int) -> None:
    """Its topic is not there any more: all of it is missing."""
    connection.execute(delete(StaffPost).where(StaffPost.ticket_id == ticket_id))
    connection.execute(_of(ticket_id).values(thread_id=None))


def drop(connection: Connection, ticket_id: int) -> None:
    """Nothing of it is left there."""
    connection.execute(delete(StaffPost).where(StaffPost.ticket_id == ticket_id))
    connection.execute(delete(StaffTopic).where(StaffTopic.ticket_id == ticket_id))


def gone(connection: Connection, closed_before: datetime) -> list[tuple[int, int | None]]:
    """Topics that must go, with their numbers there: their person was deleted, or the talk is over for long enough."""
    old = and_(Ticket.state == "closed", Ticket.closed_at < closed_before)
    rows = select(StaffTopic.ticket_id, StaffTopic.thread_id).outerjoin(Ticket, Ticket.id == StaffTopic.ticket_id)
    found = connection.execute(rows.where(or_(Ticket.id.is_(None), old)).order_by(StaffTopic.ticket_id))
    return [(row[0], row[1]) for row in found]


def thread_ticket(connection: Connection, thread_id: int) -> tuple[int, bool] | None:
    """Which ticket's topic this is, and whether it hides the words."""
    row = connection.execute(select(StaffTopic.ticket_id, StaffTopic.hides).where(
        StaffTopic.thread_id == thread_id)).first()
    return (row[0], bool(row[1])) if row else None


def mark(
    connection: Connection, ticket_id: int, rows: Iterable[tuple[str, int]], message_id: int | None
) -> None:
    """These rows stand there now, in this message; once more changes nothing."""
    found = [{"ticket_id": ticket_id, "kind": kind, "row_id": row_id, "message_id": message_id}
             for kind, row_id in rows]
    if found:
        connection.execute(insert_or(connection, StaffPost).on_conflict_do_nothing(), found)


def answered_by(
    connection: Connection, ticket_id: int, message_id: int, channel: str, address: str
) -> str | None:
    """The platform's number of what the person said there last in this message, where it came from this address."""
    return connection.scalar(select(Message.external_id).join(StaffPost, StaffPost.row_id == Message.id).where(
        StaffPost.ticket_id == ticket_id, StaffPost.kind == "message", StaffPost.message_id == message_id,
        Message.author == "person", Message.channel == channel, Message.address == address,
    ).order_by(Message.id.desc()).limit(1))


def stands_there(connection: Connection, ticket_id: int, kind: str, message_id: int) -> bool:
    """Whether a row of this kind is the message with this number there."""
    return connection.execute(select(StaffPost.row_id).where(
        StaffPost.ticket_id == ticket_id, StaffPost.kind == kind, StaffPost.message_id == message_id,
    )).first() is not None


def went_from(connection: Connection, ticket_id: int, message_id: int, key: str) -> tuple[list[int], bool]:
    """What went to the person from this message of the topic, with the words that it got later: it was written with
    this key. Else what of ours is told in it. True where nobody can say which of several is meant."""
    ours = select(Message.id).join(Ticket, Ticket.contact_id == Message.contact_id).where(
        Ticket.id == ticket_id, Message.author == "counsellor").order_by(Message.id)
    later = Message.inbound_key.startswith(f"{key}-", autoescape=True)
    if written := list(connection.scalars(ours.where(or_(Message.inbound_key == key, later)))):
        return written, False
    told = exists().where(StaffPost.row_id == Message.id, StaffPost.ticket_id == ticket_id,
                          StaffPost.kind == "message", StaffPost.message_id == message_id)
    found = list(connection.scalars(ours.where(told)))
    return found, len(found) > 1


def is_gone(connection: Connection, ticket_id: int, message_id: int, undone: int) -> None:
    """This message was deleted there, for what this row takes back: what else stood in it is told again."""
    row_id = connection.scalar(select(Message.edits).where(Message.id == undone)) or 0
    connection.execute(delete(StaffPost).where(
        StaffPost.ticket_id == ticket_id, StaffPost.message_id == message_id,
        or_(StaffPost.kind != "message", StaffPost.row_id != row_id)))
