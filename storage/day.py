"""What needs one counsellor today: chats, tasks, referrals without an outcome, facts that end, people gone quiet; and
how much each of the team has on their hands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from storage import appointments, aside, desk, walls
from storage.appointments import DayItem
from storage.desk import Counts, Queue, TaskItem, name_of
from storage.plans import OPEN
from storage.referrals import OPEN as OPEN_REFERRALS
from storage.sealed.lenient import lenient
from storage.staff import AREAS, CounsellorView
from storage.tables import Contact, Counsellor, Fact, PlanStep, Referral, Task, Ticket
from storage.walls import Sight

MOST = 30
"""So many of each kind are on the page."""
FIRST = 10
"""So many of those who wait."""
NO_OUTCOME_AFTER = timedelta(days=14)
"""A referral that nobody has touched for so long is asked about."""
EXPIRES_WITHIN = timedelta(days=14)
QUIET_AFTER = timedelta(days=30)
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenReferral:
    id: int
    contact_id: int
    name: str
    partner: str
    """Empty where it stands behind the wall."""
    state: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EndingFact:
    area: str
    question: Mapping[str, str]
    """In each language."""
    expires: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chat that nobody has yet."""

    ticket_id: int
    name: str
    area: str
    urgent: bool
    language: str
    waiting_since: datetime
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Quiet:
    """Somebody with open steps from whom nothing was heard for long."""

    contact_id: int
    name: str
    last_seen_at: datetime
    steps: int


@dataclass(frozen=True, slots=True)
class Load:
    """What one of the team has on their hands."""

    name: str
    areas: Sequence[str]
    open: int
    unread: int
    oldest: datetime | None
    closed: int
    """Chats closed within the last days."""
    tasks: int
    """Tasks done within the last days."""


@dataclass(frozen=True, slots=True)
class Day:
    mine: Queue
    waiting: Sequence[Waiting]
    tasks: Sequence[TaskItem]
    later: int
    """How many tasks are due after today."""
    referrals: Sequence[OpenReferral]
    facts: Sequence[EndingFact]
    quiet: Sequence[Quiet]
    appointments: Sequence[DayItem]
    """Of today, and those of before that nobody has said anything about."""

    @property
    def counts(self) -> Counts:
        return self.mine.counts


def day(
    connection: Connection, who: CounsellorView, everybodys: bool, today: date, tonight: datetime, now: datetime
) -> Day:
    """`everybodys`: a coordinator looks after what belongs to anybody."""
    sight, areas = walls.sight(connection, who, now), _areas_of(who, everybodys)
    return Day(
        desk.queue(connection, who.id, "mine", page=MOST), _waiting(connection),
        _tasks(connection, areas, tonight, now, sight), _count_later(connection, areas, tonight),
        _referrals(connection, sight, now), _facts(connection, today),
        _quiet(connection, None if everybodys else who.id, now),
        appointments.of_day(connection, None if everybodys else who.id, tonight, now),
    )


def _waiting(connection: Connection) -> list[Waiting]:
    """The first ones: urgent first, then who has asked first. They are found before anything is read of a person: of
    thousands who wait, only these are named."""
    order = (Ticket.urgent.desc(), Ticket.opened_at, Ticket.id)
    first = select(Ticket.id).where(Ticket.state == "waiting").order_by(*order).limit(FIRST)
    rows = connection.execute(
        select(Ticket.id, Ticket.contact_id, lenient(Contact.known), Ticket.area, Ticket.urgent, Contact.language,
               Ticket.opened_at)
        .join(Contact, Contact.id == Ticket.contact_id).where(Ticket.id.in_(first)).order_by(*order)
    )
    return [Waiting(row.id, name_of(row.contact_id, row.known), row.area, row.urgent, row.language, row.opened_at)
            for row in rows]


def _areas_of(who: CounsellorView, everybodys: bool) -> Collection[str] | None:
    """Whose areas are not said yet sees all."""
    return None if everybodys or not who.areas else (*who.areas, "general")


def _of(areas: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    return (Task.done_at.is_(None), *([Task.area.in_(areas)] if areas is not None else []))


def _is_for_today(tonight: datetime) -> ColumnElement[bool]:
    return or_(Task.due_at.is_(None), Task.due_at < tonight)


def _tasks(
    connection: Connection, areas: Collection[str] | None, tonight: datetime, now: datetime, sight: Sight
) -> list[TaskItem]:
    fields = (Task.id, Task.contact_id, Task.key, Task.kind, Task.area, Task.opened_at, Task.due_at)
    wanted = select(*fields, lenient(Task.about), lenient(Contact.known)).join(Contact, Contact.id == Task.contact_id)
    wanted = wanted.where(*_of(areas), _is_for_today(tonight))
    rows = connection.execute(
        wanted.order_by(Task.due_at.is_(None), Task.due_at, Task.opened_at, Task.id).limit(MOST)).all()
    asides = aside.views(connection, [(row.id, row.key) for row in rows])
    return walls.tasks([desk.task_item(row, now, asides.get(row.id)) for row in rows], sight)


def _count_later(connection: Connection, areas: Collection[str] | None, tonight: datetime) -> int:
    return connection.scalar(select(func.count()).where(*_of(areas), Task.due_at >= tonight)) or 0


def _referrals(connection: Connection, sight: Sight, now: datetime) -> list[OpenReferral]:
    columns = (Referral.id, Referral.contact_id, Referral.key, Referral.partner, Referral.state, Referral.changed_at)
    rows = connection.execute(
        select(*columns, lenient(Contact.known)).join(Contact, Contact.id == Referral.contact_id)
        .where(Referral.state.in_(OPEN_REFERRALS), Referral.changed_at < now - NO_OUTCOME_AFTER)
        .order_by(Referral.changed_at, Referral.id).limit(MOST)
    ).all()
    behind = walls.behind(connection, [row.contact_id for row in rows if not sight.of(row.contact_id)])
    hidden = {row.id for row in rows
              if not sight.of(row.contact_id) and row.key.partition(".")[0] in behind}
    return [OpenReferral(row.id, row.contact_id, name_of(row.contact_id, row.known),
                         "" if row.id in hidden else row.partner, row.state, row.changed_at) for row in rows]


def _facts(connection: Connection, today: date) -> list[EndingFact]:
    rows = connection.execute(
        select(Fact.area, Fact.content, Fact.expires).where(Fact.expires < today + EXPIRES_WITHIN)
        .order_by(Fact.expires, Fact.id).limit(MOST)
    )
    return [EndingFact(area, content["question"], expires) for area, content, expires in rows]


def _quiet(connection: Connection, counsellor_id: int | None, now: datetime) -> list[Quiet]:
    steps = select(func.count()).where(PlanStep.contact_id == Contact.id, PlanStep.state.in_(OPEN))
    counted = steps.correlate(Contact).scalar_subquery().label("steps")
    wanted = select(Contact.id, lenient(Contact.known), Contact.last_seen_at, counted).where(
        Contact.last_seen_at < now - QUIET_AFTER, Contact.forgotten_at.is_(None), Contact.stopped_at.is_(None),
        exists().where(PlanStep.contact_id == Contact.id, PlanStep.state.in_(OPEN)),
    )
    if counsellor_id is not None:
        wanted = wanted.where(exists().where(Ticket.contact_id == Contact.id, Ticket.counsellor_id == counsellor_id))
    rows = connection.execute(wanted.order_by(Contact.last_seen_at.desc(), Contact.id).limit(MOST))
    return [Quiet(row.id, name_of(row.id, row.known), row.last_seen_at, row.steps) for row in rows]


# ------------------------------------------------------------- the team


def loads(connection: Connection, now: datetime) -> list[Load]:
    """Of each of the team, the one with most open chats first."""
    since = now - LATELY
    chats = {row[0]: row[1:] for row in connection.execute(
        select(Ticket.counsellor_id, func.count().filter(Ticket.state == "assigned"),
               func.count().filter(Ticket.state == "assigned", Ticket.unread > 0),
               func.min(Ticket.opened_at).filter(Ticket.state == "assigned"),
               func.count().filter(Ticket.state == "closed", Ticket.closed_at >= since))
        .where(or_(Ticket.state == "assigned", Ticket.closed_at >= since)).group_by(Ticket.counsellor_id))}
    done = {row[0]: row[1] for row in connection.execute(
        select(Task.counsellor_id, func.count()).where(Task.done_at >= since).group_by(Task.counsellor_id))}
    team = connection.execute(select(Counsellor.id, Counsellor.name, Counsellor.areas)
                              .where(Counsellor.removed_at.is_(None)).order_by(Counsellor.name)).all()
    found = [_load(row, chats.get(row.id, (0, 0, None, 0)), done.get(row.id, 0)) for row in team]
    return sorted(found, key=lambda one: -one.open)


def _load(row: Any, chats: Any, tasks: int) -> Load:
    assigned, unread, oldest, closed = chats
    return Load(row.name, row.areas or [], assigned, unread, oldest, closed, tasks)


def nobody_works_in(connection: Connection) -> list[str]:
    """Areas in which people wait or may ask, and nobody of the team works."""
    rows = connection.scalars(select(Counsellor.areas).where(Counsellor.removed_at.is_(None)))
    covered = {area for areas in rows for area in areas or ()}
    return [one for one in AREAS if one not in covered]
