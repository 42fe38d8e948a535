"""Posts that are being stored: each to its end, even if the sender goes away meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable


class Posts:
    def __init__(self) -> None:
        self._running: set[asyncio.Future[None]] = set()

    async def take(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)

    async def finish(self, within: float) -> None:
        """Until they are stored, or the time is over."""
        if self._running:
            await asyncio.wait(self._running, timeout=within)
