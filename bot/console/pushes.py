"""A browser of the team that is woken when somebody needs a person now: as long as it is signed in, on wish."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console.auth import COOKIE, Auth, Me
from storage.pushes import desk

Text = Annotated[str, Form()]


class Pushes:
    def __init__(self, auth: Auth) -> None:
        self.parts = auth.parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/push", self.change, methods=["POST"])

    async def change(self, me: Me, request: Request, endpoint: Text = "") -> Response:
        """Where to wake it; nowhere: not any more."""
        push, token, now = self.parts.push, request.cookies.get(COOKIE, ""), self.parts.clock.now()
        if push is None:
            return Response(status_code=404)
        if endpoint and not push.places.takes(endpoint):
            return Response(status_code=422)

        def work(connection: Connection) -> None:
            if endpoint:
                desk.turn_on(connection, me.id, token, endpoint, now)
            else:
                desk.turn_off(connection, token)

        await self.parts.store.write(work)
        return Response(status_code=204)
