"""Whether one is here, and how many chats one can have: what each counsellor says of themselves."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.console.guard import HOME, local_page
from storage import audit, presence
from storage.presence import Reason

Text = Annotated[str, Form()]


class Presences:
    def __init__(self, auth: Auth) -> None:
        self.parts = auth.parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/presence", self.say, methods=["POST"])

    async def say(
        self, me: Me, state: Text = "here", most: Annotated[int, Form()] = presence.USUAL_MOST, back: Text = HOME
    ) -> Response:
        """What is no reason of ours counts as being here; a number that is none of ours comes as near as it can."""
        away: Reason | None = next((one for one in get_args(Reason) if one == state), None)
        room, now = min(max(most, presence.LEAST), presence.MOST), self.parts.clock.now()

        def work(connection: Connection) -> None:
            presence.say(connection, me.id, away, room, now)
            audit.note(connection, me.id, "presence", None, now, away=away is not None)

        await self.parts.store.write(work)
        return RedirectResponse(local_page(back), 303)
