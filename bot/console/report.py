"""What is kept how long, what has gone, and the numbers that stay, for coordinators: counts, no people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.console.guard import HOME
from bot.retention import ages
from conversations.marking import mark_for_desk as _d
from storage import audit, outside, retention, statistics
from storage.outside import Spending
from storage.retention import KINDS, Ages, Due, Kind
from storage.staff import CounsellorView
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
    outside: Spending


class Report:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/report", self.page, methods=["GET"])
        router.add_api_route("/report/budget", self.budget, methods=["POST"])

    async def page(self, me: Me) -> Response:
        return await self._page(me)

    async def _page(self, me: CounsellorView, trouble: str = "", status: int = 200) -> Response:
        await self.auth.note(me, "see_report")
        parts = self.auth.parts
        kept, now = ages(parts.settings), parts.clock.now()
        seen = await parts.store.read(lambda connection: _seen(connection, kept, now))
        return self.auth.look.page("report_page.html", status=status, me=me, seen=seen, least=statistics.LEAST,
                                   costs=bool(parts.settings.viber_token), trouble=trouble)

    async def budget(self, me: Me, messages: Annotated[str, Form()] = "") -> Response:
        """How many messages a month we may begin where they cost."""
        if not re.fullmatch(r"[0-9]{1,6}", messages.strip()):
            return await self._page(me, _d("Write a whole number from 0 to 999999."), 422)
        parts, most = self.auth.parts, int(messages)

        def work(connection: Connection) -> None:
            outside.set_budget(connection, most)
            audit.note(connection, me.id, "set_budget", None, parts.clock.now(), messages=most)

        await parts.store.write(work)
        return RedirectResponse(f"{HOME}/report", 303)


def _seen(connection: Connection, kept: Ages, now: datetime) -> Seen:
    months = groupby(statistics.cells(connection), key=attrgetter("month"))
    return Seen(
        [Kept(kind, kept.days(kind), retention.due(connection, kind, kept, now)) for kind in KINDS],
        retention.reports(connection),
        [(month, tuple(cells)) for month, cells in months],
        outside.spending(connection, now),
    )
