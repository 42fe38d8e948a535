"""My day: everything that needs one counsellor, in one view; for coordinators also the team's."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from bot.clock import local_date
from bot.console import policy
from bot.console.auth import Auth, Me
from storage import day, walls
from storage.appointments import LEADS
from storage.day import Day, Load
from storage.walls import OverrideView

Team = tuple[list[Load], list[str], list[OverrideView]]


class MyDay:
    def __init__(self, auth: Auth) -> None:
        self.auth, self.parts = auth, auth.parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/day", self.page, methods=["GET"])

    async def page(self, me: Me) -> Response:
        await self.auth.note(me, "see_day")
        now, manages = self.parts.clock.now(), policy.may(me.role, "team", "see")
        today = local_date(now, self.parts.settings.time_zone)
        tonight = datetime.combine(today + timedelta(days=1), time(), self.auth.look.zone).astimezone(UTC)

        def look(connection: Connection) -> tuple[Day, Team | None]:
            found = day.day(connection, me, manages, today, tonight, now)
            if not manages:
                return found, None
            return found, (day.loads(connection, now), day.nobody_works_in(connection),
                           walls.looks(connection, unseen=True))

        found, team = await self.parts.store.read(look)
        return self.auth.look.page(
            "day_page.html", me=me, day=found, team=team, today=today, most=day.MOST,
            attention=found.counts.attention, lately=day.LATELY.days, quiet=day.QUIET_AFTER.days,
            leads=LEADS,
        )
