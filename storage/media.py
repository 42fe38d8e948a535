"""Files that came with messages: what is still to be fetched, what is kept, and what a page shows of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, delete, func, insert, select, update

from storage.news import tell
from storage.sealed import keys
from storage.tables import Contact, Medium, MediumPart, Message
from storage.upsert import insert_or

TOPIC = "media"
"""Told when there is something to fetch."""
FILES = frozenset({"photo", "voice", "audio", "video", "document", "sticker"})
"""Kinds of messages that come with a file."""
KINDS = FILES | {"location", "contact", "other"}
PART = 256 * 1024
"""Bytes of one piece."""
BROUGHT_WITHIN = timedelta(hours=1)
"""So long a file that should come right behind its message is waited for."""
Fate: TypeAlias = Literal["stored", "too_large", "full", "gone"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that this process has taken on. Another `attempts` says that somebody else has it by now; another person,
    that two records have become one: then it is fetched once more."""

    message_id: int
    contact_id: int
    channel: str
    data: Mapping[str, Any]
    attempts: int


# --------------------------------------------------------------------- fetching


def expect(connection: Connection, files: Iterable[tuple[int, int, datetime]]) -> None:
    """These messages of these people came with a file each: message, person, and from when on it is to be fetched."""
    rows = [{"message_id": message, "contact_id": person, "state": "waiting", "attempts": 0, "due_at": due}
            for message, person, due in files]
    if rows:
        connection.execute(insert(Medium), rows)
        tell(connection, [TOPIC])


def is_due(connection: Connection, now: datetime) -> bool:
    return connection.execute(_due(now).limit(1)).first() is not None


def _due(now: datetime) -> Any:
    return select(Medium.message_id).where(Medium.state == "waiting", Medium.due_at <= now).order_by(Medium.due_at)


def claim(connection: Connection, now: datetime, until: datetime, most: int) -> list[Wanted]:
    """Take on so many of what is due: nobody else does until then. What an earlier try has left of them is deleted."""
    ids = connection.execute(_due(now).limit(most).with_for_update(skip_locked=True)).scalars().all()
    return _taken_on(connection, ids, until)


def _taken_on(connection: Connection, ids: Sequence[int], until: datetime) -> list[Wanted]:
    connection.execute(delete(MediumPart).where(MediumPart.message_id.in_(ids)))
    connection.execute(update(Medium).where(Medium.message_id.in_(ids))
                       .values(due_at=until, attempts=Medium.attempts + 1, size=None))
    rows = connection.execute(
        select(Message.id, Message.contact_id, Message.channel, Message.content, Medium.attempts)
        .join(Medium, Medium.message_id == Message.id).where(Message.id.in_(ids)).order_by(Message.id)
    )
    return [Wanted(row[0], row[1], row[2], row[3] or {}, row[4]) for row in rows]


def brought(
    connection: Connection, channel: str, key: str, now: datetime, until: datetime
) -> tuple[Wanted | None, str | None]:
    """The file of the message with this key is here: taken on until then, where nobody keeps it already; and how it
    stands, None where no such message waits for one."""
    there = select(Medium.message_id, Medium.state).join(Message, Message.id == Medium.message_id)
    row = connection.execute(there.where(Message.channel == channel, Message.inbound_key == key)
                             .with_for_update(of=Medium)).one_or_none()
    if row is None or row.state != "waiting":
        return None, row.state if row is not None else None
    [found] = _taken_on(connection, [row.message_id], until)
    return found, row.state


def reserve(connection: Connection, one: Wanted, size: int, most: int) -> bool | None:
    """Room for a file: False where this person would have more than `most` bytes with us; None as below."""
    if not _is_ours(connection, one):
        return None
    total = select(func.sum(Medium.size)).join(Message, Message.id == Medium.message_id).where(
        Medium.contact_id == one.contact_id, Message.author == "person", Medium.state.in_(("waiting", "stored")))
    if int(connection.execute(total).scalar() or 0) + size > most:
        return False
    connection.execute(update(Medium).where(Medium.message_id == one.message_id).values(size=size))
    return True


def keep_part(connection: Connection, one: Wanted, number: int, content: bytes) -> bool:
    """Store a piece. False where the file is not this try's any more: deleted, or somebody else's."""
    if not _is_ours(connection, one):
        return False
    row = {"key": f"{one.message_id}:{number}", "message_id": one.message_id, "contact_id": one.contact_id,
           "number": number, "content": content}
    connection.execute(insert(MediumPart).values(keys.sealed(connection, MediumPart, row)))
    return True


def finish(
    connection: Connection, one: Wanted, fate: Fate, kind: str | None = None, size: int | None = None
) -> bool:
    """It has its fate: kept whole, or not to be had. False as above."""
    if not _is_ours(connection, one):
        return False
    if fate != "stored":
        connection.execute(delete(MediumPart).where(MediumPart.message_id == one.message_id))
    connection.execute(update(Medium).where(Medium.message_id == one.message_id)
                       .values(state=fate, type=kind, size=size, due_at=None))
    tell(connection, [f"contact:{one.contact_id}"])
    return True


def put_off(connection: Connection, one: Wanted, due: datetime) -> None:
    if _is_ours(connection, one):
        connection.execute(update(Medium).where(Medium.message_id == one.message_id).values(due_at=due))


def _is_ours(connection: Connection, one: Wanted) -> bool:
    """The person is held first, as a turn and forgetting hold them."""
    connection.execute(select(Contact.id).where(Contact.id == one.contact_id)
                       .with_for_update(key_share=True))
    return connection.execute(select(Medium.message_id).where(
        Medium.message_id == one.message_id, Medium.contact_id == one.contact_id, Medium.state == "waiting",
        Medium.attempts == one.attempts,
    ).with_for_update()).first() is not None


# --------------------------------------------------------------------- what goes out


def goes_with(connection: Connection, message_id: int) -> tuple[int, Mapping[str, Any]] | None:
    """Whose message of ours this is, and what is stored of it beside its text."""
    row = connection.execute(select(Message.contact_id, Message.content).where(
        Message.id == message_id, Message.author != "person")).one_or_none()
    return (row[0], row[1] or {}) if row else None


def keep_ours(connection: Connection, message_id: int, contact_id: int, kind: str, content: bytes) -> None:
    """A file that goes with a message of ours, whole. A second copy of it is none."""
    there = select(Contact.id).where(Contact.id == contact_id, Contact.forgotten_at.is_(None))
    if connection.execute(there.with_for_update(key_share=True)).first() is None:
        return
    new = insert_or(connection, Medium).values(message_id=message_id, contact_id=contact_id, state="stored", type=kind,
                                               size=len(content), attempts=0)
    if not connection.execute(new.on_conflict_do_nothing(index_elements=["message_id"])).rowcount:
        return
    rows = [{"key": f"{message_id}:{number}", "message_id": message_id, "contact_id": contact_id, "number": number,
             "content": content[begin : begin + PART]} for number, begin in enumerate(range(0, len(content), PART))]
    connection.execute(insert(MediumPart), keys.seal(connection, MediumPart, rows))
    tell(connection, [f"contact:{contact_id}"])


def copy_ours(connection: Connection, message_id: int, to: int) -> None:
    """What goes with a message goes with another one too: the same words, on their way to another place."""
    found = load(connection, message_id)
    if found is not None:
        keep_ours(connection, to, found.contact_id, found.type, found.content)


# --------------------------------------------------------------------- looking


@dataclass(frozen=True, slots=True)
class File:
    """A file that is kept, whole."""

    contact_id: int
    type: str
    content: bytes


def load(connection: Connection, message_id: int) -> File | None:
    row = connection.execute(select(Medium.contact_id, Medium.type).where(
        Medium.message_id == message_id, Medium.state == "stored")).one_or_none()
    return File(row[0], row[1] or "", content(connection, message_id)) if row else None


def content(connection: Connection, message_id: int) -> bytes:
    parts = select(MediumPart.content).where(MediumPart.message_id == message_id).order_by(MediumPart.number)
    return b"".join(connection.execute(parts).scalars())


@dataclass(frozen=True, slots=True)
class MediumView:
    """What a page shows of what came with a message."""

    message_id: int
    state: str
    """Of a file: how it stands; empty where there is none, or it was never to be fetched."""
    type: str
    size: int
    place: tuple[float, float] | None = None
    """Latitude and longitude."""
    title: str = ""
    """What a place or a person is called."""
    detail: str = ""
    """The address of a place, the phone of a person."""


def views(connection: Connection, ids: Sequence[int]) -> dict[int, MediumView]:
    """What came with these messages."""
    if not ids:
        return {}
    rows = connection.execute(
        select(Message.id, Message.kind, Message.content, Medium.state, Medium.type, Medium.size)
        .outerjoin(Medium, Medium.message_id == Message.id).where(Message.id.in_(ids)))
    return {row[0]: _view(*row) for row in rows}


def _view(
    message_id: int, kind: str, data: Mapping[str, Any] | None, state: str | None, type_: str | None, size: int | None
) -> MediumView:
    found = data or {}
    latitude, longitude = found.get("latitude"), found.get("longitude")
    place = (float(latitude), float(longitude)) if latitude is not None and longitude is not None else None
    card = kind in ("location", "contact")
    name = found.get("name" if kind == "contact" else "title") if card else ""
    detail = found.get("phone" if kind == "contact" else "address") if card else ""
    return MediumView(message_id, state or "", type_ or "", size or 0, place, name or "", detail or "")
