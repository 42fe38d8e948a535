"""Browsers of people: woken once, when something new is in the chat and nobody has seen it there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select, update

from storage import messages
from storage.messages import REPLY
from storage.sealed import keys
from storage.tables import Address, ChatPush, Contact, Message

MOST = 5
"""So many browsers of a person are woken; the newest ones."""
LOOKED_FOR = timedelta(seconds=10)
"""So long an open page has to say that somebody sees what is new."""
MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Waits:
    """A browser for which there is something new."""

    key: str
    endpoint: str
    failures: int
    language: str
    time_zone: str
    known: Mapping[str, Any]
    discreet: Mapping[str, Any] | None
    is_reply: bool
    """Something of it is an answer, or a counsellor's; otherwise we began by ourselves."""


class Owner(NamedTuple):
    """Whose chat a browser has."""

    id: int
    language: str
    consents: Mapping[str, Any]
    discreet: Mapping[str, Any] | None
    died_at: datetime | None

    @property
    def agreed(self) -> bool:
        """We may keep something about them at all."""
        return self.consents.get("keep") is True and self.died_at is None


def owner(connection: Connection, address: str) -> Owner | None:
    columns = (Contact.id, Contact.language, Contact.consents, Contact.discreet, Contact.died_at)
    found = select(*columns).join(Address, Address.contact_id == Contact.id)
    row = connection.execute(found.where(Address.channel == "web", Address.address == address)).one_or_none()
    return Owner(*row) if row is not None else None


def turn_on(connection: Connection, contact_id: int, address: str, endpoint: str, now: datetime) -> None:
    """Wake this browser from now on. One that was another chat's before is this one's."""
    [key] = keys.hashed(connection, [endpoint])
    place = select(Address.id).where(Address.channel == "web", Address.address == address)
    address_id = connection.scalar(place)
    mine = (ChatPush.endpoint_hash == key, ChatPush.contact_id == contact_id, ChatPush.address_id == address_id)
    if address_id is None or connection.execute(select(ChatPush.endpoint_hash).where(*mine)).first():
        return
    _drop(connection, key)
    newest = select(func.max(Message.id)).where(Message.contact_id == contact_id)
    connection.execute(insert(ChatPush).values(keys.sealed(connection, ChatPush, {
        "endpoint_hash": key, "contact_id": contact_id, "address_id": address_id, "endpoint": endpoint, "made_at": now,
        "seen_to": connection.scalar(newest) or 0, "failures": 0,
    })))
    older = select(ChatPush.endpoint_hash).where(ChatPush.contact_id == contact_id)
    older = older.order_by(ChatPush.made_at.desc(), ChatPush.endpoint_hash).offset(MOST).limit(MOST)
    for one in connection.scalars(older).all():
        _drop(connection, one)


def turn_off(connection: Connection, contact_id: int, endpoint: str) -> None:
    """Wake this browser no more; without one, none of this person."""
    which = [ChatPush.endpoint_hash == one for one in keys.hashed(connection, [endpoint] if endpoint else [])]
    connection.execute(delete(ChatPush).where(ChatPush.contact_id == contact_id, *which))


def turn_off_at(connection: Connection, address_id: int) -> None:
    """This chat has another person, or another address, from now on."""
    connection.execute(delete(ChatPush).where(ChatPush.address_id == address_id))


def is_on(connection: Connection, contact_id: int, endpoint: str) -> bool:
    [key] = keys.hashed(connection, [endpoint])
    there = select(ChatPush.endpoint_hash).where(ChatPush.contact_id == contact_id, ChatPush.endpoint_hash == key)
    return connection.execute(there).first() is not None


def seen(connection: Connection, contact_id: int, address: str, up_to: int) -> None:
    """Somebody sees the chat up to this message: what comes later may wake it again."""
    here = select(Address.id).where(Address.channel == "web", Address.address == address).scalar_subquery()
    connection.execute(
        update(ChatPush).where(ChatPush.contact_id == contact_id, ChatPush.address_id == here,
                               ChatPush.seen_to <= up_to)
        .values(seen_to=up_to, woken_at=None, due_at=None)
    )


# ------------------------------------------------------------------ waking


def claim(
    connection: Connection, now: datetime, until: datetime, may_from: Callable[[Waits], datetime]
) -> list[Waits]:
    """Take on some of those for whom there is something new: nobody else does until then. `may_from` says when each may
    be woken; who may not yet is looked at again then."""
    found = [row for row in connection.execute(_waiting(connection, now)) if row.lane is not None]
    taken: list[Waits] = []
    for row in found:
        one = Waits(row.endpoint_hash, row.endpoint, row.failures, row.language, row.time_zone, row.known,
                    row.discreet, row.lane == REPLY)
        opens = may_from(one)
        put_off(connection, one.key, until if opens <= now else opens)
        if opens <= now:
            taken.append(one)
    return taken


def is_due(connection: Connection, now: datetime) -> bool:
    return any(row.lane is not None for row in connection.execute(_waiting(connection, now, lock=False)))


def _waiting(connection: Connection, now: datetime, lock: bool = True) -> Any:
    lane = _newer(now).scalar_subquery()
    found = (
        select(ChatPush.endpoint_hash, ChatPush.endpoint, ChatPush.failures, Contact.language, Contact.time_zone,
               Contact.known, Contact.discreet, lane.label("lane"))
        .join(Contact, Contact.id == ChatPush.contact_id).join(Address, Address.id == ChatPush.address_id)
        .where(ChatPush.woken_at.is_(None), or_(ChatPush.due_at.is_(None), ChatPush.due_at <= now), lane.is_not(None))
        .order_by(ChatPush.due_at, ChatPush.endpoint_hash).limit(MOST_AT_ONCE)
    )
    return found.with_for_update(of=ChatPush, skip_locked=True) if lock else found


def _newer(now: datetime) -> Any:
    """The lane of what has come since somebody saw the chat, the more pressing one; nothing where nothing has."""
    there: tuple[ColumnElement[bool], ...] = (
        Message.contact_id == ChatPush.contact_id, Message.id > ChatPush.seen_to, Message.channel == "web",
        Message.address == Address.address, Message.author != "person", Message.state.in_(("sent", "delivered")),
        Message.id > func.coalesce(Address.hidden_to, 0), Message.sent_at <= now - LOOKED_FOR,
        Message.kind != messages.TAKE_BACK, ~messages.is_taken_back(),
    )
    return select(func.min(Message.lane)).where(*there).correlate(ChatPush, Address)


def put_off(connection: Connection, key: str, due: datetime) -> None:
    connection.execute(update(ChatPush).where(ChatPush.endpoint_hash == key).values(due_at=due))


def _drop(connection: Connection, key: str) -> None:
    connection.execute(delete(ChatPush).where(ChatPush.endpoint_hash == key))
