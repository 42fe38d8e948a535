"""The note that a message was sent: it rides on whatever transaction comes next, or soon has one of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection

from bot.deliver.lines import Line
from storage import messages
from storage.points import reach
from storage.store import Store, StoreError

SOON = 0.03
"""Seconds until what was sent is noted, where no other transaction comes first."""
AGAIN = 1.0
"""Seconds until the next try, where the database did not take it."""
Rows: TypeAlias = list[dict[str, Any]]
Noted: TypeAlias = list[tuple[Line, Rows]]


class Notes:
    """A rider on the store's transactions (`storage.store.Rider`)."""

    def __init__(
        self, store: Store, noted: Callable[[Line, set[int]], None], in_doubt: Callable[[], None]
    ) -> None:
        """`noted(line, ids)`: the first ones of this line are noted as sent. `in_doubt()`: a transaction failed, and
        now one did not: perhaps the first was stored after all, and nobody heard of it."""
        self._store, self._tell, self._tell_doubt = store, noted, in_doubt
        self._sent: deque[tuple[Line, Rows]] = deque()
        self._open = 0
        self._failed = False
        self._alarm: asyncio.TimerHandle | None = None

    def add(self, line: Line, sent: Iterable[tuple[int, str | None]], now: datetime) -> None:
        """The platform has these messages, with these ids of its own. Who waits behind them should not wait long."""
        rows = [{"key": message, "external": external, "now": now} for message, external in sent]
        self._sent.append((line, rows))
        self._open += 1
        if len(line.waiting) > len(rows):
            self.hurry()
        else:
            self._within(SOON)

    def hurry(self) -> None:
        if self._sent:
            self._store.nudge()

    def _within(self, seconds: float) -> None:
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.hurry()

    async def finish(self, within: float) -> None:
        """Until everything is noted, or the time is over."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(within):
                while self._open:
                    await self._store.write(lambda _: None)

    def board(self, connection: Connection) -> Noted:
        noted: Noted = []
        while self._sent:  # only this thread takes from it
            noted.append(self._sent.popleft())
        if noted:
            reach("deliver.marking")
            try:
                messages.mark_sent(connection, [row for _, rows in noted for row in rows])
            except Exception:
                self._sent.extendleft(reversed(noted))
                raise
        return noted

    def landed(self, noted: Noted, stored: bool) -> None:
        if not stored:
            self._failed = True
            self._sent.extendleft(reversed(noted))
            if noted:
                self._within(AGAIN)
            return
        if self._failed:
            self._failed = False
            self._tell_doubt()
        if noted:
            reach("deliver.marked")
        for line, rows in noted:
            self._open -= 1
            self._tell(line, {row["key"] for row in rows})
