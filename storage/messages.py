"""Everything said. Incoming ones are unique by channel and key; outgoing ones are the outbox until sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    true,
    update,
)

from storage import media
from storage.among import among
from storage.insert import insert_many
from storage.news import Queued, tell, told
from storage.prepared import Prepared
from storage.sealed import keys
from storage.tables import RECEIPTS, Address, Medium, Message, Moment, Sharer, Ticket
from storage.upsert import insert_or

REPLY, REMINDER = 0, 1
"""The two lanes: what a person waits for goes before what we send by ourselves."""
HELD = "held"
"""The state of what is for somebody who shares an address that is not in their hands now (`storage.one_phone`)."""
_UNSENT = ("queued", HELD)
TAKE_BACK = "take_back"
"""The kind of a row that is no message: it takes another one away (`storage.taking_back`)."""
NOT_SENT, NOT_TRIED, PERHAPS = "taken back", "taken back while it was held", "perhaps it arrived"
"""Of what was taken back before it was sent: why it is not; the same, where nobody can have tried; and where a try may
have arrived after all."""


def store_inbound(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """Insert what came in; (channel, key) -> id of those that are new. A second copy is left out."""
    if connection.dialect.name != "sqlite":
        return _store_beside_others(connection, rows)
    known: set[tuple[str, str]] = set()
    for channel in {row["channel"] for row in rows}:
        wanted = [row["inbound_key"] for row in rows if row["channel"] == channel]
        known |= {(channel, key) for (key,) in _KNOWN.rows(connection, of_channel=channel, keys=wanted)}
    new = [row for row in rows if (row["channel"], row["inbound_key"]) not in known]
    ids = insert_many(connection, Message, keys.seal(connection, Message, new))
    return {(row["channel"], row["inbound_key"]): key for row, key in zip(new, ids, strict=True)}


def _store_beside_others(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """Another process may be storing the same at this moment: then it waits for that one's end."""
    statement = (
        insert_or(connection, Message)
        .on_conflict_do_nothing(index_elements=["channel", "inbound_key"])
        .returning(Message.channel, Message.inbound_key, Message.id)
    )
    new: Iterable[Any] = connection.execute(statement, keys.seal(connection, Message, rows))
    return {(row[0], row[1]): row[2] for row in new}


_KNOWN = Prepared(
    select(Message.inbound_key)
    .where(Message.channel == bindparam("of_channel"), among(Message.inbound_key, "keys", of_text=True))
)


def note_edit(connection: Connection, key: int) -> None:
    """These words are the new ones of a message that came before: it is found by the platform's id of both."""
    new = select(Message.contact_id, Message.channel, Message.external_id).where(Message.id == key).subquery()
    first = select(func.min(Message.id)).join(new, and_(
        Message.contact_id == new.c.contact_id, Message.channel == new.c.channel,
        Message.external_id == new.c.external_id)).where(Message.id < key, Message.author == "person")
    connection.execute(update(Message).where(Message.id == key).values(edits=first.scalar_subquery()))


def queue(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[Queued]:
    """Put messages into the outbox, in order. What is held is stored, and not sent yet."""
    if not rows:
        return []
    stored = [{"inbound_key": None, "cause_id": None, **row} for row in rows]
    ids = insert_many(connection, Message, keys.seal(connection, Message, stored))
    queued = [
        Queued(key, row["contact_id"], row["channel"], row["address"], row["text"], row["content"], row["lane"], 0,
               row["due_at"], row["at"], row["author"], row.get("cause_id"))
        for key, row in zip(ids, rows, strict=True) if row["state"] != HELD
    ]
    tell(connection, queued=queued)
    return queued


def by_key(connection: Connection, contact_id: int, key: str) -> int | None:
    """A counsellor's words that are stored with this key, on whichever channel they go."""
    return connection.execute(
        select(Message.id).where(Message.contact_id == contact_id, Message.inbound_key == key)
    ).scalar()


def failed_words(connection: Connection, ticket_id: int, message_id: int) -> str | None:
    """A counsellor's words that did not arrive at the person of this chat."""
    return connection.execute(
        select(Message.text).join(Ticket, Ticket.contact_id == Message.contact_id)
        .where(Ticket.id == ticket_id, Message.id == message_id, Message.state == "failed",
               Message.author == "counsellor", ~is_taken_back())
    ).scalar()


def is_taken_back() -> ColumnElement[bool]:
    """Whether a counsellor took this message back."""
    undone = Message.__table__.alias()
    there = undone.c.edits == Message.id, undone.c.edits.is_not(None), undone.c.kind == TAKE_BACK
    return exists().where(*there).correlate(Message)


_QUEUED = select(
    Message.id, Message.contact_id, Message.channel, Message.address, Message.text, Message.content, Message.lane,
    Message.attempts, Message.due_at, Message.at, Message.author, Message.cause_id,
).where(Message.state == "queued")


def unsent(connection: Connection, lane: int, limit: int) -> list[Queued]:
    """What is in one lane of the outbox, oldest first."""
    statement = _QUEUED.where(Message.lane == lane).order_by(Message.id).limit(limit)
    return [Queued(*row) for row in connection.execute(statement)]


def these(connection: Connection, ids: Sequence[int]) -> list[Queued]:
    """Those of these that are in the outbox."""
    return [Queued(*row) for row in connection.execute(_QUEUED.where(among(Message.id, "ids")), {"ids": ids})]


def send_anew(connection: Connection, contact_id: int) -> None:
    """What still waits is sent to where its row says now, whatever a sender has read of it before."""
    waits = select(Message.id).where(Message.contact_id == contact_id, Message.state == "queued")
    tell(connection, queued=these(connection, connection.scalars(waits).all()),
         withdrawn={contact_id: {REPLY, REMINDER}})


def hold(connection: Connection, contact_id: int, channel: str, address: str) -> None:
    """What this person was still to get at an address waits until it is in their hands again."""
    waits = (Message.contact_id == contact_id, Message.channel == channel, Message.address == address,
             Message.state == "queued", Message.kind != TAKE_BACK)
    connection.execute(update(Message).where(*waits).values(state=HELD))
    news = told(connection)
    news.queued = [one for one in news.queued
                   if (one.contact_id, one.channel, one.address) != (contact_id, channel, address)]
    send_anew(connection, contact_id)


def release(connection: Connection, contact_id: int, now: datetime) -> None:
    """What was held for this person goes to the addresses that are in their hands."""
    theirs = exists().where(Address.channel == Message.channel, Address.address == Message.address,
                            Address.contact_id == contact_id)
    waits = select(Message.id).where(Message.contact_id == contact_id, Message.state == HELD, theirs)
    ids = list(connection.scalars(waits.order_by(Message.id)))
    if ids:
        connection.execute(update(Message).where(Message.id.in_(ids)).values(
            state="queued", attempts=0, error=None, at=now, due_at=now))
        tell(connection, queued=these(connection, ids))


_SENT = Prepared(
    update(Message)
    .where(Message.id == bindparam("key"), Message.state != "delivered", Message.state != "seen")
    .values(state="sent", external_id=bindparam("external"), sent_at=bindparam("now"),
            error=case((Message.error.startswith(PERHAPS), PERHAPS), else_=null()))
)
"""Where an earlier try may have arrived too, that is still known: then the person may have it twice."""
_LATER = (
    update(Message)
    .where(Message.id == bindparam("key"), Message.state == "queued")
    .values(attempts=bindparam("tries"), due_at=bindparam("due"),
            error=case((Message.error.startswith(PERHAPS), Message.error), else_=bindparam("why")))
)


def _why(said: ColumnElement[str]) -> ColumnElement[str]:
    """Why it failed; that an earlier try may have arrived stays with it."""
    return case((Message.error.startswith(PERHAPS), literal(f"{PERHAPS}: ").concat(said)), else_=said)


_FAILED = (
    update(Message)
    .where(Message.id == bindparam("key"), Message.state == "queued")
    .values(state="failed", attempts=bindparam("tries"), error=_why(bindparam("why", type_=Text)))
)


def mark_sent(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """`rows`: key, external, now."""
    _SENT.each(connection, rows)


def mark_later(connection: Connection, key: int, tries: int, due: datetime, why: str) -> bool:
    """False where it was withdrawn or deleted meanwhile; so also below."""
    return bool(connection.execute(_LATER, {"key": key, "tries": tries, "due": due, "why": why}).rowcount)


def mark_failed(connection: Connection, key: int, tries: int, why: str) -> bool:
    return bool(connection.execute(_FAILED, {"key": key, "tries": tries, "why": why}).rowcount)


def arrived(
    connection: Connection, contact_id: int, channel: str, address: str, up_to: int, seen: bool, now: datetime
) -> bool:
    """The page where this is read has it, or somebody has read it there. False where that is no news."""
    before = ("queued", "sent", "delivered") if seen else ("queued", "sent")
    there = (Message.contact_id == contact_id, Message.channel == channel, Message.address == address,
             Message.author != "person", Message.kind != TAKE_BACK, Message.id <= up_to, Message.state.in_(before))
    sent_at = func.coalesce(Message.sent_at, literal(now, Moment()))
    noted = update(Message).where(*there).values(state="seen" if seen else "delivered", sent_at=sent_at)
    return bool(connection.execute(noted).rowcount)


_BEFORE = {"delivered": ("sent",), "seen": ("sent", "delivered"), "failed": ("sent",)}
"""A state that a platform tells of, and those that it may follow: what comes late or twice changes nothing."""


def by_receipt(connection: Connection, external_id: str) -> tuple[int, int] | None:
    """The message that was sent with this platform's id, and whose it is."""
    row = connection.execute(select(Message.id, Message.contact_id).where(
        Message.external_id == external_id, Message.author != "person", text(RECEIPTS))).first()
    return (row[0], row[1]) if row else None


def follow(connection: Connection, key: int, state: str, why: str | None = None) -> bool:
    """It was delivered, seen, or failed after all. False where that is no news."""
    return bool(connection.execute(
        update(Message).where(Message.id == key, Message.state.in_(_BEFORE[state])).values(state=state, error=why)
    ).rowcount)


def whose(connection: Connection, message: Queued) -> int:
    """Whose it is now: two records may have become one, or two again, since it was queued."""
    found = connection.execute(select(Message.contact_id).where(Message.id == message.id)).scalar()
    return message.contact_id if found is None else found


def fail_all(connection: Connection, contact_id: int, channel: str, address: str, why: str) -> None:
    """Nothing more can arrive at this address."""
    connection.execute(
        update(Message)
        .where(Message.contact_id == contact_id, Message.channel == channel, Message.address == address,
               Message.state.in_(_UNSENT))
        .values(state="failed", error=_why(literal(why)))
    )


def queue_elsewhere(
    connection: Connection, contact_id: int, here: tuple[str, str], there: tuple[str, str], now: datetime
) -> None:
    """What cannot arrive at one address (channel and address) is queued anew for another one of the same person. The
    rows here are left to be failed: were they moved, a process that had read them before would send them from here."""
    waits = select(Message.id, Message.author, Message.counsellor_id, Message.kind, Message.text, Message.content,
                   Message.lane, Message.cause_id).where(
        Message.contact_id == contact_id, Message.channel == here[0], Message.address == here[1],
        Message.state == "queued", Message.kind != TAKE_BACK).order_by(Message.id)
    found = [dict(row) for row in connection.execute(waits).mappings()]
    old = [row.pop("id") for row in found]
    new = queue(connection, [
        {**row, "contact_id": contact_id, "channel": there[0], "address": there[1], "state": "queued",
         "attempts": 0, "due_at": now, "at": now} for row in found])
    for before, after in zip(old, new, strict=True):
        if (after.content or {}).get("medium"):
            media.copy_ours(connection, before, after.id)


def ids_there(connection: Connection, before: Queued, since: datetime) -> tuple[str, ...]:
    """The platform's ids of what was said at an address before a message, by both sides, as far back as this. Where
    several people share it, what any of them said; but not what has come in one with this message."""
    people = _all_there(connection, before)
    is_older = true() if len(people) == 1 else or_(Message.author == "person", Message.at < before.at)
    rows = connection.execute(
        select(Message.external_id)
        .where(Message.contact_id.in_(people), Message.channel == before.channel, is_older,
               Message.address == before.address, Message.id < before.id, Message.external_id.is_not(None),
               func.coalesce(Message.sent_at, Message.at) >= since)
        .order_by(Message.id)
    )
    return tuple(one for one in rows.scalars() if one)


def _all_there(connection: Connection, one: Queued) -> set[int]:
    """Whose chats stand at its address: one person's, or those of all who share it."""
    here = (Address.channel == one.channel, Address.address == one.address, Address.nobody_id.is_not(None))
    shared = select(Sharer.contact_id).join(Address, Address.id == Sharer.address_id).where(*here)
    nobody = connection.scalars(select(Address.nobody_id).where(*here))
    return {whose(connection, one), *connection.scalars(shared), *(key for key in nobody if key is not None)}


def last_said(connection: Connection, contact_id: int) -> int:
    """The person's newest message."""
    return connection.execute(
        select(func.max(Message.id)).where(Message.contact_id == contact_id, Message.author == "person")
    ).scalar() or 0


def kind_before(connection: Connection, contact_id: int, message_id: int) -> str | None:
    """What the person sent before this message: text, a tap, or a kind of media."""
    return connection.execute(
        select(Message.kind)
        .where(Message.contact_id == contact_id, Message.author == "person", Message.id < message_id)
        .order_by(Message.id.desc()).limit(1)
    ).scalar()


LARGEST_ALBUM = 10
"""So many of what the person sent before are looked at: as many as Telegram puts together."""


def album_before(connection: Connection, contact_id: int, message_id: int, album: str) -> bool:
    """Whether something that was sent at once with this message is there already."""
    before = select(Message.content).where(
        Message.contact_id == contact_id, Message.author == "person", Message.id < message_id)
    newest = connection.execute(before.order_by(Message.id.desc()).limit(LARGEST_ALBUM)).scalars()
    return any((one or {}).get("album") == album for one in newest)


def last_heard(connection: Connection, contact_id: int) -> datetime | None:
    """When the person last wrote."""
    return connection.execute(
        select(Message.at).where(Message.contact_id == contact_id, Message.author == "person")
        .order_by(Message.id.desc()).limit(1)
    ).scalar()


BLANKED = "…"


def blank_one(connection: Connection, contact_id: int, message_id: int) -> None:
    """Leave nothing of the words of one message."""
    text = keys.sealed(connection, Message, {"contact_id": contact_id, "text": BLANKED})["text"]
    connection.execute(update(Message).where(Message.id == message_id).values(text=text))


def blank(connection: Connection, contact_id: int, texts: Iterable[str], lines: Iterable[str]) -> None:
    """Leave nothing of what a person wrote in just these words, nor of a message of ours that has one of these lines.

    The row stays: with the platform's id of it, "hide" still takes the message away."""
    words, ours = set(texts), list(lines)
    rows = connection.execute(select(Message.id, Message.author, Message.text).where(
        Message.contact_id == contact_id,
        or_(Message.author == "person", and_(Message.author == "bot", Message.state != "queued"))))
    tells = [key for key, author, text in rows
             if (text.strip(" ") in words if author == "person" else any(one in text for one in ours))]
    connection.execute(delete(Medium).where(among(Medium.message_id, "ids")), {"ids": tells})
    blanked = keys.sealed(connection, Message, {"contact_id": contact_id, "text": BLANKED})["text"]
    connection.execute(update(Message).where(among(Message.id, "ids")).values(text=blanked, content=None),
                       {"ids": tells})


def drop_all(connection: Connection, contact_id: int) -> None:
    """Nothing that is on its way arrives any more, wherever it was to go."""
    connection.execute(
        update(Message).where(Message.contact_id == contact_id, Message.state.in_(_UNSENT))
        .values(state="failed", error="died"))


def drop_reminders(connection: Connection, contact_ids: Iterable[int]) -> None:
    """What we meant to send by ourselves is not sent to somebody who said stop."""
    connection.execute(
        update(Message)
        .where(Message.contact_id.in_(list(contact_ids)), Message.state.in_(_UNSENT), Message.lane == REMINDER)
        .values(state="failed", error="stopped")
    )


@dataclass(frozen=True, slots=True)
class There:
    """A message with a file, as it stands at an address."""

    is_ours: bool
    name: str
    """What the file is called; empty where we say."""


def file_at(connection: Connection, message_id: int, channel: str, address: str) -> There | None:
    """What goes with a message, of ours or of theirs, where it stands at this address and is not out of sight there."""
    row = connection.execute(
        select(Message.author, Message.content).join(Address, and_(Address.channel == Message.channel,
                                                                   Address.contact_id == Message.contact_id))
        .where(Message.id == message_id, Message.channel == channel, Message.address == address,
               Address.address == address, Message.id > func.coalesce(Address.hidden_to, 0))
    ).one_or_none()
    if row is None or row.author == "person":
        return There(False, "") if row is not None else None
    medium = (row.content or {}).get("medium")
    return There(True, str(medium["name"])) if medium is not None else None


def thread(
    connection: Connection, contact_id: int, address: str, channel: str, after: int, limit: int
) -> list[Any]:
    """What was said at one address, the newest `limit` of it after an id, oldest first."""
    statement = (
        select(Message.id, Message.author, Message.kind, Message.text, Message.content, Message.at, Message.inbound_key,
               Message.edits)
        .where(Message.contact_id == contact_id, Message.channel == channel, Message.address == address,
               Message.id > after)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list(reversed(list(connection.execute(statement))))
