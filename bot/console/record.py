"""The record of who did what and who read what, for coordinators: to read, never to change."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.console.guard import ConsoleRoute, Number
from storage import audit, staff


class Record:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth

    def routes(self) -> APIRouter:
        router = APIRouter(route_class=ConsoleRoute)
        router.add_api_route("/record", self.page, methods=["GET"])
        return router

    async def page(self, me: Me, before: Number | None = None, counsellor: Number = 0, person: Number = 0) -> Response:
        """The newest first; of one counsellor or about one person on wish. Reading it is noted in it."""
        await self.auth.note(me, "see_record")
        store = self.auth.parts.store
        entries = await store.read(
            lambda connection: audit.entries(connection, before, counsellor or None, person or None))
        team = await store.read(staff.list_counsellors)
        return self.auth.look.page(
            "record_page.html", me=me, entries=entries, team=team, counsellor=counsellor, person=person,
            names={one.id: one.name for one in team}, before=before,
            earlier=entries[-1].id if len(entries) == audit.MOST else None,
        )
