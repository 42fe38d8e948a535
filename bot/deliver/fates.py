"""What a platform tells of messages that it has taken: delivered, seen, or failed after all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.beside import Beside
from bot.channels.base import Fate
from bot.clock import Clock
from bot.deliver.failures import report
from storage import messages
from storage.news import tell
from storage.store import Store, StoreError

log = structlog.get_logger()
LOOK_AGAIN = (0.5, 5.0, 30.0)
"""Seconds until a receipt is looked for again: the platform may tell before it is noted that we have sent."""


class Fates:
    def __init__(
        self, store: Store, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self.store, self.clock, self._sleep = store, clock, sleep
        self._beside = Beside()

    async def note(self, fates: Sequence[Fate]) -> None:
        """Store what is known by now; what is not is looked for again beside everything else."""
        unknown = await self.store.write(partial(self._store, fates=fates))
        if unknown:
            self._beside.do(self._again(unknown))

    def stop(self) -> None:
        """What is still looked for stays as it is: sent."""
        self._beside.give_up()

    async def _again(self, fates: Sequence[Fate]) -> None:
        for seconds in LOOK_AGAIN:
            await self._sleep(seconds)
            try:
                fates = await self.store.write(partial(self._store, fates=fates))
            except StoreError:
                continue
            if not fates:
                return
        log.info("receipts of messages that nobody knows", count=len(fates))

    def _store(self, connection: Connection, fates: Sequence[Fate]) -> list[Fate]:
        return [one for one in fates if not self._take(connection, one)]

    def _take(self, connection: Connection, fate: Fate) -> bool:
        """False where no message with this receipt is known (yet)."""
        found = messages.by_receipt(connection, fate.external_id)
        if found is None:
            return False
        key, contact_id = found
        failed = fate.state == "failed"
        if messages.follow(connection, key, fate.state, fate.reason or "failed at the platform" if failed else None):
            if failed:
                report(connection, contact_id, self.clock.now())
            tell(connection, [f"contact:{contact_id}"])
        return True
