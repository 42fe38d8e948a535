"""How fast one sender may go on. Who is faster is told to come again, and loses nothing; nobody else waits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

MANY = 10_000
"""So many senders are kept in mind before the idle ones are forgotten."""


@dataclass(slots=True)
class _Sender:
    left: float
    at: float


class Pace:
    """So many at once, then so many a second."""

    def __init__(self, at_once: int, a_second: float, now: Callable[[], float] = monotonic) -> None:
        self.at_once, self.a_second, self.now = at_once, a_second, now
        self._senders: dict[str, _Sender] = {}
        self._forget_at = MANY

    def wait(self, sender: str) -> int:
        """0: go on, it is counted. Otherwise after how many seconds to come again; nothing was counted."""
        now = self.now()
        if len(self._senders) >= self._forget_at:
            self._forget_idle(now)
        known = self._senders.setdefault(sender, _Sender(self.at_once, now))
        known.left, known.at = self._left(known, now), now
        if known.left < 1:
            return math.ceil((1 - known.left) / self.a_second)
        known.left -= 1
        return 0

    def _left(self, known: _Sender, now: float) -> float:
        return min(self.at_once, known.left + (now - known.at) * self.a_second)

    def _forget_idle(self, now: float) -> None:
        """Who could send all at once again is as if they had never come."""
        self._senders = {name: one for name, one in self._senders.items() if self._left(one, now) < self.at_once}
        self._forget_at = max(MANY, 2 * len(self._senders))
