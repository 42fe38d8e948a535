"""Many small arrivals become few batches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.channels.base import Handle
from conversations.events import FromPerson

MOST = 100
"""How many arrivals go into one batch."""


class Together:
    """A Handle for a channel on which everything arrives alone.

    What arrives while a batch is being stored is the next batch. That keeps the order, and an event in a batch of
    forty costs a fifth of what it costs alone."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._waiting: list[tuple[Sequence[FromPerson], asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def __call__(self, events: Sequence[FromPerson]) -> None:
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((events, stored))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store())
        await stored

    async def _store(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._handle([event for events, _ in batch for event in events])
            except Exception as problem:
                _tell(batch, problem)
            else:
                _tell(batch, None)
        self._storing = None


def _tell(batch: Sequence[tuple[Sequence[FromPerson], asyncio.Future[None]]], problem: Exception | None) -> None:
    for _, stored in batch:
        if stored.done():
            continue
        if problem is None:
            stored.set_result(None)
        else:
            stored.set_exception(problem)
