"""Several people at one address. Each says with a sign and four digits that it is them; while nobody has, the address
belongs to nobody: a contact of its own, of whom nothing is known.

`addresses.contact_id` always says who has it now. So everything that writes and answers reaches them alone; what is
for one of the others is held (`storage.messages`) until the address is in their hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, or_, select, update

from storage import contacts, messages, ways_back
from storage.messages import HELD
from storage.news import tell
from storage.pushes import chat as chat_pushes
from storage.sealed import keys
from storage.tables import Address, Contact, Message, Sharer

IDLE = timedelta(minutes=30)
"""So long after their last word an address goes out of somebody's hands by itself."""
FREE_TRIES = 5
"""So often in a row other digits may be written; then the sign rests, each time for twice as long."""
FIRST_REST, LONGEST_REST = timedelta(minutes=15), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Phone:
    """An address that several people use."""

    id: int
    channel: str
    address: str
    contact_id: int
    """Who has it now."""
    nobody_id: int
    heard_at: datetime | None

    @property
    def is_in_hand(self) -> bool:
        return self.contact_id != self.nobody_id


_PHONE: Any = select(
    Address.id, Address.channel, Address.address, Address.contact_id, Address.nobody_id, Address.heard_at)


def at(connection: Connection, channel: str, address: str) -> Phone | None:
    """None where it is one person's."""
    row = connection.execute(_PHONE.where(
        Address.channel == channel, Address.address == address, Address.nobody_id.is_not(None))).one_or_none()
    return None if row is None else Phone(*row)


def share(
    connection: Connection, contact_id: int, here: tuple[str, str], sign: str, digits: str, time_zone: str,
    now: datetime,
) -> None:
    """Whoever has this address is one of several from now on, and has it still. A private link to it ends: it would
    open the chats of all."""
    language = select(Contact.language).where(Contact.id == contact_id).scalar_subquery()
    [nobody] = contacts.blank(connection, [connection.scalar(select(language)) or ""], time_zone, now)
    connection.execute(update(Address).where(Address.channel == here[0], Address.address == here[1],
                                             Address.contact_id == contact_id).values(nobody_id=nobody, heard_at=now))
    phone = at(connection, *here)
    assert phone is not None
    _add(connection, phone, contact_id, sign, digits)
    ways_back.end(connection, contact_id)


def join(
    connection: Connection, phone: Phone, sign: str, digits: str, language: str, time_zone: str, now: datetime
) -> int | None:
    """Somebody new at this address; who they are. None where somebody else has just taken the sign."""
    if sign in {one.sign for one in signs(connection, phone)}:
        return None
    [new] = contacts.blank(connection, [language], time_zone, now)
    _add(connection, phone, new, sign, digits)
    connection.execute(update(Sharer).where(Sharer.address_id == phone.id).values(is_left=False))
    return new


def _add(connection: Connection, phone: Phone, contact_id: int, sign: str, digits: str) -> None:
    row = keys.sealed(connection, Sharer, {"contact_id": contact_id, "sign": sign})
    connection.execute(insert(Sharer).values(
        **row, address_id=phone.id, digits_hash=_hashed(connection, phone, sign, digits), tries=0, is_told=False,
        is_left=False))


def _hashed(connection: Connection, phone: Phone, sign: str, digits: str) -> str:
    [found] = keys.hashed(connection, [f"digits\0{phone.id}\0{sign}\0{digits}"])
    return found


def signs(connection: Connection, phone: Phone) -> Sequence[Row[Any]]:
    """Who uses it, by `sign` and `contact_id`, the first one first."""
    rows: Any = select(Sharer.id, Sharer.contact_id, Sharer.sign, Sharer.digits_hash, Sharer.tries, Sharer.tried_at,
                       Sharer.is_left).where(Sharer.address_id == phone.id)
    return connection.execute(rows.order_by(Sharer.id)).all()


@dataclass(frozen=True, slots=True)
class Opened:
    contact_id: int | None
    """None: these were not the digits."""
    rests: bool = False
    """Nothing was compared: there were too many tries."""


def open_with(connection: Connection, phone: Phone, sign: str, digits: str, now: datetime) -> Opened:
    """Who the sign and the digits say that somebody is. Tries are counted where no restart forgets them."""
    found = next((one for one in signs(connection, phone) if one.sign == sign), None)
    if found is None:
        return Opened(None)
    if _rests(found, now):
        return Opened(None, rests=True)
    if found.digits_hash != _hashed(connection, phone, sign, digits):
        tried = {"tries": found.tries + 1, "tried_at": now}
        connection.execute(update(Sharer).where(Sharer.id == found.id).values(tried))
        return Opened(None, rests=(found.tries + 1) % FREE_TRIES == 0)
    connection.execute(update(Sharer).where(Sharer.id == found.id).values(tries=0, tried_at=None))
    return Opened(found.contact_id)


def _rests(found: Row[Any], now: datetime) -> bool:
    rounds, more = divmod(found.tries, FREE_TRIES)
    if more or not rounds or found.tried_at is None:
        return False
    rest = min(FIRST_REST * 2 ** min(rounds - 1, 10), LONGEST_REST)
    return bool(timedelta(0) <= now - found.tried_at < rest)


# ------------------------------------------------------------- from hand to hand


def give(connection: Connection, phone: Phone, contact_id: int, now: datetime) -> None:
    """The address is in these hands from now on. What was said here before is out of sight; what the others are still
    to get is held, and what was held for this one goes."""
    connection.execute(select(Contact.id).where(Contact.id.in_((phone.contact_id, contact_id)))
                       .order_by(Contact.id).with_for_update())
    messages.hold(connection, phone.contact_id, phone.channel, phone.address)
    row = keys.sealed(connection, Address, {"contact_id": contact_id, "sealed": phone.address})
    connection.execute(update(Address).where(Address.id == phone.id).values(
        contact_id=contact_id, sealed=row["sealed"], heard_at=now,
        hidden_to=_said_before(connection, phone, contact_id)))
    messages.release(connection, contact_id, now)
    chat_pushes.turn_off_at(connection, phone.id)
    connection.execute(update(Sharer).where(Sharer.address_id == phone.id, Sharer.contact_id == contact_id)
                       .values(is_told=False))
    connection.execute(update(Contact).where(Contact.id == phone.nobody_id).values(last_seen_at=now))
    tell(connection, [f"{phone.channel}:{phone.address}", "queue", f"contact:{phone.contact_id}",
                      f"contact:{contact_id}"])


def _said_before(connection: Connection, phone: Phone, contact_id: int) -> int:
    """Up to which message it was said before; not what waits for them."""
    waits = connection.scalar(select(func.min(Message.id)).where(
        Message.contact_id == contact_id, Message.channel == phone.channel, Message.address == phone.address,
        Message.state == HELD))
    return waits - 1 if waits is not None else connection.scalar(select(func.max(Message.id))) or 0


def put_down(connection: Connection, phone: Phone, now: datetime) -> None:
    """Nobody has it; where none of its people is left, it is what a new one is."""
    if phone.is_in_hand:
        give(connection, phone, phone.nobody_id, now)
    if not signs(connection, phone):
        connection.execute(update(Address).where(Address.id == phone.id).values(nobody_id=None, heard_at=None))


def is_settled(connection: Connection, phone: Phone, now: datetime) -> bool:
    """It is in the right hands. False: whoever has it has been silent too long or is none of its people any more, or
    there is nobody left."""
    people = {one.contact_id for one in signs(connection, phone)}
    if not phone.is_in_hand:
        return bool(people)
    return phone.heard_at is not None and now - phone.heard_at < IDLE and phone.contact_id in people


def is_theirs_alone(connection: Connection, phone: Phone, contact_id: int) -> bool:
    return {one.contact_id for one in signs(connection, phone)} == {contact_id}


def is_left_over(connection: Connection, phone: Phone, contact_id: int) -> bool:
    """They are the one who is left of several."""
    found = signs(connection, phone)
    return {one.contact_id for one in found} == {contact_id} and any(one.is_left for one in found)


def end(connection: Connection, phone: Phone, now: datetime) -> None:
    """It is the address of whoever has it, and of nobody else. What came in while nobody had it goes, where no talk
    with a counsellor is open about it."""
    connection.execute(delete(Sharer).where(Sharer.address_id == phone.id))
    connection.execute(update(Address).where(Address.id == phone.id).values(nobody_id=None, heard_at=None))
    if not contacts.has_open_ticket(connection, phone.nobody_id):
        contacts.forget(connection, phone.nobody_id, now)


def leave(connection: Connection, contact_id: int, kept: tuple[str, str] | None, now: datetime) -> int:
    """This person uses none of their shared addresses any more, but for the one that is kept; how many there were. One
    that they have now is put down."""
    found = [Phone(*row) for row in connection.execute(_PHONE.where(Address.nobody_id.is_not(None), exists().where(
        Sharer.address_id == Address.id, Sharer.contact_id == contact_id)))]
    left = [one for one in found if (one.channel, one.address) != kept]
    for one in left:
        messages.fail_all(connection, contact_id, one.channel, one.address, "taken_away")
        connection.execute(delete(Sharer).where(Sharer.address_id == one.id, Sharer.contact_id == contact_id))
        contacts.note_who_is_left(connection, [one.id])
        if one.contact_id == contact_id or not signs(connection, one):
            put_down(connection, one, now)
    return len(left)


def places(connection: Connection, contact_id: int, here: tuple[str, str]) -> list[str]:
    """The channels of the other addresses that this person shares."""
    rows = connection.execute(select(Address.channel, Address.address).join(Sharer, Sharer.address_id == Address.id)
                              .where(Sharer.contact_id == contact_id).order_by(Sharer.id))
    return list(dict.fromkeys(row.channel for row in rows if (row.channel, row.address) != here))


# ------------------------------------------------------------- who has had it too long, and what waits


def note_heard(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Whoever has these addresses has written."""
    if ids:
        connection.execute(update(Address).where(Address.nobody_id.in_(ids)).values(heard_at=now))


def over(connection: Connection, now: datetime, most: int = 100) -> list[Phone]:
    """Those that have been in somebody's hands too long."""
    rows = _PHONE.where(Address.nobody_id.is_not(None), Address.contact_id != Address.nobody_id,
                        or_(Address.heard_at.is_(None), Address.heard_at <= now - IDLE))
    return [Phone(*row) for row in connection.execute(rows.order_by(Address.id).limit(most))]


def _untold(phone: Phone) -> tuple[ColumnElement[bool], ...]:
    waits = exists().where(
        Message.contact_id == Sharer.contact_id, Message.channel == phone.channel, Message.address == phone.address,
        Message.state == HELD)
    return Sharer.address_id == phone.id, Sharer.is_told.is_(False), waits


def has_untold(connection: Connection, phone: Phone) -> bool:
    """Whether something is held for one of its people, and that was not said here yet."""
    return connection.execute(select(Sharer.id).where(*_untold(phone)).limit(1)).first() is not None


def waits_untold(connection: Connection, phone: Phone) -> bool:
    """The same; it counts as said."""
    return bool(connection.execute(update(Sharer).where(*_untold(phone)).values(is_told=True)).rowcount)


# ------------------------------------------------------------- for the team


def is_nobody(connection: Connection, contact_id: int) -> bool:
    return connection.scalar(select(exists().where(Address.nobody_id == contact_id))) or False


def seen_by_team(connection: Connection, contact_id: int) -> Sequence[int] | None:
    """Of a contact that stands for nobody: the people who use that phone. Of one of them: empty. Otherwise None."""
    if is_nobody(connection, contact_id):
        rows = select(Sharer.contact_id).join(Address, Address.id == Sharer.address_id)
        return list(dict.fromkeys(connection.scalars(rows.where(Address.nobody_id == contact_id).order_by(Sharer.id))))
    shares = select(Sharer.id).where(Sharer.contact_id == contact_id)
    return [] if connection.execute(shares.limit(1)).first() is not None else None
