"""What of a ticket its topic does not show yet, in the order of the console's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from storage import messages, taking_back
from storage.moves import MoveView
from storage.staff import WALLED
from storage.staff_group.topics import ON_TELEGRAM, Chat, walled_from_somebody
from storage.tables import Counsellor, Medium, Message, Note, StaffPost, Ticket, TicketMove
from storage.walls import NOT_SHOWN

MOST_BEFORE = 30
"""So much of what the bot and the person said before is told."""
MOST = 50
"""So many rows of one kind are looked at in one go."""
OURS = "staff-group-"
"""What the key of words begins with that were written in the group itself; then come the topic's and the message's
number."""


TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Entry:
    kind: str
    """card, before, urgent, message, file, note, move, failed, kept"""
    row_id: int
    at: datetime
    author: str = ""
    """person, bot, counsellor"""
    name: str = ""
    """Of a colleague."""
    what: str = "text"
    """Of a message: text, tap, started, or a kind of media; take_back; TAKEN_BACK where it was before it stood there.
    Of what was kept: what became of it."""
    text: str = ""
    content: Mapping[str, Any] | None = None
    channel: str = ""
    answers: int | None = None
    """The message in this topic that it answers, or whose words it changes."""
    is_change: bool = False
    there: int | None = None
    """The message's number, where it was written in this topic."""
    move: MoveView | None = None
    before: tuple[Entry, ...] = ()


def missing(connection: Connection, chat: Chat) -> list[Entry]:
    """The next of what is to be told in a topic that there is. All of it in the order in which it happened."""
    found = [*_card(connection, chat), *_before(connection, chat), *_urgent(connection, chat)]
    said = _messages(connection, chat)
    live = [*said, *_files(connection, chat), *_notes(connection, chat), *_moves(connection, chat)]
    if len(said) >= MOST:
        live = [one for one in live if one.at <= said[MOST - 1].at]
    return [*found, *sorted(live, key=lambda one: one.at)]


def _not_there(kind: str, chat: Chat, row: ColumnElement[int]) -> ColumnElement[bool]:
    post = StaffPost.__table__.alias()
    return ~exists().where(post.c.ticket_id == chat.ticket_id, post.c.kind == kind, post.c.row_id == row)


def _has(connection: Connection, chat: Chat, kind: str) -> bool:
    return connection.execute(select(StaffPost.row_id).where(
        StaffPost.ticket_id == chat.ticket_id, StaffPost.kind == kind)).first() is not None


def _card(connection: Connection, chat: Chat) -> list[Entry]:
    if _has(connection, chat, "card"):
        return []
    return [Entry("card", chat.ticket_id, chat.opened_at)]


def _urgent(connection: Connection, chat: Chat) -> list[Entry]:
    """That it is so by now: nothing else in the ledger says it."""
    if not chat.urgent or _has(connection, chat, "urgent"):
        return []
    return [Entry("urgent", chat.ticket_id, chat.opened_at)]


def _before(connection: Connection, chat: Chat) -> list[Entry]:
    """What was said before the team took over, as one entry."""
    if _has(connection, chat, "before"):
        return []
    newest = _said().where(Message.contact_id == chat.contact_id, Message.id <= chat.after_id)
    rows = connection.execute(newest.order_by(Message.id.desc()).limit(MOST_BEFORE)).all()
    said = tuple(_message(row, None) for row in reversed(rows))
    return [Entry("before", chat.ticket_id, chat.opened_at, before=said)]


def _said() -> Any:
    return select(
        Message.id, Message.author, Message.kind, Message.text, Message.content, Message.at, Message.inbound_key,
        Message.channel, Message.reply_to, Message.edits, Counsellor.name.label("counsellor"),
        messages.is_taken_back().label("is_gone"),
    ).outerjoin(Counsellor, Counsellor.id == Message.counsellor_id)


def _message(row: Any, thread_id: int | None) -> Entry:
    what = TAKEN_BACK if row.is_gone else row.kind
    return Entry("message", row.id, row.at, row.author, row.counsellor or "", what, row.text,
                 row.content, row.channel, there=there(row.inbound_key, thread_id))


def there(key: str | None, thread_id: int | None) -> int | None:
    """The number in this topic of a message whose words were written in it."""
    thread, _, number = (key or "").removeprefix(OURS).partition("-")
    return int(number) if key and key.startswith(OURS) and thread == str(thread_id) and number.isdigit() else None


def _messages(connection: Connection, chat: Chat) -> list[Entry]:
    of_chat = [Message.contact_id == chat.contact_id, Message.id > chat.after_id]
    if chat.closed_at is not None:
        of_chat.append(Message.at <= chat.closed_at)
    new = _said().where(*of_chat, _not_there("message", chat, Message.id)).order_by(Message.id).limit(MOST)
    found = [replace(_message(row, chat.thread_id), answers=_answered(connection, chat, row),
                     is_change=row.edits is not None) for row in connection.execute(new).all()]
    lost = select(Message.id, Message.at, Message.error).where(
        *of_chat, Message.author == "counsellor", Message.state == "failed", _not_there("failed", chat, Message.id),
        ~messages.is_taken_back())
    failed = [Entry("failed", row.id, row.at, text=row.error or "")
              for row in connection.execute(lost.order_by(Message.id).limit(MOST))]
    return [*found, *failed, *_kept(connection, chat, of_chat)]


def _kept(connection: Connection, chat: Chat, of_chat: list[ColumnElement[bool]]) -> list[Entry]:
    """What was taken back and stays with the person: somebody has to do something."""
    left = select(Message.id, Message.edits, Message.at, Message.channel).where(
        *of_chat, Message.kind == messages.TAKE_BACK, Message.state == "failed", _not_there("kept", chat, Message.id))
    rows = connection.execute(left.order_by(Message.id).limit(MOST)).all()
    became = taking_back.taken(connection, [row.edits or 0 for row in rows])
    return [Entry("kept", row.id, row.at, what=became[row.edits].fate, channel=row.channel)
            for row in rows if row.edits in became and became[row.edits].fate != "unsent"]


def _files(connection: Connection, chat: Chat) -> list[Entry]:
    """What came with words that stand there, and is kept by now. Of Telegram's own files it has the number."""
    told = StaffPost.message_id.label("told")
    kept = select(Message.id, Message.at, Message.kind, told).join(Medium, Medium.message_id == Message.id).join(
        StaffPost, and_(StaffPost.row_id == Message.id, StaffPost.kind == "message",
                        StaffPost.ticket_id == chat.ticket_id))
    kept = kept.where(Message.contact_id == chat.contact_id, Message.id > chat.after_id, Message.author == "person",
                      Message.channel != ON_TELEGRAM, Message.kind != "sticker", Medium.state == "stored",
                      _not_there("file", chat, Message.id))
    return [Entry("file", row.id, row.at, "person", what=row.kind, answers=row.told)
            for row in connection.execute(kept.order_by(Message.id).limit(MOST))]


def _answered(connection: Connection, chat: Chat, row: Any) -> int | None:
    """Where what the person answers, or changes, stands in the topic."""
    if not row.edits and (row.author != "person" or not row.reply_to):
        return None
    which = Message.id == row.edits if row.edits else and_(
        Message.channel == row.channel, Message.external_id == row.reply_to, Message.edits.is_(None))
    there = select(StaffPost.message_id).join(Message, Message.id == StaffPost.row_id).where(
        StaffPost.ticket_id == chat.ticket_id, StaffPost.kind == "message", Message.contact_id == chat.contact_id,
        which)
    return connection.scalar(there.limit(1))


def _notes(connection: Connection, chat: Chat) -> list[Entry]:
    area = func.coalesce(Note.area, Ticket.area, "general")
    new = select(Note.id, Note.text, Note.at, Counsellor.name, area.label("area")).join(
        Ticket, Ticket.id == Note.ticket_id).outerjoin(Counsellor, Counsellor.id == Note.counsellor_id)
    new = new.where(Note.ticket_id == chat.ticket_id, _not_there("note", chat, Note.id))
    rows = connection.execute(new.order_by(Note.id).limit(MOST)).all()
    hidden = any(row.area == WALLED for row in rows) and walled_from_somebody(connection)
    return [Entry("note", row.id, row.at, "counsellor", row.name or "",
                  text=NOT_SHOWN if hidden and row.area == WALLED else row.text) for row in rows]


def _moves(connection: Connection, chat: Chat) -> list[Entry]:
    by, to = Counsellor.__table__.alias(), Counsellor.__table__.alias()
    new = select(TicketMove.id, TicketMove.kind, by.c.name, to.c.name, TicketMove.area, TicketMove.reason,
                 TicketMove.until, TicketMove.at, TicketMove.ended_at)
    new = new.outerjoin(by, by.c.id == TicketMove.by_id).outerjoin(to, to.c.id == TicketMove.to_id)
    new = new.where(TicketMove.ticket_id == chat.ticket_id, TicketMove.kind != "offer",
                    _not_there("move", chat, TicketMove.id))
    rows = connection.execute(new.order_by(TicketMove.id).limit(MOST)).all()
    return [Entry("move", row[0], row[7], move=MoveView(*row)) for row in rows]
