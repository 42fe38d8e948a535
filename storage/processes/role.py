"""A role that this process wishes to lead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()
LOST_WITHIN = 3.0
"""How many seconds `lost()` has before it is cancelled."""
AGAIN_AFTER = 5.0
"""How many seconds a role is left to others after `gained()` raised."""


class Role:
    def __init__(
        self, name: str, gained: Callable[[], Awaitable[None]], lost: Callable[[], Awaitable[None]],
        is_contested: bool = True,
    ) -> None:
        """Where nobody else could lead, it is not worth a line in the log."""
        self.name = name
        self._tell = log.info if is_contested else log.debug
        self.leads = False
        self._gained, self._lost = gained, lost

    async def gain(self) -> bool:
        """True where this process leads now; False where taking up the work failed."""
        try:
            await self._gained()
        except Exception as error:
            log.error("a role could not be taken up", role=self.name, error=type(error).__name__)
            return False
        self.leads = True
        self._tell("leads", role=self.name)
        return True

    async def give_up(self) -> None:
        if not self.leads:
            return
        self.leads = False
        try:
            async with asyncio.timeout(LOST_WITHIN):
                await self._lost()
        except Exception as error:
            log.error("a role was not laid down well", role=self.name, error=type(error).__name__)
        else:
            self._tell("leads no more", role=self.name)
