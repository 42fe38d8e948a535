"""Small work that nobody waits for: each piece in a task of its own, which is held until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Beside:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, within: float) -> None:
        """Until all of it has ended, or the time is over."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)

    def give_up(self) -> list[asyncio.Task[None]]:
        """What is still under way is ended; whoever has to be sure waits for it."""
        for task in self._tasks:
            task.cancel()
        return list(self._tasks)
