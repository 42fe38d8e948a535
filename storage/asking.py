"""What is kept of how often a person is asked by ourselves: the rhythm, an agreed day, and the day of our last word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select, update

from storage.among import among
from storage.plans import OPEN
from storage.prepared import Prepared
from storage.tables import Contact, PlanStep, Reminder

_WROTE_ON = Prepared(select(Contact.id, Contact.wrote_on).where(among(Contact.id, "ids")))
_WROTE = Prepared(update(Contact).where(among(Contact.id, "ids")).values(wrote_on=bindparam("day")))


@dataclass(frozen=True, slots=True)
class Kept:
    begins: date | None
    """The intake or the return, from which the usual rhythm counts."""
    on: date | None
    """A day that was agreed besides."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reminder that is planned."""

    due_at: datetime
    attempt: int
    wall: str | None
    """None: it was planned by a version that had no rhythm, or only looks again."""


def kept(connection: Connection, contact_id: int) -> Kept:
    wanted = select(Contact.rhythm_from, Contact.ask_on).where(Contact.id == contact_id)
    return Kept(*connection.execute(wanted).one())


def begin(connection: Connection, contact_id: int, day: date | None) -> None:
    """The rhythm counts from here; None: there is none any more."""
    connection.execute(update(Contact).where(Contact.id == contact_id).values(rhythm_from=day))


def agree(connection: Connection, contact_id: int, day: date | None) -> None:
    """Ask on this day too; None: no such day any more."""
    connection.execute(update(Contact).where(Contact.id == contact_id).values(ask_on=day))


def asked(connection: Connection, ids: Iterable[int]) -> None:
    """The days that were agreed with these people are done with."""
    gone = update(Contact).where(among(Contact.id, "ids"), Contact.ask_on.is_not(None)).values(ask_on=None)
    connection.execute(gone, {"ids": list(ids)})


def waiting(connection: Connection, contact_id: int) -> dict[str, Waiting]:
    """What is planned for a person, by key."""
    rows = connection.execute(select(Reminder.key, Reminder.due_at, Reminder.attempt, Reminder.wall)
                              .where(Reminder.contact_id == contact_id, Reminder.state == "waiting"))
    return {row.key: Waiting(row.due_at, row.attempt, row.wall) for row in rows}


def step_days(connection: Connection, contact_id: int) -> list[tuple[str, date, datetime]]:
    """The open steps with a day: what, by when, and since when."""
    rows = connection.execute(
        select(PlanStep.what, PlanStep.by, PlanStep.created_at)
        .where(PlanStep.contact_id == contact_id, PlanStep.state.in_(OPEN), PlanStep.by.is_not(None))
        .order_by(PlanStep.by, PlanStep.id))
    return [(what, by, since) for what, by, since in rows if by is not None]


# ------------------------------------------------------------- one message of ours a day


def wrote_on(connection: Connection, ids: Iterable[int]) -> dict[int, date]:
    """On which day we last wrote to each of these people by ourselves."""
    return {one: day for one, day in _WROTE_ON.rows(connection, ids=list(ids)) if day is not None}


def wrote(connection: Connection, days: Mapping[int, date]) -> None:
    """By person: the day, of their own, on which we have written to them by ourselves."""
    alike: defaultdict[date, list[int]] = defaultdict(list)
    for one, day in days.items():
        alike[day].append(one)
    for day, ids in alike.items():
        _WROTE.run(connection, ids=ids, day=day)
