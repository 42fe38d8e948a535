"""What is kept how long, what has gone, and the numbers that stay, for coordinators: counts, no people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.retention import ages
from storage import retention, statistics
from storage.retention import KINDS, Ages, Due, Kind
from storage.statistics import Cell


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data: for how many days it is kept (None: as long as it must), and what would go now."""

    kind: Kind
    days: int | None
    due: Due


@dataclass(frozen=True, slots=True)
class Seen:
    kept: Sequence[Kept]
    runs: Sequence[tuple[datetime, dict[str, int]]]
    months: Sequence[tuple[str, Sequence[Cell]]]


class Report:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/report", self.page, methods=["GET"])

    async def page(self, me: Me) -> Response:
        await self.auth.note(me, "see_report")
        parts = self.auth.parts
        kept, now = ages(parts.settings), parts.clock.now()
        seen = await parts.store.read(lambda connection: _seen(connection, kept, now))
        return self.auth.look.page("report_page.html", me=me, seen=seen, least=statistics.LEAST)


def _seen(connection: Connection, kept: Ages, now: datetime) -> Seen:
    months = groupby(statistics.cells(connection), key=attrgetter("month"))
    return Seen(
        [Kept(kind, kept.days(kind), retention.due(connection, kind, kept, now)) for kind in KINDS],
        retention.reports(connection),
        [(month, tuple(cells)) for month, cells in months],
    )
