"""A few fixed jobs that sweep tables. APScheduler is the tick; no job belongs to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.deliver import Deliver
from bot.receive import Receive
from bot.receive.rounds import Rounds
from bot.retention import Retention
from conversations.events import ReminderDue
from storage import passes, reminders, sessions, told, unanswered
from storage.points import reach
from storage.store import Store, StoreError

log = structlog.get_logger()
EVERY_SECONDS = 20
LOST_AFTER = 6 * EVERY_SECONDS
"""Seconds without a look at what is due after which something must be wrong."""
FIRST, LEAST, MOST = 100, 50, 1000
"""How many reminders go into one transaction: in the first of a sweep, and in any."""
SHORT, LONG = 0.015, 0.06
"""Seconds: a full transaction that takes less could be larger, one that takes more must be smaller."""


@dataclass(slots=True)
class Portion:
    """How many reminders go into the next transaction. A reply may have to wait for its end: so the time counts, which
    depends on the machine, on who else writes, and on what the reminders lead to."""

    size: int = FIRST

    def took(self, seconds: float, count: int) -> None:
        if seconds > LONG:
            self.size = max(self.size // 2, LEAST)
        elif seconds < SHORT and count >= self.size:
            self.size = min(self.size * 2, MOST)


class Timers:
    def __init__(
        self, store: Store, receive: Receive, deliver: Deliver, clock: Clock, retention: Retention, rounds: Rounds
    ) -> None:
        self.store, self.receive, self.deliver, self.clock = store, receive, deliver, clock
        self.retention, self.rounds = retention, rounds
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        self._looked = monotonic()

    def start(self) -> None:
        self._every(EVERY_SECONDS, self.remind)
        self._every(EVERY_SECONDS, self.rounds.run)
        self._every(60, self.deliver.reload)
        self._every(600, self.rounds.end_silence)
        self._every(3600, self.tidy)
        self._looked = monotonic()
        self.scheduler.start()

    def trouble(self) -> str | None:
        """What keeps reminders from being opened, or None."""
        if not self.scheduler.running:
            return "the timers have stopped"
        return "nobody looks for what is due" if monotonic() - self._looked > LOST_AFTER else None

    def stop(self) -> None:
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)

    def _every(self, seconds: float, job: Callable[[], Awaitable[object]]) -> None:
        async def run() -> None:
            with suppress(asyncio.CancelledError):  # the stop came meanwhile: what is not handed over stays due
                await job()

        self.scheduler.add_job(run, "interval", seconds=seconds, max_instances=1, coalesce=True)

    async def remind(self) -> int:
        """Hand over what is due, a portion at a time; says how many."""
        count, portion = 0, Portion()
        try:
            before: set[int] = set()
            while (ids := await self._due(portion.size)) and not before.issuperset(ids):
                reach("timers.due")
                began = monotonic()
                await self.receive.handle([ReminderDue(reminder_id=one, at=self.clock.now()) for one in ids])
                portion.took(monotonic() - began, len(ids))
                reach("timers.handed")
                before, count = set(ids), count + len(ids)  # the same ones again: another process has them
        except StoreError as error:
            log.warning("reminders wait for the database", reason=str(error))
        return count

    async def _due(self, most: int) -> list[int]:
        ids = await self.store.read(lambda connection: reminders.due(connection, self.clock.now(), most))
        self._looked = monotonic()
        return ids

    async def tidy(self) -> None:
        """Old sign-ins go, and what has been kept as long as was promised."""
        now = self.clock.now()
        try:
            await self.store.write(lambda connection: sessions.end_old_sessions(connection, now))
            await self.store.write(lambda connection: passes.clear_away(connection, now))
            await self.store.write(lambda connection: told.purge(connection, now))
            kept = self.retention.ages.chat
            await self.store.write(lambda connection: unanswered.purge(connection, kept, now))
            await self.retention.run()
        except StoreError as error:
            log.warning("tidying waits for the database", reason=str(error))
