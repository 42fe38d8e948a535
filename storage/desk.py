"""What the counsellors' pages read, and the little that they write themselves. Set-wise: no query per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    type_coerce,
    update,
)

from conversations.wellbeing import WELLBEING, score
from storage import aside, moves, presence
from storage.aside import AsideView
from storage.media import KINDS, MediumView, views
from storage.presence import Colleague
from storage.sealed import keys
from storage.sealed.lenient import lenient
from storage.tables import (
    Address,
    Consent,
    Contact,
    Counsellor,
    Message,
    Moment,
    Note,
    PlanStep,
    Referral,
    Run,
    Task,
    Ticket,
)

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
Tab: TypeAlias = Literal["waiting", "mine", "team", "closed"]
TABS: tuple[Tab, ...] = ("waiting", "mine", "team", "closed")
MOST = 200
"""How many rows one page shows."""
SNIPPET = 80
CANNOT_BE_READ = "Cannot be read"
"""In a list, in the place of what is damaged."""


class DeskError(Exception):
    """Why a counsellor's action did not happen: one plain sentence that the page shows."""


def name_of(contact_id: int, known: dict[str, Any] | None) -> str:
    """How colleagues call a person: the name they told us, or a number."""
    return str((known or {}).get("name") or f"Person {contact_id}")


# ------------------------------------------------------------- the queue


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
    only: Only
    attention: int
    """What the page's title counts, whatever is wanted."""
    team: Sequence[Colleague]
    suggested: Suggested | None
    """The next chat for whoever looks."""


def queue(connection: Connection, counsellor_id: int, tab: Tab, only: Only = EVERYTHING) -> Queue:
    """The first items of one tab, and how many each tab has."""
    rows = connection.execute(_queue_rows(tab, counsellor_id).where(*only.where())).all()
    snippets = _snippets(connection, [row.contact_id for row in rows])
    items = [_queue_item(row, snippets.get(row.contact_id, "")) for row in rows]
    wanted = counts(connection, counsellor_id, only)
    everything = counts(connection, counsellor_id) if only else wanted
    return Queue(tab, wanted, items, only, everything.attention, presence.colleagues(connection),
                 _suggested(connection, counsellor_id))


def _suggested(connection: Connection, counsellor_id: int) -> Suggested | None:
    """Of what is suggested to somebody: the urgent one, or who came first."""
    mine = select(Ticket.id, Ticket.contact_id, lenient(Contact.known), Ticket.area, Ticket.urgent)
    mine = mine.join(Contact, Contact.id == Ticket.contact_id)
    mine = mine.where(Ticket.state == "waiting", Ticket.offered_to == counsellor_id)
    row = connection.execute(mine.order_by(Ticket.urgent.desc(), Ticket.opened_at, Ticket.id).limit(1)).first()
    return Suggested(row.id, name_of(row.contact_id, row.known), row.area, row.urgent) if row else None


def _queue_rows(tab: Tab, counsellor_id: int) -> AnySelect:
    since, due = _waiting_since().label("waiting_since"), _care_due().label("due_at")
    asked = moves.is_asked(counsellor_id).label("asked")
    rows = select(
        Ticket.id, Ticket.contact_id, Ticket.area, Ticket.urgent, Ticket.state, Ticket.opened_at,
        Ticket.closed_at, Ticket.outcome, Ticket.unread, Ticket.asleep_at, Ticket.wakes_at, Ticket.offered_to,
        Contact.language, lenient(Contact.known), Counsellor.name.label("assignee"), since, due, asked,
    )
    rows = rows.join(Contact, Contact.id == Ticket.contact_id)
    rows = rows.outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id)
    return rows.where(_in_tab(tab, counsellor_id)).order_by(*_order(tab, since, due)).limit(MOST)


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
    began = func.coalesce(Ticket.reopened_at, Ticket.opened_at)
    of_ticket = and_(Message.contact_id == Ticket.contact_id, Message.at >= began)
    reply = select(Message.id).where(of_ticket, Message.author == "counsellor")
    reply_id = reply.order_by(Message.id.desc()).limit(1).correlate(Ticket).scalar_subquery()
    asked = select(func.min(Message.at)).where(of_ticket, Message.author == "person", Message.id > reply_id)
    asked_at = asked.correlate(Ticket).scalar_subquery()
    return case((Ticket.state == "closed", None), (reply_id.is_(None), type_coerce(began, Moment)),
                (Ticket.state == "waiting", type_coerce(func.coalesce(asked_at, began), Moment)), else_=asked_at)


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


def shortened(text: str, most: int = SNIPPET) -> str:
    """One line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _queue_item(row: AnyRow, snippet: str) -> QueueItem:
    return QueueItem(
        ticket_id=row.id, contact_id=row.contact_id, name=name_of(row.contact_id, row.known), area=row.area,
        urgent=row.urgent, language=row.language, state=row.state, assignee=row.assignee,
        opened_at=row.opened_at, closed_at=row.closed_at, outcome=row.outcome, snippet=snippet,
        asleep_at=row.asleep_at, wakes_at=row.wakes_at, asked=row.asked,
        offered_to=row.offered_to,
        unread=row.unread, waiting_since=row.waiting_since, due_at=row.due_at,
    )


# ------------------------------------------------------------- the alert


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
    unseen = and_(Ticket.state == "assigned", Ticket.unread > 0, since <= now - UNSEEN_AFTER)
    rows = select(Ticket.id, since.label("since")).where(Ticket.urgent, or_(Ticket.state == "waiting", unseen))
    found = connection.execute(rows.order_by(since, Ticket.id).limit(MOST)).all()
    return Alert(len(found), found[0].id, found[0].since) if found else None


# ------------------------------------------------------------- one chat


@dataclass(frozen=True, slots=True)
class TicketView:
    id: int
    contact_id: int
    name: str
    language: str
    area: str
    reason: str
    urgent: bool
    state: str
    counsellor_id: int | None
    assignee: str | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None
    unread: int
    asleep_at: datetime | None
    wakes_at: datetime | None

    def is_mine(self, counsellor_id: int) -> bool:
        return self.state == "assigned" and self.counsellor_id == counsellor_id

    def tab(self, counsellor_id: int) -> Tab:
        """The queue's tab that this chat is in, for this counsellor."""
        if self.state == "assigned":
            return "mine" if self.is_mine(counsellor_id) else "team"
        return "closed" if self.state == "closed" else "waiting"


def ticket(connection: Connection, ticket_id: int) -> TicketView | None:
    columns = (
        Ticket.id, Ticket.contact_id, Ticket.area, Ticket.reason, Ticket.urgent, Ticket.state,
        Ticket.counsellor_id, Ticket.opened_at, Ticket.closed_at, Ticket.closed_by, Ticket.outcome,
        Ticket.unread, Ticket.asleep_at, Ticket.wakes_at,
    )
    one = select(*columns, Contact.language, Contact.known, Counsellor.name.label("assignee"))
    one = one.join(Contact, Contact.id == Ticket.contact_id)
    one = one.outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id).where(Ticket.id == ticket_id)
    row = connection.execute(one).one_or_none()
    if row is None:
        return None
    values = {name: value for name, value in row._mapping.items() if name != "known"}
    return TicketView(**values, name=name_of(row.contact_id, row.known))


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    id: int
    author: str
    kind: str
    text: str
    state: str
    error: str | None
    at: datetime
    counsellor: str | None
    medium: MediumView | None = None
    """What came with it."""


def thread(
    connection: Connection, contact_id: int, after_id: int = 0, limit: int = MOST, before_id: int | None = None
) -> list[ThreadMessage]:
    """The newest of a person's messages between two ids, oldest first."""
    fields = (
        Message.id, Message.author, Message.kind, Message.text, Message.state, Message.error, Message.at,
        Counsellor.name.label("counsellor"),
    )
    newest = select(*fields).outerjoin(Counsellor, Counsellor.id == Message.counsellor_id)
    newest = newest.where(Message.contact_id == contact_id, Message.id > after_id)
    if before_id is not None:
        newest = newest.where(Message.id < before_id)
    rows = connection.execute(newest.order_by(Message.id.desc()).limit(limit)).all()
    media = views(connection, [row.id for row in rows if row.kind in KINDS])
    return [ThreadMessage(*row, media.get(row.id)) for row in reversed(rows)]


@dataclass(frozen=True, slots=True)
class NoteView:
    id: int
    text: str
    at: datetime
    counsellor: str | None
    counsellor_id: int | None
    area: str
    """What it is about."""
    author: str = "note"


def notes(connection: Connection, contact_id: int, after_id: int = 0) -> list[NoteView]:
    """What colleagues wrote about a person for each other, oldest first."""
    area: ColumnElement[str] = func.coalesce(Note.area, Ticket.area, "general")
    some = select(Note.id, Note.text, Note.at, Counsellor.name, Note.counsellor_id, area)
    some = some.outerjoin(Counsellor, Counsellor.id == Note.counsellor_id)
    some = some.outerjoin(Ticket, Ticket.id == Note.ticket_id)
    some = some.where(Note.contact_id == contact_id, Note.id > after_id).order_by(Note.id.desc()).limit(MOST)
    return [NoteView(*row) for row in reversed(connection.execute(some).all())]


def add_note(
    connection: Connection, contact_id: int, ticket_id: int | None, counsellor_id: int, text: str, now: datetime,
    area: str | None = None,
) -> int:
    """Without an area it is about what its ticket is about today."""
    area = area or connection.scalar(select(Ticket.area).where(Ticket.id == ticket_id))
    new = insert(Note).values(keys.sealed(connection, Note, {
        "contact_id": contact_id, "ticket_id": ticket_id, "counsellor_id": counsellor_id, "text": text, "at": now,
        "area": area,
    }))
    return int(connection.execute(new.returning(Note.id)).scalar_one())


def mark_seen(connection: Connection, ticket_id: int, counsellor_id: int) -> bool:
    """The assignee has looked. True when that changed anything."""
    looked = update(Ticket).where(
        Ticket.id == ticket_id, Ticket.counsellor_id == counsellor_id, Ticket.unread > 0
    )
    return bool(connection.execute(looked.values(unread=0)).rowcount)


# ------------------------------------------------------------- one person


@dataclass(frozen=True, slots=True)
class PersonView:
    id: int
    name: str
    contact: AnyRow
    known: dict[str, Any]
    addresses: Sequence[AnyRow]
    consents: Sequence[AnyRow]
    runs: Sequence[AnyRow]
    """Open ones, the current one first."""
    plan: Sequence[AnyRow]
    tasks: Sequence[AnyRow]
    """Open first, then done."""
    referrals: Sequence[AnyRow]
    tickets: Sequence[AnyRow]
    """The newest first, each with its `assignee`."""
    intake: dict[str, Any] | None
    """The raw answers of the latest intake; None where there was none."""
    intake_at: datetime | None
    intake_done: bool
    wellbeing: Sequence[tuple[datetime, int]]
    """When the five questions were answered, and the score: the newest first."""
    asides: Mapping[int, AsideView]
    """What was set aside, by the id of its open task."""


def person(connection: Connection, contact_id: int) -> PersonView | None:
    contact = connection.execute(select(Contact.__table__).where(Contact.id == contact_id)).one_or_none()
    if contact is None:
        return None
    intake = _latest_intake(connection, contact_id)
    tasks = _of(connection, Task.__table__, contact_id, Task.done_at.is_not(None), Task.due_at, Task.id)
    return PersonView(
        id=contact_id, name=name_of(contact_id, contact.known), contact=contact, known=contact.known or {},
        addresses=_of(connection, Address.__table__, contact_id, Address.id),
        consents=_of(connection, Consent.__table__, contact_id, Consent.id.desc()),
        runs=connection.execute(_open_runs(contact_id)).all(),
        plan=_of(connection, PlanStep.__table__, contact_id, PlanStep.by.is_(None), PlanStep.by, PlanStep.id),
        tasks=tasks, asides=aside.views(connection, [(one.id, one.key) for one in tasks if one.done_at is None]),
        referrals=_of(connection, Referral.__table__, contact_id, Referral.id),
        tickets=connection.execute(_tickets_of(contact_id)).all(),
        intake=intake.answers if intake else None, intake_at=intake.updated_at if intake else None,
        intake_done=bool(intake and intake.ended_at),
        wellbeing=_wellbeing(connection, contact_id),
    )


def _of(
    connection: Connection, table: FromClause, contact_id: int, *order: Any
) -> Sequence[AnyRow]:
    rows = select(table).where(table.c.contact_id == contact_id).order_by(*order).limit(MOST)
    return connection.execute(rows).all()


def _open_runs(contact_id: int) -> AnySelect:
    open_ones = select(Run.__table__).where(Run.contact_id == contact_id, Run.ended_at.is_(None))
    return open_ones.order_by(Run.touched.desc())


def _tickets_of(contact_id: int) -> AnySelect:
    rows = select(Ticket.__table__, Counsellor.name.label("assignee"))
    rows = rows.outerjoin(Counsellor, Counsellor.id == Ticket.counsellor_id)
    return rows.where(Ticket.contact_id == contact_id).order_by(Ticket.id.desc()).limit(MOST)


def _wellbeing(connection: Connection, contact_id: int) -> list[tuple[datetime, int]]:
    asked = select(Run.answers, Run.updated_at)
    asked = asked.where(Run.contact_id == contact_id, Run.conversation == WELLBEING.name)
    rows = connection.execute(asked.order_by(Run.id.desc()).limit(MOST)).all()
    scores = [(row.updated_at, score(row.answers)) for row in rows]
    return [(at, points) for at, points in scores if points is not None]


def _latest_intake(connection: Connection, contact_id: int) -> AnyRow | None:
    of_person = select(Run.answers, Run.updated_at, Run.ended_at)
    of_person = of_person.where(Run.contact_id == contact_id, Run.conversation == "intake")
    return connection.execute(of_person.order_by(Run.id.desc()).limit(1)).one_or_none()


# ------------------------------------------------------------- tasks


@dataclass(frozen=True, slots=True)
class TaskItem:
    id: int
    contact_id: int
    name: str
    kind: str
    area: str
    about: str
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    aside: AsideView | None
    """What is to be tried again, where it is about that."""


def tasks(connection: Connection, now: datetime) -> list[TaskItem]:
    """What is still to do: the earliest due first, then what has no date, oldest first."""
    fields = (Task.id, Task.contact_id, Task.key, Task.kind, Task.area, Task.opened_at, Task.due_at)
    wanted = select(*fields, lenient(Task.about), lenient(Contact.known)).join(Contact, Contact.id == Task.contact_id)
    wanted = wanted.where(Task.done_at.is_(None)).order_by(Task.due_at.is_(None), Task.due_at, Task.opened_at, Task.id)
    rows = connection.execute(wanted.limit(MOST)).all()
    asides = aside.views(connection, [(row.id, row.key) for row in rows])
    return [task_item(row, now, asides.get(row.id)) for row in rows]


def task_item(row: AnyRow, now: datetime, what: AsideView | None) -> TaskItem:
    return TaskItem(
        id=row.id, contact_id=row.contact_id, name=name_of(row.contact_id, row.known), kind=row.kind,
        area=row.area, about=row.about or CANNOT_BE_READ, opened_at=row.opened_at, due_at=row.due_at,
        overdue=row.due_at is not None and row.due_at < now, aside=what,
    )


def of_age(connection: Connection, task_id: int, counsellor_id: int, now: datetime) -> int | None:
    """Who gave a wrong age is asked and believed like everybody from now on. Their id, or None when this task is done
    already or about something else."""
    theirs = select(Task.contact_id).where(Task.id == task_id, Task.kind == "minor", Task.done_at.is_(None))
    contact_id = connection.scalar(theirs)
    if contact_id is None:
        return None
    connection.execute(update(Contact).where(Contact.id == contact_id).values(is_minor=False))
    return finish_task(connection, task_id, counsellor_id, now)


def finish_task(connection: Connection, task_id: int, counsellor_id: int, now: datetime) -> int | None:
    """Whose it was; None when it was done already."""
    done = update(Task).where(Task.id == task_id, Task.done_at.is_(None)).returning(Task.contact_id)
    return connection.scalar(done.values(done_at=now, counsellor_id=counsellor_id))
