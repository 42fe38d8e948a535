"""Who waits for whom: the queue with its tabs and counts, and the alert about urgent chats that nobody reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, not_, or_, select, type_coerce

from storage import moves, presence
from storage.desk.common import MOST, AnyRow, AnySelect, name_of, shortened
from storage.presence import Colleague
from storage.sealed.lenient import lenient
from storage.tables import Contact, Counsellor, Message, Moment, Task, Ticket

Tab: TypeAlias = Literal["waiting", "mine", "team", "closed"]
TABS: tuple[Tab, ...] = ("waiting", "mine", "team", "closed")
PAGE = 50
"""So many chats stand on one page of a tab."""


@dataclass(frozen=True, slots=True)
class Counts:
    waiting: int
    mine: int
    team: int
    closed: int
    unread: int
    """How many of my chats have something that I have not seen, or a question of a colleague."""

    @property
    def attention(self) -> int:
        """What the page's title counts: chats that need me or anybody."""
        return self.waiting + self.unread


@dataclass(frozen=True, slots=True)
class QueueItem:
    ticket_id: int
    contact_id: int
    name: str
    area: str
    urgent: bool
    language: str
    state: str
    assignee: str | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    snippet: str
    unread: int
    waiting_since: datetime | None
    """Since when the person waits for a word from us; None when the last word was ours."""
    due_at: datetime | None
    """By when somebody must have talked with them, where the safety gate has found something."""
    asleep_at: datetime | None
    wakes_at: datetime | None
    asked: bool
    """A colleague waits for my word in it."""
    offered_to: int | None
    """To whom it is suggested while it waits."""


@dataclass(frozen=True, slots=True)
class Only:
    """Which chats of the queue somebody wants to see; empty: all."""

    area: str = ""
    language: str = ""
    urgent: bool = False

    def __bool__(self) -> bool:
        return bool(self.area or self.language or self.urgent)

    def where(self) -> list[ColumnElement[bool]]:
        """For a select that has tickets."""
        wanted: list[ColumnElement[bool]] = []
        if self.area:
            wanted.append(Ticket.area == self.area)
        if self.urgent:
            wanted.append(Ticket.urgent.is_(True))
        if self.language:
            speaks = or_(Contact.language == self.language, Contact.language.startswith(f"{self.language}_"))
            speaker = select(Contact.id).where(Contact.id == Ticket.contact_id, speaks).correlate(Ticket)
            wanted.append(speaker.exists())
        return wanted


EVERYTHING = Only()


@dataclass(frozen=True, slots=True)
class Suggested:
    ticket_id: int
    name: str
    area: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Queue:
    tab: Tab
    counts: Counts
    """Of each tab, as far as they are wanted."""
    items: list[QueueItem]
    skip: int
    """How many stand before these."""
    only: Only
    attention: int
    """What the page's title counts, whatever is wanted."""
    team: Sequence[Colleague]
    suggested: Suggested | None
    """The next chat for whoever looks."""
    page: int
    """How many stand on a page at most."""


def queue(
    connection: Connection, counsellor_id: int, tab: Tab, only: Only = EVERYTHING, skip: int = 0, page: int = PAGE,
) -> Queue:
    """One page of one tab, with `page` chats at most, and how many each tab has."""
    ids = _ids(connection, tab, counsellor_id, only, skip, page)
    rows = {row.id: row for row in connection.execute(_queue_rows(ids, counsellor_id))} if ids else {}
    snippets = _snippets(connection, [row.contact_id for row in rows.values()])
    items = [_queue_item(rows[one], snippets.get(rows[one].contact_id, "")) for one in ids]
    wanted = counts(connection, counsellor_id, only)
    everything = counts(connection, counsellor_id) if only else wanted
    return Queue(tab, wanted, items, skip, only, everything.attention, presence.colleagues(connection),
                 _suggested(connection, counsellor_id), page)


def _suggested(connection: Connection, counsellor_id: int) -> Suggested | None:
    """Of what is suggested to somebody: the urgent one, or who came first."""
    mine = select(Ticket.id, Ticket.contact_id, lenient(Contact.known), Ticket.area, Ticket.urgent)
    mine = mine.join(Contact, Contact.id == Ticket.contact_id)
    mine = mine.where(Ticket.state == "waiting", Ticket.offered_to == counsellor_id)
    row = connection.execute(mine.order_by(Ticket.urgent.desc(), Ticket.opened_at, Ticket.id).limit(1)).first()
    return Suggested(row.id, name_of(row.contact_id, row.known), row.area, row.urgent) if row else None


def _queue_rows(ids: Sequence[int], counsellor_id: int) -> AnySelect:
    rows = select(
        Ticket.id, Ticket.contact_id, Ticket.area, Ticket.urgent, Ticket.state, Ticket.opened_at,
        Ticket.closed_at, Ticket.outcome, Ticket.unread, Ticket.asleep_at, Ticket.wakes_at, Ticket.offered_to,
        Contact.language, lenient(Contact.known), Counsellor.name.label("assignee"),
        _waiting_since().label("waiting_since"), _care_due().label("due_at"),
        moves.is_asked(counsellor_id).label("asked"),
    )
    rows = rows.join(Contact, Contact.id == Ticket.contact_id)
    rows = rows.outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id)
    return rows.where(Ticket.id.in_(ids))


def _ids(connection: Connection, tab: Tab, counsellor_id: int, only: Only, skip: int, page: int) -> list[int]:
    """Which chats stand on this page of a tab, in order. Only what they are ordered by is read of the others."""
    care = select(Task.contact_id, func.min(Task.due_at).label("due")).where(
        Task.kind == "care", Task.done_at.is_(None)).group_by(Task.contact_id).subquery()
    rows = select(Ticket.id)
    if tab != "closed":
        rows = rows.outerjoin(care, care.c.contact_id == Ticket.contact_id)
    rows = rows.where(_in_tab(tab, counsellor_id), *only.where()).order_by(*_order(tab, _waiting_since(), care.c.due))
    return list(connection.execute(rows.offset(skip).limit(page)).scalars())


def _in_tab(tab: Tab, counsellor_id: int) -> ColumnElement[bool]:
    if tab in ("waiting", "closed"):
        return Ticket.state == tab
    mine = or_(Ticket.counsellor_id == counsellor_id, moves.is_asked(counsellor_id))
    return and_(Ticket.state == "assigned", mine if tab == "mine" else not_(func.coalesce(mine, false())))


def _order(tab: Tab, since: ColumnElement[Any], due: ColumnElement[Any]) -> tuple[Any, ...]:
    """Urgent first, then who needs somebody today, then who has waited longest, then those who wait for nothing; what
    sleeps comes last."""
    if tab == "closed":
        return (Ticket.closed_at.desc(), Ticket.id.desc())
    order = (due.is_(None), due, since.is_(None), since, Ticket.opened_at, Ticket.id)
    return (Ticket.asleep_at.is_not(None), Ticket.urgent.desc(), *order)


def _care_due() -> ColumnElement[Any]:
    care = select(func.min(Task.due_at)).where(
        Task.contact_id == Ticket.contact_id, Task.kind == "care", Task.done_at.is_(None)
    )
    return case((Ticket.state == "closed", None), else_=care.correlate(Ticket).scalar_subquery())


def _waiting_since() -> ColumnElement[Any]:
    """Who waits in the queue has at least waited since the talk began."""
    began = func.coalesce(Ticket.waiting_since, Ticket.reopened_at, Ticket.opened_at)
    return case((Ticket.state == "closed", None), (Ticket.state == "waiting", type_coerce(began, Moment)),
                else_=Ticket.waiting_since)


def counts(connection: Connection, counsellor_id: int, only: Only = EVERYTHING) -> Counts:
    mine = Ticket.counsellor_id == counsellor_id
    of_open = select(
        func.count().filter(Ticket.state == "waiting").label("waiting"),
        func.count().filter(Ticket.state == "assigned", mine).label("mine"),
        func.count().filter(Ticket.state == "assigned").label("assigned"),
        func.count().filter(Ticket.state == "assigned", mine, Ticket.unread > 0).label("unread"),
    ).where(Ticket.state.in_(("waiting", "assigned")), *only.where())
    row = connection.execute(of_open).one()
    asked = connection.scalar(select(func.count()).select_from(Ticket).where(
        moves.is_asked(counsellor_id), *only.where())) or 0
    closed = connection.scalar(select(func.count()).where(Ticket.state == "closed", *only.where())) or 0
    return Counts(row.waiting, row.mine + asked, row.assigned - row.mine - asked, closed, row.unread + asked)


def _snippets(connection: Connection, contact_ids: list[int]) -> dict[int, str]:
    """The beginning of what each person said last."""
    last = select(Message.id).where(
        Message.contact_id == Contact.id, Message.author == "person", Message.text != ""
    )
    last_id = last.order_by(Message.id.desc()).limit(1).correlate(Contact).scalar_subquery()
    said = select(Contact.id, lenient(Message.text))
    said = said.join(Message, Message.id == last_id).where(Contact.id.in_(contact_ids))
    return {row.id: shortened(row.text or "") for row in connection.execute(said)}


def _queue_item(row: AnyRow, snippet: str) -> QueueItem:
    return QueueItem(
        ticket_id=row.id, contact_id=row.contact_id, name=name_of(row.contact_id, row.known), area=row.area,
        urgent=row.urgent, language=row.language, state=row.state, assignee=row.assignee,
        opened_at=row.opened_at, closed_at=row.closed_at, outcome=row.outcome, snippet=snippet,
        asleep_at=row.asleep_at, wakes_at=row.wakes_at, asked=row.asked,
        offered_to=row.offered_to,
        unread=row.unread, waiting_since=row.waiting_since, due_at=row.due_at,
    )


UNSEEN_AFTER = timedelta(minutes=2)
"""A counsellor who has an urgent chat has so long to look before everybody is alerted again."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Urgent chats that nobody looks at: how many, which one first, since when. Never who, never why."""

    count: int
    ticket_id: int
    since: datetime


def alert(connection: Connection, now: datetime) -> Alert | None:
    since = _waiting_since()
    rows = select(Ticket.id, since.label("since")).where(*_alerting(now))
    found = connection.execute(rows.order_by(since, Ticket.id).limit(MOST)).all()
    return Alert(len(found), found[0].id, found[0].since) if found else None


def alerted_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when the newest of them is urgent for everybody: what somebody writes there makes it new."""
    said = select(Message.at).where(Message.contact_id == Ticket.contact_id, Message.author == "person")
    said = said.order_by(Message.id.desc()).limit(1)
    rows = connection.execute(
        select(Ticket.state, _waiting_since(), said.correlate(Ticket).scalar_subquery()).where(*_alerting(now)))
    moments = [max(since, said or since) if state == "waiting" else since + UNSEEN_AFTER for state, since, said in rows]
    return max(moments, default=None)


def _alerting(now: datetime) -> tuple[ColumnElement[bool], ...]:
    unseen = and_(Ticket.state == "assigned", Ticket.unread > 0, _waiting_since() <= now - UNSEEN_AFTER)
    return Ticket.urgent, or_(Ticket.state == "waiting", unseen)
