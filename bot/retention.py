"""Clears away, hour by hour, what has been kept as long as was promised."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.clock import Clock
from bot.settings import Settings
from storage import retention
from storage.retention import KINDS, PORTION, Ages
from storage.store import Store


def ages(settings: Settings) -> Ages:
    return Ages(timedelta(days=settings.retention_chat_days), timedelta(days=settings.retention_wellbeing_days),
                timedelta(days=settings.retention_case_days))


class Retention:
    def __init__(self, store: Store, clock: Clock, ages: Ages) -> None:
        self.store, self.clock, self.ages = store, clock, ages

    async def run(self) -> dict[str, int]:
        """Everything that is due, a portion at a time; how much of each kind it was. Raises StoreError."""
        now = self.clock.now()
        counts: dict[str, int] = dict.fromkeys(KINDS, 0)
        for kind in KINDS:
            portion = PORTION
            while portion == PORTION:
                portion = await self.store.write(partial(retention.clear, kind=kind, ages=self.ages, now=now))
                counts[kind] += portion
        await self.store.write(partial(retention.report, counts=counts, now=now))
        return counts
