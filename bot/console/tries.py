"""How often somebody tried lately. In memory, by each process: a restart forgets it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

MANY = 10_000
"""So many counts are kept before old ones are looked for."""
LOOK_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Limit:
    most: int
    within: timedelta


OF_ADDRESS = Limit(30, timedelta(minutes=1))
"""On any names together: nobody may try one password on everybody."""
OF_NAME_FROM_ADDRESS = Limit(10, timedelta(minutes=1))
OF_NAME = Limit(30, timedelta(minutes=15))
"""From all browsers together that were never signed in with it."""
OF_DEVICE = Limit(10, timedelta(minutes=1))
"""From one that was. It has its own count: whatever strangers try, it stays open."""
CODES = Limit(10, timedelta(hours=1))

Count: TypeAlias = tuple[tuple[str, ...], Limit]


class Tries:
    def __init__(self) -> None:
        self._tries: dict[tuple[str, ...], tuple[Limit, deque[datetime]]] = {}
        self._looked: datetime | None = None

    def allow(self, now: datetime, *counts: Count) -> bool:
        """Counted where every one of these counts has room; otherwise nowhere."""
        if not all(self._has_room(now, *one) for one in counts):
            return False
        if len(self._tries) > MANY and (self._looked is None or now - self._looked > LOOK_EVERY):
            self._forget_old(now)
        for key, limit in counts:
            self._tries.setdefault(key, (limit, deque(maxlen=limit.most)))[1].append(now)
        return True

    def _has_room(self, now: datetime, key: tuple[str, ...], limit: Limit) -> bool:
        _, tries = self._tries.get(key, (limit, deque[datetime]()))
        return len(tries) < limit.most or tries[0] <= now - limit.within

    def _forget_old(self, now: datetime) -> None:
        self._looked = now
        self._tries = {key: (limit, tries) for key, (limit, tries) in self._tries.items()
                       if tries[-1] > now - limit.within}

    def __len__(self) -> int:
        return len(self._tries)
