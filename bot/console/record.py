"""The record of who did what and who read what, for coordinators: to read, never to change."""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.console.guard import Number
from storage import audit, staff


class Record:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/record", self.page, methods=["GET"])

    async def page(self, me: Me, before: Number | None = None, counsellor: Number = 0, person: str = "") -> Response:
        """The newest first; of one counsellor or about one person on wish. Reading it is noted in it."""
        contact_id = whole(person)
        await self.auth.note(me, "see_record")
        store = self.auth.parts.store
        entries = await store.read(
            lambda connection: audit.entries(connection, before, counsellor or None, contact_id or None))
        team = await store.read(staff.list_counsellors)
        return self.auth.look.page(
            "record_page.html", me=me, entries=entries, team=team, counsellor=counsellor, person=contact_id,
            names={one.id: one.name for one in team}, before=before,
            earlier=entries[-1].id if len(entries) == audit.MOST else None,
        )


def whole(typed: str) -> int:
    """A number as it was typed into a field; what is none, or nothing, counts as nobody's."""
    return int(typed) if re.fullmatch(r"[0-9]{1,18}", typed.strip()) else 0
