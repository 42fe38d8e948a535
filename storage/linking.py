"""One person in several apps: codes that join two chats, and an app that is taken away again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from storage import contacts, messages, one_phone, ways_back
from storage.merging import rows
from storage.passes import digest
from storage.pushes import chat as chat_pushes
from storage.tables import Address, JoinCode, Message

LASTS = timedelta(minutes=15)
DIGITS = 8
TAKEN_AWAY = "taken_away"
"""Why something is not sent any more."""


def new_code(connection: Connection, contact_id: int, now: datetime) -> str:
    """Eight digits that join another chat with this person's. Those from before hold as long as they did."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    connection.execute(delete(JoinCode).where(JoinCode.code_hash == digest(code)))
    connection.execute(insert(JoinCode).values(code_hash=digest(code), contact_id=contact_id, expires_at=now + LASTS))
    return code


def owner(connection: Connection, code: str, now: datetime) -> int | None:
    """Whose code it is, if it still holds."""
    held = select(JoinCode.contact_id).where(JoinCode.code_hash == digest(code), JoinCode.expires_at > now)
    return connection.scalar(held)


def use(connection: Connection, code: str, now: datetime) -> int | None:
    """The same, for the one who comes first."""
    found = owner(connection, code, now)
    gone = connection.execute(delete(JoinCode).where(JoinCode.code_hash == digest(code)))
    return found if gone.rowcount else None


def tidy(connection: Connection, now: datetime) -> None:
    connection.execute(delete(JoinCode).where(JoinCode.expires_at <= now))


class Reached(NamedTuple):
    channel: str
    address: str
    used_at: datetime


def addresses(connection: Connection, contact_id: int) -> Sequence[Reached]:
    """Where somebody can be written to, the one used last first; none that is blocked."""
    found = select(Address.channel, Address.sealed, Address.last_used_at).where(
        Address.contact_id == contact_id, Address.blocked_at.is_(None))
    used = found.order_by(Address.last_used_at.desc(), Address.id)
    return [Reached(*row) for row in connection.execute(used)]


def _stays(connection: Connection, contact_id: int, channel: str, address: str) -> None:
    """What was said there is no more tied to that address, which is another person's from now on."""
    there = update(Message).where(
        Message.contact_id == contact_id, Message.channel == channel, Message.address == address)
    connection.execute(there.values(address=f"{TAKEN_AWAY} {contact_id}"))


def take_away(
    connection: Connection, contact_id: int, kept: tuple[str, str], language: str, time_zone: str, now: datetime
) -> int:
    """Every other address of a person is somebody new from now on, with nothing; how many there were. What was still to
    be sent there is not sent. One that they share stays the others'."""
    left = one_phone.leave(connection, contact_id, kept, now)
    found = connection.execute(
        select(Address.id, Address.channel, Address.sealed).where(Address.contact_id == contact_id)).all()
    others = [one for one in found if (one.channel, one.sealed) != kept]
    new_ids = contacts.blank(connection, [language] * len(others), time_zone, now)
    for one, new_id in zip(others, new_ids, strict=True):
        messages.fail_all(connection, contact_id, one.channel, one.sealed, TAKEN_AWAY)
        _stays(connection, contact_id, one.channel, one.sealed)
        chat_pushes.turn_off_at(connection, one.id)
        rows.move(connection, {Address.__tablename__: [one.id]}, new_id, {})
    if others:
        ways_back.end(connection, contact_id)
    if others or left:
        messages.send_anew(connection, contact_id)
    return len(others) + left
