"""What has been kept long enough: shown, or cleared away now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from bot.retention import ages
from bot.settings import PREFIX, Settings
from storage import retention
from storage.retention import KINDS, PORTION, Ages, Kind

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


def cleared(engine: Engine, settings: Settings, now: datetime) -> Iterator[str]:
    """Clear it away, a portion a transaction, and leave a report."""
    kept = ages(settings)
    counts: dict[str, int] = dict.fromkeys(KINDS, 0)
    for kind in KINDS:
        portion = PORTION
        while portion == PORTION:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                portion = retention.clear(connection, kind, kept, now)
            counts[kind] += portion
        yield f"{counts[kind]} {_described(kind, kept)}"
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        retention.report(connection, counts, now)


def _described(kind: Kind, kept: Ages) -> str:
    what, why = WHAT[kind]
    days = {"messages": kept.chat, "wellbeing": kept.wellbeing, "cases": kept.case}.get(kind)
    return f"{what}: {why.format(days=days.days if days else '')}"
