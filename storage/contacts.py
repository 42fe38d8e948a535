"""People and their addresses, set-wise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, tuple_, update

from storage.tables import (
    Address,
    Consent,
    Contact,
    Message,
    Note,
    PlanStep,
    Referral,
    Reminder,
    Run,
    Task,
    Ticket,
)


@dataclass(slots=True)
class Person:
    """A contact as a turn needs it. `changed` says whether it must be written back."""

    id: int
    language: str
    chose_language: bool
    time_zone: str
    known: dict[str, Any]
    consents: dict[str, Any]
    rhythm_days: int | None
    stopped_at: datetime | None
    paused_until: datetime | None
    changed: bool = field(default=False, compare=False)


COLUMNS = (
    Contact.id, Contact.language, Contact.chose_language, Contact.time_zone, Contact.known, Contact.consents,
    Contact.rhythm_days, Contact.stopped_at, Contact.paused_until,
)
CHANGEABLE = ("language", "chose_language", "time_zone", "known", "consents", "rhythm_days", "stopped_at",
              "paused_until")
_FIND = select(Address.channel, Address.address, Address.contact_id, Address.blocked_at)
_LOAD = select(*COLUMNS).where(Contact.id.in_(bindparam("ids", expanding=True)))
_SAVE = (
    update(Contact)
    .where(Contact.id == bindparam("key"))
    .values({name: bindparam(name) for name in CHANGEABLE} | {"last_seen_at": bindparam("seen")})
    .execution_options(synchronize_session=False)
)
_SEEN = update(Contact).where(Contact.id == bindparam("key")).values(last_seen_at=bindparam("seen"))


def find(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, bool]]:
    """Whose addresses these are: (channel, address) -> (contact id, is blocked)."""
    wanted = tuple_(Address.channel, Address.address).in_(list(keys))
    return {(row[0], row[1]): (row[2], row[3] is not None) for row in connection.execute(_FIND.where(wanted))}


def add(
    connection: Connection, channel: str, address: str, language: str, time_zone: str, now: datetime,
    demo: bool = False,
) -> int:
    contact = connection.execute(
        insert(Contact).values(
            created_at=now, language=language, chose_language=False, time_zone=time_zone, known={}, consents={},
            last_seen_at=now, demo=demo,
        ).returning(Contact.id)
    ).scalar_one()
    connection.execute(
        insert(Address).values(contact_id=contact, channel=channel, address=address, last_used_at=now)
    )
    return contact


def load(connection: Connection, ids: Iterable[int]) -> dict[int, Person]:
    return {row[0]: Person(*row) for row in connection.execute(_LOAD, {"ids": sorted(set(ids))})}


def save(connection: Connection, people: Iterable[Person], seen: datetime) -> None:
    """Write back who changed; note of the others that they were here."""
    people = list(people)
    changed = [
        {"key": one.id, "seen": seen, **{name: getattr(one, name) for name in CHANGEABLE}}
        for one in people if one.changed
    ]
    if changed:
        connection.execute(_SAVE, changed)
    if others := [{"key": one.id, "seen": seen} for one in people if not one.changed]:
        connection.execute(_SEEN, others)


def set_blocked(connection: Connection, channel: str, address: str, at: datetime | None) -> None:
    connection.execute(
        update(Address).where(Address.channel == channel, Address.address == address).values(blocked_at=at)
    )


def used(connection: Connection, keys: Iterable[tuple[str, str]], now: datetime) -> None:
    wanted = tuple_(Address.channel, Address.address).in_(list(keys))
    connection.execute(update(Address).where(wanted).values(last_used_at=now))


def reachable(connection: Connection, contact_id: int) -> tuple[str, str] | None:
    """The address used last that is not blocked."""
    row = connection.execute(
        select(Address.channel, Address.address)
        .where(Address.contact_id == contact_id, Address.blocked_at.is_(None))
        .order_by(Address.last_used_at.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def record_consent(
    connection: Connection, contact_id: int, purpose: str, version: str, language: str, given: bool, now: datetime
) -> None:
    connection.execute(insert(Consent).values(
        contact_id=contact_id, purpose=purpose, version=version, language=language, given=given, at=now
    ))


def forget(connection: Connection, contact_id: int) -> None:
    """Delete what is kept about a person. The bare contact stays until the last word to them has been sent."""
    for table in (Note, Task, Referral, PlanStep, Reminder, Ticket, Run, Message, Consent):
        connection.execute(delete(table).where(table.contact_id == contact_id))


BLANK: Mapping[str, Any] = {
    "known": {}, "consents": {}, "rhythm_days": None, "stopped_at": None, "paused_until": None,
    "chose_language": False,
}
"""What is left of a person who is forgotten: a language to say goodbye in."""


def any_address(connection: Connection, contact_id: int) -> tuple[str, str]:
    """The address used last, blocked or not."""
    row = connection.execute(
        select(Address.channel, Address.address).where(Address.contact_id == contact_id)
        .order_by(Address.last_used_at.desc()).limit(1)
    ).one()
    return row[0], row[1]


def forget_idle(connection: Connection, before: datetime, most: int = 200) -> int:
    """Delete what is kept about people without contact since then; says of how many.

    Nobody whose talk, task or next check-in is still open is idle."""
    idle = connection.execute(
        select(Contact.id).where(
            Contact.last_seen_at < before,
            ~exists().where(Ticket.contact_id == Contact.id, Ticket.state != "closed"),
            ~exists().where(Task.contact_id == Contact.id, Task.done_at.is_(None)),
            ~exists().where(Reminder.contact_id == Contact.id, Reminder.state == "waiting"),
        ).limit(most)
    ).scalars().all()
    for contact_id in idle:
        forget(connection, contact_id)
        connection.execute(update(Contact).where(Contact.id == contact_id).values(**BLANK, last_seen_at=None))
    return len(idle)


def mark_invented(connection: Connection) -> None:
    """Say of the demo's people that they do not exist."""
    invented = select(Address.contact_id).where(Address.address.like("demo-%"))
    connection.execute(update(Contact).where(Contact.id.in_(invented)).values(demo=True))
