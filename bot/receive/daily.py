"""Nobody gets two messages of ours on one day, whatever they are about.

All that the clock sends goes through here. A part of the program that writes by itself, say about an appointment, puts
a row into `reminders` whose `opens` is its conversation, and needs nothing else. Two words about such a conversation:

- `CANNOT_WAIT`: it is worth nothing on the next day. Whatever else is due on that day gives way to it.
- `ONCE`: it tells something. It is not tried again, and nobody of the team hears of it when it stays without an answer.

What writes without a reminder asks `Daily.is_free` before, and says `Daily.wrote` after."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.clock import local_date
from bot.receive.visit import Visit
from conversations import APPOINTMENT_SOON_NAME, CHECK_IN_NAME, FACT_NEWS_NAME, HELP_NEWS_NAME, STEP_SOON_NAME
from storage import asking, reminders

CANNOT_WAIT: tuple[str, ...] = (APPOINTMENT_SOON_NAME,)
"""Conversations that must come on their day: an appointment tomorrow, say. The first goes before the others."""
ONCE = frozenset({STEP_SOON_NAME, APPOINTMENT_SOON_NAME, FACT_NEWS_NAME, HELP_NEWS_NAME})
"""Conversations that only tell something."""
LONGEST_DAY = timedelta(hours=26)


def rank(opens: str) -> int:
    """Which of several that are due for one person goes first. A check-in asks about the steps of the plan, so what
    would announce one gives way to it."""
    order = (*CANNOT_WAIT, CHECK_IN_NAME)
    return order.index(opens) if opens in order else len(order)


@dataclass(slots=True)
class Daily:
    """For the people of one transaction: on which day of their own we last wrote to them."""

    days: dict[int, date]
    held: dict[int, datetime]
    """When something is due that cannot wait."""
    new: dict[int, date] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, ids: Iterable[int], now: datetime) -> Daily:
        wanted: Collection[int] = list(ids)
        held = reminders.before(connection, wanted, CANNOT_WAIT, now + LONGEST_DAY) if CANNOT_WAIT else {}
        return cls(asking.wrote_on(connection, wanted), held)

    def is_free(self, visit: Visit, opens: str = "") -> bool:
        """Whether this person has had no message of ours today, and none is still to come that cannot wait."""
        if self.days.get(visit.id) == visit.today:
            return False
        held = self.held.get(visit.id)
        return opens in CANNOT_WAIT or held is None or local_date(held, visit.person.time_zone) != visit.today

    def wrote(self, visit: Visit) -> None:
        self.days[visit.id] = self.new[visit.id] = visit.today

    def save(self, connection: Connection) -> None:
        if self.new:
            asking.wrote(connection, self.new)
