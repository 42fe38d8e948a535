"""The record of who did what and who read what, for coordinators: to read, never to change."""

from __future__ import annotations

import re

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.console.guard import HOME, Number
from storage import audit, staff, walls


class Record:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/record", self.page, methods=["GET"])
        router.add_api_route("/record/overrides/{override_id}", self.saw, methods=["POST"])

    async def page(self, me: Me, before: Number | None = None, counsellor: Number = 0, person: str = "") -> Response:
        """The newest first; of one counsellor or about one person on wish. Reading it is noted in it."""
        contact_id = whole(person)
        await self.auth.note(me, "see_record")
        store = self.auth.parts.store
        entries = await store.read(
            lambda connection: audit.entries(connection, before, counsellor or None, contact_id or None))
        team = await store.read(staff.list_counsellors)
        looks = await store.read(lambda connection: walls.looks(connection, unseen=True))
        return self.auth.look.page(
            "record_page.html", me=me, looks=looks, entries=entries, team=team, counsellor=counsellor,
            person=contact_id, names={one.id: one.name for one in team}, before=before,
            earlier=entries[-1].id if len(entries) == audit.MOST else None,
        )

    async def saw(self, me: Me, override_id: Number) -> Response:
        """A coordinator has read why somebody looked over the wall."""
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> None:
            contact_id = walls.mark_seen(connection, override_id, me.id, now)
            if contact_id is not None:
                audit.note(connection, me.id, "saw_override", contact_id, now, override=override_id)

        await self.auth.parts.store.write(work)
        return RedirectResponse(f"{HOME}/record", 303)


def whole(typed: str) -> int:
    """A number as it was typed into a field; what is none, or nothing, counts as nobody's."""
    return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed.strip()) else 0
