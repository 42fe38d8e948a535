"""How full the queues are: a few figures that come from indexes only, so that asking stays cheap as tables grow.

The states stand in the statements as literals, since a database uses a partial index only for what it can prove.
A queue of which nobody expects the size is counted up to `MOST`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, literal_column, select

from storage.tables import Fact, Message, Reminder, Task, Ticket

MOST = 50_000
"""So many rows of one queue are looked at; a longer one is shown as this long."""
LATE_AFTER = timedelta(minutes=5)
"""A reminder that is due for longer than this is late."""
SOON = timedelta(days=30)
"""A fact that expires within this time should be checked now."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """What one channel has in one lane of the outbox."""

    count: int
    retries: int
    oldest: float
    """For how many seconds the oldest has been waiting."""


@dataclass(frozen=True, slots=True)
class Tickets:
    count: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The queues at one moment."""

    unsent: dict[tuple[str, int], Unsent] = field(default_factory=dict)
    """(channel, lane) -> what waits there."""
    tickets: dict[tuple[str, bool], Tickets] = field(default_factory=dict)
    """(state, urgent) -> open tickets, and the age of the oldest."""
    tasks_open: int = 0
    tasks_overdue: int = 0
    reminders_late: int = 0
    reminder_lateness: float = 0.0
    """By how many seconds the latest one is late; 0 where none is."""
    facts_expired: int = 0
    facts_expiring: int = 0


_QUEUE = (
    select(Message.channel, Message.lane, Message.attempts, Message.at)
    .where(Message.state == literal_column("'queued'")).order_by(Message.due_at).limit(MOST).subquery()
)
UNSENT = select(
    _QUEUE.c.channel, _QUEUE.c.lane, func.count(), func.count().filter(_QUEUE.c.attempts > 0), func.min(_QUEUE.c.at),
).group_by(_QUEUE.c.channel, _QUEUE.c.lane)
TICKETS = (
    select(Ticket.state, Ticket.urgent, func.count(), func.min(Ticket.opened_at))
    .where(Ticket.state.in_((literal_column("'waiting'"), literal_column("'assigned'"))))
    .group_by(Ticket.state, Ticket.urgent)
)
TASKS = select(func.count(), func.count().filter(Task.due_at < bindparam("now"))).where(Task.done_at.is_(None))
_LATE = (
    select(Reminder.due_at)
    .where(Reminder.state == literal_column("'waiting'"), Reminder.due_at < bindparam("before"))
    .order_by(Reminder.due_at).limit(MOST).subquery()
)
LATE = select(func.count(), func.min(_LATE.c.due_at))
FACTS = select(
    func.count().filter(Fact.expires <= bindparam("today")),
    func.count().filter(Fact.expires > bindparam("today"), Fact.expires <= bindparam("soon")),
).where(Fact.state != literal_column("'ask-counsellor'"))


def figures(connection: Connection, now: datetime, today: date) -> Figures:
    """Everything with one read transaction. `today` is the date where the centre is."""
    tasks_open, tasks_overdue = connection.execute(TASKS, {"now": now}).one()
    late, since = connection.execute(LATE, {"before": now - LATE_AFTER}).one()
    expired, expiring = connection.execute(FACTS, {"today": today, "soon": today + SOON}).one()
    return Figures(
        unsent={(channel, lane): Unsent(count, retries, _age(now, oldest))
                for channel, lane, count, retries, oldest in connection.execute(UNSENT)},
        tickets={(state, urgent): Tickets(count, _age(now, oldest))
                 for state, urgent, count, oldest in connection.execute(TICKETS)},
        tasks_open=tasks_open, tasks_overdue=tasks_overdue,
        reminders_late=late, reminder_lateness=_age(now, since),
        facts_expired=expired, facts_expiring=expiring,
    )


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
