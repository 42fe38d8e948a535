"""People and their addresses, set-wise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    select,
    type_coerce,
    update,
)

from conversations import short_lived
from storage import drawers, statistics
from storage.among import among
from storage.insert import insert_many
from storage.prepared import Prepared
from storage.sealed import keys
from storage.tables import (
    Address,
    Audit,
    Contact,
    ContactKey,
    Reminder,
    Sharer,
    Ticket,
    of_people,
)
from storage.tickets import COLUMNS as TICKET_COLUMNS
from storage.tickets import TicketState


@dataclass(slots=True)
class Person:
    """A contact as a turn needs it. `changed` says whether it must be written back."""

    id: int
    language: str
    chose_language: bool
    time_zone: str
    known: dict[str, Any]
    consents: dict[str, Any]
    rhythm_days: int | None = None
    stopped_at: datetime | None = None
    paused_until: datetime | None = None
    discreet: dict[str, Any] | None = None
    is_minor: bool | None = None
    seen_at: datetime | None = None
    died_at: datetime | None = None
    changed: bool = field(default=False, compare=False)
    filed: tuple[Any, ...] | None = field(default=None, compare=False)
    """What they are found by, as it is stored."""

    def __post_init__(self) -> None:
        self.filed = drawers.filed(self.known)


@dataclass(frozen=True, slots=True)
class Known:
    """What every schema has had of a contact."""

    id: int
    language: str
    known: dict[str, Any]
    consents: dict[str, Any]


@dataclass(slots=True)
class Found:
    """A person at an address, with what a turn must know before it begins."""

    person: Person
    channel: str
    address: str
    is_blocked: bool = False
    used_at: datetime | None = None
    """When this address was noted as used; the same moment as the person's `seen_at` if it was the last one."""
    is_asked: bool = False
    """A reminder has asked and waits for an answer."""
    ticket: TicketState | None = None
    nobody_id: int | None = None
    """Several people use this address: who has it while nobody has said who they are."""
    waits: bool = False
    """It is not in this person's hands now: what is for them is held."""
    is_fresh: bool = False
    """It has just gone out of somebody's hands."""

    @property
    def is_nobody(self) -> bool:
        return self.person.id == self.nobody_id


COLUMNS = (
    Contact.id, Contact.language, Contact.chose_language, Contact.time_zone, Contact.known, Contact.consents,
    Contact.rhythm_days, Contact.stopped_at, Contact.paused_until, Contact.discreet, Contact.is_minor,
    Contact.last_seen_at, Contact.died_at,
)
PERSON, TICKET = 8, 8 + len(COLUMNS)
"""Where each begins in a row that was loaded."""
CHANGEABLE = ("language", "chose_language", "time_zone", "known", "feels", "consents", "rhythm_days", "stopped_at",
              "paused_until", "discreet", "is_minor")
"""What `save` writes back."""
NOTED_EVERY = timedelta(hours=1)
"""A person's last contact is noted so often at most: what hangs on it counts in days."""
_ASKED = exists().where(Reminder.contact_id == Contact.id, Reminder.state == "waiting", Reminder.attempt > 0)


def _with(
    address: ColumnElement[str], whose: ColumnElement[bool] = Address.contact_id == Contact.id
) -> Select[Any]:
    return (
        select(Address.channel, address, Address.blocked_at, Address.last_used_at, _ASKED, ContactKey.master,
               ContactKey.wrapped, Address.nobody_id, *COLUMNS, *TICKET_COLUMNS)
        .select_from(Address)
        .join(Contact, whose)
        .join(ContactKey, ContactKey.contact_id == Contact.id)
        .outerjoin(Ticket, and_(Ticket.contact_id == Contact.id, Ticket.state != "closed"))
    )


_FIND = Prepared(_with(type_coerce(Address.address, Text))
                 .where(Address.channel == bindparam("of_channel"), among(Address.address, "hashes", of_text=True)))
"""Which address it is, its hash tells: it need not be opened."""
_LOAD = Prepared(_with(Address.address).where(among(Address.contact_id, "ids")))
_SHARES = Address.id.in_(select(Sharer.address_id).where(Sharer.contact_id == Contact.id))
_IS_ELSEWHERE = (among(Contact.id, "ids"), Address.nobody_id.is_not(None), Address.contact_id != Contact.id)
_WAITING = (Prepared(_with(Address.address, _SHARES).where(*_IS_ELSEWHERE)),
            Prepared(_with(Address.address, Address.nobody_id == Contact.id).where(*_IS_ELSEWHERE)))
"""People at addresses that they share, and that are not in their hands now; so also nobody."""
_LOCK = select(Contact.id).order_by(Contact.id).with_for_update(of=Contact)
_LOCK_FOUND = Prepared(
    _LOCK.join(Address, Address.contact_id == Contact.id)
    .where(Address.channel == bindparam("of_channel"), among(Address.address, "hashes", of_text=True))
)
_LOCK_IDS = Prepared(_LOCK.where(among(Contact.id, "ids")))
_LOCK_FREE = Prepared(_LOCK.where(among(Contact.id, "ids")).with_for_update(of=Contact, skip_locked=True))
_LOOK = Prepared(select(Contact.id, Contact.language, Contact.known, Contact.consents)
                 .where(among(Contact.id, "ids")))
_SAVE = Prepared(
    update(Contact).where(Contact.id == bindparam("key")).values({name: bindparam(name) for name in CHANGEABLE})
)
_SEEN = Prepared(update(Contact).where(Contact.id == bindparam("key")).values(last_seen_at=bindparam("seen")))
_USED = Prepared(
    update(Address)
    .where(Address.channel == bindparam("of_channel"), Address.address == bindparam("at"))
    .values(last_used_at=bindparam("seen"))
)


def find(connection: Connection, channel: str, addresses: Collection[str]) -> dict[str, Found]:
    """Who is at these addresses. On PostgreSQL they are locked, in the order of their ids."""
    known = dict(zip(keys.hashed(connection, addresses), addresses, strict=True))
    given = {"of_channel": channel, "hashes": list(known)}
    rows = _FIND.rows(connection, **given) if connection.dialect.name == "sqlite" else _hold(connection, given)
    found = (_found(connection, row, known[row[1]]) for row in rows)
    return {one.address: one for one in found}


def _hold(connection: Connection, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Where two records were made one while we waited for them, the one that is left is held too."""
    while True:
        held = {one for (one,) in _LOCK_FOUND.rows(connection, **given)}
        rows = _FIND.rows(connection, **given)
        if all(row[PERSON] in held for row in rows):
            return rows


def reachable(connection: Connection, ids: Iterable[int], skip_busy: bool = False) -> dict[int, Found]:
    """Each of these people at the address used last at which something arrives, or at a blocked one.

    On PostgreSQL they are locked; with `skip_busy` those that another process has now are left out."""
    wanted = list(ids)
    if connection.dialect.name != "sqlite":
        lock = _LOCK_FREE if skip_busy else _LOCK_IDS
        wanted = [one for (one,) in lock.rows(connection, ids=wanted)]
    found: dict[int, Found] = {}
    for row in _LOAD.rows(connection, ids=wanted):
        one = _found(connection, row, row[1])
        known = found.get(one.person.id)
        if known is None or _nearer(one) > _nearer(known):
            found[one.person.id] = one
    missing = [one for one in wanted if one not in found or found[one].is_blocked]
    return found | _waiting(connection, missing) if missing else found


def _waiting(connection: Connection, ids: Sequence[int]) -> dict[int, Found]:
    """Those of these people to whom something comes at a phone that they share, once it is in their hands."""
    found: dict[int, Found] = {}
    for statement in _WAITING:
        for row in statement.rows(connection, ids=ids):
            one = _found(connection, row, row[1])
            one.waits = True
            if not one.is_blocked and (one.person.id not in found or _nearer(one) > _nearer(found[one.person.id])):
                found[one.person.id] = one
    return found


def elsewhere(connection: Connection, contact_id: int, channels: Collection[str]) -> Found | None:
    """A person at the address used last on one of these channels, if something arrives at one."""
    found = [one for one in (_found(connection, row, row[1]) for row in _LOAD.rows(connection, ids=[contact_id]))
             if one.channel in channels and not one.is_blocked]
    return max(found, key=_nearer, default=None)


def who(connection: Connection, channel: str, address: str) -> int | None:
    """Whose address this is; only to look."""
    return connection.execute(
        select(Address.contact_id).where(Address.channel == channel, Address.address == address)
    ).scalar()


def last_channel(connection: Connection, contact_id: int) -> str:
    """Where a person last was; empty where they have no address."""
    newest = select(Address.channel).where(Address.contact_id == contact_id).order_by(Address.last_used_at.desc())
    return connection.execute(newest.limit(1)).scalar() or ""


def load(connection: Connection, ids: Iterable[int]) -> dict[int, Known]:
    """People by their ids; only to look, also into a database that has not been migrated yet."""
    return {row[0]: Known(*row) for row in _LOOK.rows(connection, ids=list(ids))}


def _nearer(one: Found) -> tuple[bool, datetime]:
    assert one.used_at is not None
    return not one.is_blocked, one.used_at


def _found(connection: Connection, row: Any, address: str) -> Found:
    keys.learn(connection, row[PERSON], row[5], row[6])
    ticket = TicketState(*row[TICKET:]) if row[TICKET] is not None else None
    return Found(Person(*row[PERSON:TICKET]), row[0], address, row[2] is not None, row[3], bool(row[4]), ticket, row[7])


def blank(connection: Connection, languages: Sequence[str], time_zone: str, now: datetime) -> list[int]:
    """People of whom nothing is known but their language, and who have no address yet; each with a key of their own."""
    nothing = {"created_at": now, "chose_language": False, "time_zone": time_zone, "known": {}, "feels": False,
               "consents": {}, "last_seen_at": now, "demo": False}
    ids = insert_many(connection, Contact, [{**nothing, "language": language} for language in languages])
    keys.make(connection, ids)
    return ids


def add(connection: Connection, people: Sequence[tuple[str, str, str]], time_zone: str, now: datetime) -> list[Found]:
    """New people, each with a key of their own: channel, address and language of each."""
    ids = blank(connection, [language for _, _, language in people], time_zone, now)
    insert_many(connection, Address, keys.seal(connection, Address, [
        {"contact_id": one, "channel": channel, "address": address, "sealed": address, "last_used_at": now}
        for one, (channel, address, _) in zip(ids, people, strict=True)
    ]))
    return [
        Found(Person(one, language, False, time_zone, {}, {}, seen_at=now), channel, address, used_at=now)
        for one, (channel, address, language) in zip(ids, people, strict=True)
    ]


def save(connection: Connection, people: Iterable[Person]) -> None:
    """Write back who changed."""
    changed = [one for one in people if one.changed]
    if not changed:
        return
    _SAVE.each(connection, keys.seal(connection, Contact, [_changed(one) for one in changed]))
    moved = [one for one in changed if one.filed != drawers.filed(one.known)]
    drawers.file(connection, [(one.id, one.known) for one in moved])
    for one in moved:
        one.filed = drawers.filed(one.known)


def _changed(person: Person) -> dict[str, Any]:
    row = {name: getattr(person, name, None) for name in CHANGEABLE}
    return {**row, "key": person.id, "id": person.id, "feels": not short_lived.QUESTIONS.isdisjoint(person.known)}


def note_seen(connection: Connection, people: Iterable[Person], now: datetime) -> None:
    """These people and we were in contact now."""
    _SEEN.each(connection, [{"key": one.id, "seen": now} for one in people if _is_to_be_noted(one, now)])


def note_used(connection: Connection, found: Iterable[Found], now: datetime) -> None:
    """People wrote from these addresses now; what was the last one for a while already is left as it is."""
    rows = []
    for one in found:
        if one.used_at != one.person.seen_at or _is_to_be_noted(one.person, now):
            one.used_at = one.person.seen_at = now
            rows.append({"of_channel": one.channel, "at": one.address, "seen": now, "key": one.person.id})
    _USED.each(connection, rows)
    _SEEN.each(connection, rows)


def _is_to_be_noted(person: Person, now: datetime) -> bool:
    return person.seen_at is None or not timedelta(0) <= now - person.seen_at < NOTED_EVERY


def hide(connection: Connection, channel: str, address: str, up_to: int | None) -> None:
    """What was said here up to this message is out of sight."""
    connection.execute(
        update(Address).where(Address.channel == channel, Address.address == address).values(hidden_to=up_to)
    )


def hidden_to(connection: Connection, channel: str, address: str) -> int:
    """Up to which message nothing is shown any more at this address."""
    return connection.execute(
        select(Address.hidden_to).where(Address.channel == channel, Address.address == address)
    ).scalar() or 0


def has_open_ticket(connection: Connection, contact_id: int) -> bool:
    return connection.scalar(select(exists().where(Ticket.contact_id == contact_id, Ticket.state != "closed"))) or False


def set_blocked(connection: Connection, channel: str, address: str, at: datetime | None) -> None:
    connection.execute(
        update(Address).where(Address.channel == channel, Address.address == address).values(blocked_at=at)
    )


def forget(connection: Connection, contact_id: int, now: datetime) -> None:
    """Delete what is kept about a person, and their key with it: what is left of them anywhere cannot be read any more.

    The bare contact stays, with a new key, until the last word to them has been sent."""
    statistics.count(connection, contact_id)
    shared = connection.scalars(select(Sharer.address_id).where(Sharer.contact_id == contact_id)).all()
    for table in reversed(of_people()):
        if table.name not in LEFT_TO_SAY_GOODBYE:
            connection.execute(delete(table).where(table.c.contact_id == contact_id))
    note_who_is_left(connection, shared)
    addresses = connection.execute(select(Address.id, Address.address).where(Address.contact_id == contact_id)).all()
    keys.destroy(connection, contact_id)
    keys.make(connection, [contact_id])
    for key, address in addresses:
        row = keys.sealed(connection, Address, {"contact_id": contact_id, "sealed": address})
        connection.execute(update(Address).where(Address.id == key).values(sealed=row["sealed"], hidden_to=None))
    connection.execute(update(Contact).where(Contact.id == contact_id).values(
        **BLANK, died_at=None, feels=False, rhythm_from=None, ask_on=None, wrote_on=None, forgotten_at=now))


def note_who_is_left(connection: Connection, shared: Iterable[int]) -> None:
    """Somebody uses these addresses no more. Who is alone there now has one as their own once they have said that it
    is them: not before, for whoever has just gone may hold the phone."""
    for one in shared:
        people = set(connection.scalars(select(Sharer.contact_id).where(Sharer.address_id == one)))
        if len(people) == 1:
            connection.execute(update(Sharer).where(Sharer.address_id == one).values(is_left=True))


LEFT_TO_SAY_GOODBYE = (Address.__tablename__, ContactKey.__tablename__, Audit.__tablename__)
"""Where the last word goes, and with which key; and what our team did, which names nobody."""
BLANK: Mapping[str, Any] = {
    "known": {}, "consents": {}, "rhythm_days": None, "stopped_at": None, "paused_until": None,
    "chose_language": False, "discreet": None, "is_minor": None,
}
"""What is left of a person who is forgotten: a language to say goodbye in."""


def mark_invented(connection: Connection, addresses: Iterable[str]) -> None:
    """Say of the demo's people that they do not exist."""
    for one in addresses:
        invented = select(Address.contact_id).where(Address.address == one)
        connection.execute(update(Contact).where(Contact.id.in_(invented)).values(demo=True))
