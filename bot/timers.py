"""A few fixed jobs that sweep tables. APScheduler is the tick; no job belongs to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from time import monotonic

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.deliver import Deliver
from bot.receive import Receive
from conversations.events import ReminderDue
from storage import contacts, passes, reminders, sessions
from storage.points import reach
from storage.store import Store, StoreError

log = structlog.get_logger()
EVERY_SECONDS = 20
LOST_AFTER = 6 * EVERY_SECONDS
"""Seconds without a look at what is due after which something must be wrong."""


class Timers:
    def __init__(self, store: Store, receive: Receive, deliver: Deliver, clock: Clock, keep: timedelta) -> None:
        self.store, self.receive, self.deliver, self.clock = store, receive, deliver, clock
        self.keep = keep
        """How long after the last contact we keep what people told us."""
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        self._looked = monotonic()

    def start(self) -> None:
        self._every(EVERY_SECONDS, self.remind)
        self._every(60, self.deliver.reload)
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
        """Hand over what is due, a batch at a time; says how many."""
        count = 0
        try:
            before: list[int] = []
            while (ids := await self._due()) and ids != before:  # the same ones again: another process has them
                reach("timers.due")
                await self.receive.handle([ReminderDue(reminder_id=one, at=self.clock.now()) for one in ids])
                reach("timers.handed")
                before, count = ids, count + len(ids)
        except StoreError as error:
            log.warning("reminders wait for the database", reason=str(error))
        return count

    async def _due(self) -> list[int]:
        ids = await self.store.read(lambda connection: reminders.due(connection, self.clock.now()))
        self._looked = monotonic()
        return ids

    async def tidy(self) -> None:
        """Old sign-ins go, and what was kept about people long gone: the consent promises it."""
        now = self.clock.now()
        try:
            await self.store.write(lambda connection: sessions.end_old_sessions(connection, now))
            await self.store.write(lambda connection: passes.clear_away(connection, now))
            while await self.store.write(lambda connection: contacts.forget_idle(connection, now - self.keep)):
                pass
        except StoreError as error:
            log.warning("tidying waits for the database", reason=str(error))
