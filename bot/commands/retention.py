"""What has been kept long enough: shown, or cleared away now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from bot.clock import Clock
from bot.retention import Retention, ages
from bot.settings import PREFIX, Settings
from storage import retention
from storage.retention import KINDS, Ages, Kind
from storage.store import Store

WHAT: Mapping[Kind, tuple[str, str]] = {
    "messages": ("messages", "older than {days} days, and no talk that they belong to is open or ended later "
                             f"({PREFIX}RETENTION_CHAT_DAYS)"),
    "wellbeing": ("conversations with answers about feelings or health", "not touched for {days} days; those answers "
                  f"go ({PREFIX}RETENTION_WELLBEING_DAYS)"),
    "cases": ("people", f"without contact for {{days}} days and nothing open ({PREFIX}RETENTION_CASE_DAYS)"),
    "people": ("addresses of people", "who are forgotten, and to whom nothing is to be sent any more"),
}


def shown(connection: Connection, settings: Settings, now: datetime) -> Iterator[str]:
    """What would go and why, a line for each kind."""
    kept = ages(settings)
    for kind in KINDS:
        found = retention.due(connection, kind, kept, now)
        since = f", the oldest of {found.oldest:%d %B %Y}" if found.oldest else ""
        yield f"{found.count} {_described(kind, kept)}{since}"


def cleared(engine: Engine, settings: Settings, clock: Clock) -> list[str]:
    """Clear it away as the service does, and leave a report."""
    kept = ages(settings)
    counts = asyncio.run(_run(engine, kept, clock))
    return [f"{counts[kind]} {_described(kind, kept)}" for kind in KINDS]


async def _run(engine: Engine, kept: Ages, clock: Clock) -> dict[str, int]:
    store = Store(engine)
    try:
        return await Retention(store, clock, kept).run()
    finally:
        await asyncio.to_thread(store.close)


def _described(kind: Kind, kept: Ages) -> str:
    what, why = WHAT[kind]
    return f"{what}: {why.format(days=kept.days(kind))}"
