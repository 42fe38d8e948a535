"""What a page has got of a talk with a counsellor, and whether somebody has looked: counsellors see both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from bot.web.answers import Refused, answer, read_body, refusal
from bot.web.browser import signed_in
from bot.web.pace import Pace
from storage import contacts, messages
from storage.news import tell
from storage.store import Store, StoreError

AT_ONCE, A_SECOND = 20, 1.0
HIGHEST = 2**53
"""No page knows a higher number."""


def arrival_routes(store: Store, now: Callable[[], datetime], pace: Pace | None = None) -> APIRouter:
    arrivals = _Arrivals(store, now, pace or Pace(AT_ONCE, A_SECOND))
    router = APIRouter()
    router.add_api_route("/chat/seen", arrivals.note, methods=["POST"], openapi_extra=_TAKES)
    return router


class _Arrivals:
    def __init__(self, store: Store, now: Callable[[], datetime], pace: Pace) -> None:
        self.store, self.now, self.pace = store, now, pace

    async def note(self, request: Request) -> Response:
        try:
            address = signed_in(request)
            body = await read_body(request)
            up_to, seen = _number(body.get("up_to")), body.get("seen") is True
            if seconds := self.pace.wait(address):
                raise Refused(429, "too_fast", seconds)
            await self.store.write(lambda connection: _note(connection, address, up_to, seen, self.now()))
        except Refused as why:
            return refusal(why)
        except StoreError:
            return refusal(Refused(503, "try_later"))
        return answer({"ok": True}, 202)


def _note(connection: Connection, address: str, up_to: int, seen: bool, now: datetime) -> None:
    contact_id = contacts.who(connection, "web", address)
    if contact_id is not None and messages.arrived(connection, contact_id, "web", address, up_to, seen, now):
        tell(connection, [f"contact:{contact_id}"])


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < HIGHEST:
        raise Refused(422, "bad_number")
    return value


_TAKES = {"requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {
    "up_to": {"type": "integer"}, "seen": {"type": "boolean"}}}}}}}
