"""What is kept longer than it may be, kind by kind: counted for a look, or cleared away in small portions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import cast as as_type

from conversations import short_lived
from storage import contacts, file_links, linking, merging, runs, ways_back
from storage.sealed import keys
from storage.tables import Contact, Message, Reminder, RetentionRun, Run, Task, Ticket

Kind: TypeAlias = Literal["messages", "wellbeing", "cases", "people"]
KINDS: tuple[Kind, ...] = ("messages", "wellbeing", "cases", "people")
PORTION = 200
"""So many rows go in one transaction: somebody may be waiting for an answer."""
LAST_WORD = timedelta(hours=1)
"""So long what is left of a forgotten person stays at least: the goodbye must reach them."""
QUIET_DAYS_TOLD = timedelta(days=1)
REPORTS_STAY = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Ages:
    """How long each kind is kept."""

    chat: timedelta
    wellbeing: timedelta
    case: timedelta

    def days(self, kind: Kind) -> int | None:
        """How long this kind is kept; None where it does not depend on a time that is set."""
        kept: dict[Kind, timedelta] = {"messages": self.chat, "wellbeing": self.wellbeing, "cases": self.case}
        return kept[kind].days if kind in kept else None


@dataclass(frozen=True, slots=True)
class Due:
    """What would go now."""

    count: int
    oldest: datetime | None


# ----------------------------------------------------------------- what must go


def due(connection: Connection, kind: Kind, ages: Ages, now: datetime) -> Due:
    table, when, since = _WHICH[kind](connection, ages, now)
    row = connection.execute(select(func.count(), func.min(since)).select_from(table).where(*when)).one()
    return Due(row[0], row[1])


def clear(connection: Connection, kind: Kind, ages: Ages, now: datetime, most: int = PORTION) -> int:
    """One portion of what must go; how many rows it was. Somebody whom another process has right now waits.

    The people are held first, as a turn holds them. What they have done until then is seen only by a second look."""
    table, when, _ = _WHICH[kind](connection, ages, now)
    ids = select(table.id).where(*when).order_by(table.id).limit(most)
    if table is not Contact:
        ids = ids.join(Contact, Contact.id == table.contact_id)
    held = connection.execute(ids.with_for_update(of=Contact, skip_locked=True)).scalars().all()
    found = list(connection.execute(select(table.id).where(table.id.in_(held), *when).order_by(table.id)).scalars())
    _CLEAR[kind](connection, found, now)
    return len(found)


Which: TypeAlias = tuple[Any, tuple[ColumnElement[bool], ...], ColumnElement[Any]]


def _messages(connection: Connection, ages: Ages, now: datetime) -> Which:
    """Words of a chat, so long after it; a talk with a counsellor that is open, or ended later, keeps its own."""
    before = now - ages.chat
    in_talk = exists().where(
        Ticket.contact_id == Message.contact_id, Ticket.opened_at <= Message.at,
        or_(Ticket.closed_at.is_(None), Ticket.closed_at >= before),
    )
    is_looked_at = exists().where(
        Task.contact_id == Message.contact_id, Task.done_at.is_(None),
        Task.key == literal("aside:") + as_type(Message.id, String),
    )
    last = _last_before(connection, Message.id, Message.at, before)
    return Message, (Message.id <= last, Message.at < before, Message.state != "queued", ~in_talk,
                     ~is_looked_at), Message.at


def _wellbeing(connection: Connection, ages: Ages, now: datetime) -> Which:
    """Answers about feelings and health, so long after they were last touched."""
    before = now - ages.wellbeing
    last = _last_before(connection, Run.id, Run.started_at, before)
    return Run, (Run.id <= last, Run.updated_at < before, Run.feels.is_(True)), Run.updated_at


def _cases(connection: Connection, ages: Ages, now: datetime) -> Which:
    """People without contact so long. Nobody whose talk, task or next check-in is still open is one of them."""
    return Contact, (
        Contact.last_seen_at < now - ages.case,
        ~exists().where(Ticket.contact_id == Contact.id, Ticket.state != "closed"),
        ~exists().where(Task.contact_id == Contact.id, Task.done_at.is_(None)),
        ~exists().where(Reminder.contact_id == Contact.id, Reminder.state == "waiting"),
    ), Contact.last_seen_at


def _people(connection: Connection, ages: Ages, now: datetime) -> Which:
    """What is left of people who are forgotten: their addresses, once the last word has reached them."""
    return Contact, (
        Contact.forgotten_at < now - LAST_WORD,
        ~exists().where(Run.contact_id == Contact.id),
        ~exists().where(Ticket.contact_id == Contact.id),
        ~exists().where(Message.contact_id == Contact.id, or_(
            Message.state == "queued", and_(Message.author == "person", Message.at >= Contact.forgotten_at))),
    ), Contact.forgotten_at


_WHICH: Mapping[Kind, Callable[[Connection, Ages, datetime], Which]] = {
    "messages": _messages, "wellbeing": _wellbeing, "cases": _cases, "people": _people,
}


def _last_before(
    connection: Connection, key: ColumnElement[int], at: ColumnElement[datetime], before: datetime
) -> int:
    """The highest id from before a moment. Ids grow with the time: a few looks find it without an index."""
    low, high = 0, connection.execute(select(func.max(key))).scalar() or 0
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(select(key, at).where(key >= middle).order_by(key).limit(1)).one()
        low, high = (row[0], high) if row[1] < before else (low, middle - 1)
    return low


# ------------------------------------------------------------------------- going


def _delete_messages(connection: Connection, ids: list[int], now: datetime) -> None:
    connection.execute(delete(Message).where(Message.id.in_(ids)))


def _blank_wellbeing(connection: Connection, ids: list[int], now: datetime) -> None:
    rows = connection.execute(select(Run.id, Run.contact_id, Run.conversation, Run.answers).where(Run.id.in_(ids)))
    people = set()
    for key, contact_id, conversation, answers in list(rows):
        left = {} if conversation in short_lived.TALKS else _without(answers)
        runs.set_answers(connection, key, contact_id, conversation, left)
        people.add(contact_id)
    _forget_wellbeing(connection, people)


def _forget_wellbeing(connection: Connection, people: Iterable[int]) -> None:
    """What is remembered of an answer goes with the last run that it was given in."""
    people = list(people)
    merging.cut(connection, people)
    given_since = exists().where(Run.contact_id == Contact.id, Run.feels)
    rows = connection.execute(
        select(Contact.id, Contact.known).where(Contact.id.in_(people), Contact.feels, ~given_since)
    )
    for key, known in list(rows):
        row = keys.sealed(connection, Contact, {"id": key, "known": _without(known)})
        connection.execute(update(Contact).where(Contact.id == key).values(known=row["known"], feels=False))


def _without(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in answers.items() if path not in short_lived.QUESTIONS}


def _forget_cases(connection: Connection, ids: list[int], now: datetime) -> None:
    for one in ids:
        contacts.forget(connection, one, now)
        connection.execute(update(Contact).where(Contact.id == one).values(last_seen_at=None))


def _delete_people(connection: Connection, ids: list[int], now: datetime) -> None:
    connection.execute(delete(Contact).where(Contact.id.in_(ids)))


_CLEAR: Mapping[Kind, Callable[[Connection, list[int], datetime], None]] = {
    "messages": _delete_messages, "wellbeing": _blank_wellbeing, "cases": _forget_cases, "people": _delete_people,
}


# ------------------------------------------------------------------------ reports


def report(connection: Connection, counts: Mapping[str, int], now: datetime) -> None:
    """Keep what a run did. One that found nothing is told once a day: that is how one sees that it runs."""
    file_links.tidy(connection, now)
    linking.tidy(connection, now)
    ways_back.tidy(connection, now)
    merging.tidy(connection, now)
    last = connection.execute(select(func.max(RetentionRun.at))).scalar()
    if any(counts.values()) or last is None or now - last >= QUIET_DAYS_TOLD:
        connection.execute(insert(RetentionRun).values(at=now, counts=dict(counts)))
    connection.execute(delete(RetentionRun).where(RetentionRun.at < now - REPORTS_STAY))


def reports(connection: Connection, most: int = 50) -> list[tuple[datetime, dict[str, int]]]:
    """What the newest runs did."""
    rows = connection.execute(select(RetentionRun.at, RetentionRun.counts).order_by(RetentionRun.id.desc()).limit(most))
    return [(at, counts) for at, counts in rows]
