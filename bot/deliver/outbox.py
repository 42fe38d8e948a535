"""The outbox as this process has it: what is in memory, and what is read from the database when there is room."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import Connection

from bot.deliver.held import MOST_HELD, Held
from bot.deliver.pump import Pump
from storage import messages
from storage.messages import REMINDER, REPLY
from storage.news import News, Queued
from storage.store import Store, StoreError

MOST_LOOKS = 3
"""So often in a row the outbox is read again for what came meanwhile; after that, with the next message."""


class Outbox:
    def __init__(self, store: Store, held: Held, pump: Pump) -> None:
        self.store, self.held, self.pump = store, held, pump
        self._behind = [False, False]
        """Lanes of which the database may have more than memory."""
        self._aside: list[list[Queued] | None] = [None, None]
        """What is offered while a lane is being read."""
        self._reading = asyncio.Lock()
        """Who asks for a reading while one is going on waits for another: that one may be older than the question."""
        self._heard: deque[News] = deque()
        self._looking_up: asyncio.Task[None] | None = None
        self._refilling: asyncio.Task[None] | None = None

    # ---------------------------------------------------------------- what is heard

    def hear(self, news: News) -> None:
        """What a transaction of this process or another led to, in the order of the commits."""
        if news.elsewhere or self._looking_up is not None:
            self._heard.append(news)
            if self._looking_up is None:
                self._looking_up = asyncio.create_task(self._look_up())
            return
        for contact_id, lanes in news.withdrawn.items():
            self.withdraw(contact_id, lanes)
        if news.queued:
            self.offer(news.queued)
            self.pump.now()  # somebody waits for the answer

    async def _look_up(self) -> None:
        """Fetch what other processes have queued, everything heard meanwhile at once."""
        try:
            while self._heard:
                together = list(self._heard)
                ids = [one for news in together for one in news.elsewhere]
                rows = await self.store.read(partial(messages.these, ids=ids))
                found = {one.id: one for one in rows if one.id not in self.held.finished}
                for news in together:
                    self._heard.popleft()
                    for contact_id, lanes in news.withdrawn.items():
                        self.withdraw(contact_id, lanes)
                    self.offer([*news.queued, *(found[one] for one in news.elsewhere if one in found)])
        except StoreError:
            self._heard.clear()
            self._behind = [True, True]  # the next reading of the outbox finds them
        finally:
            self._looking_up = None

    def offer(self, queued: Iterable[Queued]) -> None:
        """Take over messages that are stored."""
        for one in queued:
            aside = self._aside[one.lane]
            if aside is not None:
                aside.append(one)
            elif not self._behind[one.lane]:
                self._behind[one.lane] = not self.held.take_over(one)

    def withdraw(self, contact_id: int, lanes: set[int]) -> None:
        """Do not send what this person was still to get in these lanes; what is on its way is."""
        if out := self.held.take_out(contact_id, lanes):
            self.finish(out)

    def finish(self, ids: set[int]) -> None:
        """These have their fate."""
        self.held.finish(ids)
        if (self._behind[REPLY] or self._behind[REMINDER]) and self._has_room():
            self._refill_soon()

    # ---------------------------------------------------------------- what is read

    async def reload(self) -> None:
        """Read it again: what is there and not known here. Whoever waits looks whether the time has come."""
        if self._looking_up is None and self._aside == [None, None]:
            self.held.finished.clear()
        self.held.tidy()
        for line in self.held.asleep.wake_all():
            self.held.put(line)
        async with self._reading:
            self._behind = [True, True]
            await self._read((REPLY, REMINDER))

    def look_again(self) -> None:
        """Perhaps something is stored that nobody heard of."""
        self._behind = [True, True]
        self._refill_soon()

    async def stop(self) -> None:
        """Read no more."""
        running = [one for one in (self._refilling, self._looking_up) if one is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _refill(self) -> None:
        """Take from the database what memory has room for, oldest first.

        Lanes are read together: of two messages to one person, the later must not go because its lane came first."""
        async with self._reading:
            lanes = [lane for lane in (REPLY, REMINDER) if self._behind[lane]]
            if lanes:
                await self._read(lanes)

    async def _read(self, lanes: Sequence[int]) -> None:
        aside: list[Queued] = []
        for lane in lanes:
            self._aside[lane] = aside
        try:
            found = await self.store.read(partial(_unsent, lanes=lanes))
        finally:
            for lane in lanes:
                self._aside[lane] = None
        all_there = {lane: len(rows) < 2 * MOST_HELD for lane, rows in found.items()}
        for one in sorted((one for rows in found.values() for one in rows), key=lambda one: one.id):
            if one.id not in self.held.finished:
                all_there[one.lane] = self.held.take_over(one) and all_there[one.lane]
        for lane in lanes:
            self._behind[lane] = not all_there[lane]
        self.offer(aside)

    def _refill_soon(self) -> None:
        if self.pump.works and (self._refilling is None or self._refilling.done()):
            self._refilling = asyncio.create_task(self._refill_or_wait())

    async def _refill_or_wait(self) -> None:
        with contextlib.suppress(StoreError):  # the next reading of the outbox tries again
            for _ in range(MOST_LOOKS):
                await self._refill()
                if not self._has_room():
                    return

    def _has_room(self) -> bool:
        """A lane is behind, and memory could take more of it."""
        counts = zip(self._behind, self.held.count, strict=True)
        return any(behind and count < MOST_HELD // 2 for behind, count in counts)


def _unsent(connection: Connection, lanes: Iterable[int]) -> dict[int, list[Queued]]:
    return {lane: messages.unsent(connection, lane, 2 * MOST_HELD) for lane in lanes}
