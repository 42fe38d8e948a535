"""What the centre did in a period, as counts and durations. No names; of what people said, only how a talk ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from storage.messages import TAKE_BACK
from storage.sealed.lenient import lenient
from storage.tables import Address, CaseClosing, Contact, Message, PlanStep, Referral, Run, Ticket, WayIn

Worked: TypeAlias = Callable[[datetime, datetime], timedelta]
"""How much of the time between two moments the office was open."""
Counts: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Period:
    since: datetime
    until: datetime

    def before(self) -> Period:
        """The one before it, as long as it."""
        return Period(self.since - (self.until - self.since), self.since)


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, each time: in wall time and in office hours."""

    wall: Sequence[timedelta]
    office: Sequence[timedelta]


@dataclass(frozen=True, slots=True)
class Figures:
    people: int
    """Who wrote for the first time."""
    first_reply: Took
    unanswered: int
    """Talks without a human word."""
    resolution: Took
    by_area: Counts
    by_language: Counts
    by_channel: Counts
    by_way: Counts
    """How many of those who wrote for the first time came by which of our links, by its name; empty: by none."""
    intake_begun: int
    intake_done: int
    intake_left: Counts
    """The question at which an intake was left -> how many."""
    asked: int
    """Check-ins."""
    answered: int
    steps: Counts
    """Of the steps agreed in the period, how many are in which state today."""
    referrals: Counts
    closed: Counts
    """Why cases were closed in the period."""
    left_why: Counts
    """What those say who want to leave again."""
    ratings: Counts
    outcomes: Counts


@dataclass(frozen=True, slots=True)
class Waiting:
    """How it is now."""

    by_area: Counts = field(default_factory=dict)
    oldest: datetime | None = None


def load(connection: Connection, period: Period, worked: Worked, invented: bool = False) -> Figures:
    """`invented`: the demo's people count, as there are no others."""
    real = () if invented else (Contact.demo.is_(False),)
    opened, closed = _opened(connection, period, real), _closed(connection, period, real)
    begun, done, left = _intakes(connection, period, real)
    asked, answered = _check_ins(connection, period, real)
    return Figures(
        people=_count(connection, Contact.created_at, period, real),
        first_reply=_took(((row.opened_at, row.replied_at) for row in opened if row.replied_at), worked),
        unanswered=sum(row.replied_at is None for row in opened),
        resolution=_took(((row.opened_at, row.closed_at) for row in closed), worked),
        by_area=Counter(row.area for row in opened), by_language=Counter(_base(row.language) for row in opened),
        by_channel=Counter(row.channel or "" for row in opened), by_way=_ways(connection, period, real),
        intake_begun=begun, intake_done=done, intake_left=left, asked=asked, answered=answered,
        steps=_states(connection, PlanStep, period, real), referrals=_states(connection, Referral, period, real),
        closed=_ended(connection, CaseClosing.why, period, real),
        left_why=_ended(connection, CaseClosing.why_leaves, period, real),
        ratings=Counter(row.rating for row in closed if row.rating),
        outcomes=Counter(row.outcome or "" for row in closed if row.closed_by != "person" and _is_text(row.outcome)),
    )


def waiting(connection: Connection) -> Waiting:
    rows = connection.execute(
        select(Ticket.area, func.count(), func.min(Ticket.opened_at)).where(Ticket.state == "waiting")
        .group_by(Ticket.area)).all()
    return Waiting({row[0]: row[1] for row in rows}, min((row[2] for row in rows), default=None))


def _within(moment: Any, period: Period) -> tuple[ColumnElement[bool], ...]:
    return moment >= period.since, moment < period.until


def _opened(connection: Connection, period: Period, real: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    reply = select(func.min(Message.at)).where(
        Message.contact_id == Ticket.contact_id, Message.author == "counsellor", Message.at >= Ticket.opened_at,
        or_(Ticket.closed_at.is_(None), Message.at <= Ticket.closed_at), ~_was_no_reply(),
    ).correlate(Ticket).scalar_subquery().label("replied_at")
    used = select(Address.channel).where(Address.contact_id == Ticket.contact_id)
    channel = used.order_by(Address.last_used_at.desc(), Address.id).limit(1).correlate(Ticket).scalar_subquery()
    return connection.execute(
        select(Ticket.opened_at, Ticket.area, Contact.language, reply, channel.label("channel"))
        .join(Contact, Contact.id == Ticket.contact_id).where(*_within(Ticket.opened_at, period), *real)).all()


def _was_no_reply() -> ColumnElement[bool]:
    """Whether it was taken back while it was all that the person had been told: then they were still waiting. What was
    taken back later was read and followed by more, and stays their first answer."""
    undone, later, undone_too = (Message.__table__.alias() for _ in range(3))
    gone_too = exists().where(undone_too.c.edits == later.c.id, undone_too.c.kind == TAKE_BACK,
                              undone_too.c.edits.is_not(None), undone_too.c.at <= undone.c.at).correlate(later, undone)
    more = exists().where(later.c.contact_id == Message.contact_id, later.c.author == "counsellor",
                          later.c.id > Message.id, later.c.at <= undone.c.at,
                          ~gone_too).correlate(Message, undone)
    return exists().where(undone.c.edits == Message.id, undone.c.edits.is_not(None), undone.c.kind == TAKE_BACK,
                          ~more).correlate(Message)


def _closed(connection: Connection, period: Period, real: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    return connection.execute(
        select(Ticket.opened_at, Ticket.closed_at, Ticket.closed_by, Ticket.rating, lenient(Ticket.outcome))
        .join(Contact, Contact.id == Ticket.contact_id).where(*_within(Ticket.closed_at, period), *real)).all()


def _is_text(value: Any) -> bool:
    """Nothing where there is no outcome, or where it cannot be read."""
    return isinstance(value, str) or value is None


def _base(language: str) -> str:
    """Both scripts of Serbian are one language."""
    return language.partition("_")[0]


def _took(times: Any, worked: Worked) -> Took:
    pairs = list(times)
    return Took([end - begin for begin, end in pairs], [worked(begin, end) for begin, end in pairs])


def _intakes(
    connection: Connection, period: Period, real: Sequence[ColumnElement[bool]]
) -> tuple[int, int, Counts]:
    rows = connection.execute(
        select(Run.awaiting, Run.ended_at.is_not(None).label("done"), func.count().label("many"))
        .join(Contact, Contact.id == Run.contact_id)
        .where(Run.conversation == "intake", *_within(Run.started_at, period), *real)
        .group_by(Run.awaiting, Run.ended_at.is_not(None))
    ).all()
    left: Counter[str] = Counter()
    for row in rows:
        if not row.done and row.awaiting:
            left[row.awaiting.partition("/")[0].removesuffix("?")] += row.many
    return sum(row.many for row in rows), sum(row.many for row in rows if row.done), left


def _check_ins(connection: Connection, period: Period, real: Sequence[ColumnElement[bool]]) -> tuple[int, int]:
    row = connection.execute(
        select(func.count(), func.count(Run.ended_at)).join(Contact, Contact.id == Run.contact_id)
        .where(Run.conversation == "check_in", *_within(Run.started_at, period), *real)).one()
    return row[0], row[1]


def _states(
    connection: Connection, table: type[PlanStep] | type[Referral], period: Period,
    real: Sequence[ColumnElement[bool]],
) -> Counts:
    rows = connection.execute(
        select(table.state, func.count()).join(Contact, Contact.id == table.contact_id)
        .where(*_within(table.created_at, period), *real).group_by(table.state))
    return {row[0]: row[1] for row in rows}


def _ended(connection: Connection, by: Any, period: Period, real: Sequence[ColumnElement[bool]]) -> Counts:
    rows = connection.execute(
        select(by, func.count()).join(Contact, Contact.id == CaseClosing.contact_id)
        .where(by.is_not(None), *_within(CaseClosing.at, period), *real).group_by(by))
    return {row[0]: row[1] for row in rows}


def _ways(connection: Connection, period: Period, real: Sequence[ColumnElement[bool]]) -> Counts:
    rows = connection.execute(
        select(WayIn.name, func.count()).select_from(Contact)
        .outerjoin(WayIn, WayIn.id == Contact.came_by).where(*_within(Contact.created_at, period), *real)
        .group_by(WayIn.name))
    return {row[0] or "": row[1] for row in rows}


def _count(connection: Connection, moment: Any, period: Period, real: Sequence[ColumnElement[bool]]) -> int:
    return connection.scalar(select(func.count()).where(*_within(moment, period), *real)) or 0
