"""Wakes the browsers for whom there is something new, beside everything else: nothing waits for a push service.

What is new is found in the tables, so nothing is lost with a process. Who takes one on puts it off first: any process
may do it, and one that dies leaves it to the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.push.hours import closes_in, may_from
from bot.push.places import PUBLIC, origin_of
from bot.push.post import Fate, post
from bot.push.vapid import Vapid
from bot.safely import described
from bot.worker import Worker
from storage.pushes import chat, desk, fates
from storage.pushes.fates import Kind
from storage.store import Store, StoreError
from storage.tables import ChatPush, DeskPush

log = structlog.get_logger()
LOOK_EVERY = 15.0
"""Seconds after which we look without having been told."""
TAKEN_FOR = timedelta(minutes=2)
"""Longer than a push may take."""
LASTS, URGENT_LASTS = timedelta(days=1), timedelta(hours=1)
"""So long a push service keeps it for a browser that is not there. What is urgent is old news after an hour."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
MOST_TRIES = 8
"""Some three hours. The page tells us anew with its next visit."""


class Push(Worker):
    """It is woken where something was sent that a page may not show."""

    def __init__(self, store: Store, clock: Clock, vapid: Vapid) -> None:
        super().__init__("waking browsers", LOOK_EVERY, gathers=chat.LOOKED_FOR.total_seconds())
        self.store, self.clock, self.vapid = store, clock, vapid
        self.places = PUBLIC

    def moment(self) -> datetime:
        """The time that others go by: the demo's clock is turned for us alone."""
        return self.clock.now() - self.clock.ahead

    async def work(self) -> float | None:
        return 0.0 if await self.look() else None

    async def look(self) -> int:
        """Wake some of those who wait; how many it were."""
        now = self.clock.now()
        if not await self.store.read(partial(_somebody_waits, now=now, moment=self.moment())):
            return 0
        people = await self.store.write(
            partial(chat.claim, now=now, until=now + TAKEN_FOR, may_from=partial(may_from, now=now)))
        team = await self.store.write(partial(desk.claim, now=now, until=now + TAKEN_FOR, moment=self.moment()))
        await self._together([
            *(self._push(ChatPush, one.key, one.endpoint, one.failures, min(LASTS, closes_in(one, now)))
              for one in people),
            *(self._push(DeskPush, one.key, one.endpoint, one.failures, URGENT_LASTS, urgent=True) for one in team),
        ])
        return len(people) + len(team)

    async def _together(self, pushes: Iterable[Awaitable[None]]) -> None:
        for failure in await asyncio.gather(*pushes, return_exceptions=True):
            if isinstance(failure, StoreError):
                log.info("what became of a push waits for the database")  # it is put off, and tried again
            elif isinstance(failure, Exception):
                log.error("a push failed", **described(failure))

    async def _push(
        self, kind: Kind, key: str, endpoint: str, failures: int, lasts: timedelta, urgent: bool = False
    ) -> None:
        headers = {
            "TTL": str(int(lasts.total_seconds())), "Urgency": "high" if urgent else "normal", "Topic": "new",
            "Authorization": self.vapid.authorization(origin_of(endpoint), self.moment()),
        }
        fate = await post(endpoint, headers, self.places)
        now = self.clock.now()
        if fate is Fate.LATER and failures + 1 < MOST_TRIES:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2**failures)
            await self.store.write(partial(fates.failed, kind=kind, key=key, due=now + wait))
        elif fate is Fate.TAKEN:
            await self.store.write(partial(fates.woken, kind=kind, key=key, now=now))
        else:
            await self.store.write(partial(fates.ended, kind=kind, key=key))
        log.info("push", fate=fate.value, tries=failures + 1)


def _somebody_waits(connection: Connection, now: datetime, moment: datetime) -> bool:
    return chat.is_due(connection, now) or bool(desk.claim(connection, now, now, moment, lock=False))
