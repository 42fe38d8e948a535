"""What counsellors do with a chat beside writing in it: the POST routes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from bot.console.actions import MOST_REASON, done, typed, why_not
from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.labels import AREAS
from bot.console.pages import Pages, Trouble
from bot.console.parts import ConsoleParts
from bot.console.policy import may
from bot.receive.moves import Moves
from conversations.marking import mark_for_desk as _d
from storage.staff import CounsellorView

MORNING = time(8)
"""When a chat wakes on the day that was chosen."""
FARTHEST = timedelta(days=366)
CHOOSE_WHO = _d("Choose to whom the chat goes.")
CHOOSE_A_DAY = _d("Choose a day from tomorrow on, at most a year ahead. Without one it sleeps until they write.")
Text = Annotated[str, Form()]
Seen = Annotated[Number, Form()]
"""With whom the page showed the chat; 0 for nobody."""


class ChatMoves:
    def __init__(self, parts: ConsoleParts, pages: Pages) -> None:
        self.clock, self.pages = parts.clock, pages
        self.moves = Moves(parts.store, parts.clock)

    def add_to(self, router: APIRouter) -> None:
        for name, action in (
            ("take-over", self.take_over), ("transfer", self.transfer), ("consult", self.consult),
            ("sleep", self.sleep), ("wake", self.wake),
        ):
            router.add_api_route(f"/tickets/{{ticket_id}}/{name}", action, methods=["POST"])

    async def take_over(self, me: Me, ticket_id: Number, seen: Seen = 0, reason: Text = "") -> Response:
        trouble = _trouble("take-over", reason, least=0)
        return await self._done(
            me, ticket_id, trouble, lambda: self.moves.take_over(ticket_id, me, seen, trouble.text))

    async def transfer(
        self, me: Me, ticket_id: Number, seen: Seen = 0, to: Text = "", reason: Text = ""
    ) -> Response:
        trouble = _trouble("transfer", reason, to)
        distributes = may(me.role, "chats", "distribute")
        kind, _, which = to.partition(":")
        if kind == "colleague" and re.fullmatch("[0-9]{1,18}", which):
            return await self._done(me, ticket_id, trouble, lambda: self.moves.hand_to(
                ticket_id, me, seen, int(which), trouble.text, distributes))
        if kind == "area" and which in AREAS:
            return await self._done(me, ticket_id, trouble, lambda: self.moves.hand_to_area(
                ticket_id, me, seen, which, trouble.text, distributes))
        return await self._refused(me, ticket_id, replace(trouble, sentence=CHOOSE_WHO))

    async def consult(self, me: Me, ticket_id: Number, colleague: Seen = 0, text: Text = "") -> Response:
        trouble = _trouble("consult", text, str(colleague))
        if not colleague:
            trouble = replace(trouble, sentence=_d("Choose whom you ask."))
        return await self._done(
            me, ticket_id, trouble, lambda: self.moves.consult(ticket_id, me, colleague, trouble.text))

    async def sleep(self, me: Me, ticket_id: Number, until: Text = "") -> Response:
        trouble = Trouble("sleep", "", until)
        try:
            wakes_at = self._wakes_at(until)
        except ValueError:
            return await self._refused(me, ticket_id, replace(trouble, sentence=CHOOSE_A_DAY))
        return await self._done(me, ticket_id, trouble, lambda: self.moves.sleep(ticket_id, me, wakes_at))

    def _wakes_at(self, until: str) -> datetime | None:
        """In the morning of that day where the centre is; ValueError where that is no day that fits."""
        if not until:
            return None
        zone, now = self.pages.look.zone, self.clock.now()
        wakes_at = datetime.combine(date.fromisoformat(until), MORNING, zone)
        if not now.astimezone(zone).date() < wakes_at.date() <= (now + FARTHEST).date():
            raise ValueError(until)
        return wakes_at

    async def wake(self, me: Me, ticket_id: Number) -> Response:
        return await self._done(
            me, ticket_id, Trouble("sleep", ""), lambda: self.moves.wake(ticket_id, me))

    async def _done(
        self, me: CounsellorView, ticket_id: int, trouble: Trouble, work: Callable[[], Awaitable[None]]
    ) -> Response:
        if trouble.sentence:
            return await self._refused(me, ticket_id, trouble)
        return await done(self.pages, me, ticket_id, work(), trouble)

    async def _refused(self, me: CounsellorView, ticket_id: int, trouble: Trouble) -> Response:
        return await self.pages.ticket_page(me, ticket_id, trouble=trouble, status=422)


def _trouble(form: str, text: str, chosen: str = "", least: int = 1) -> Trouble:
    """What is wrong with a text that goes with a move; without a sentence where it fits."""
    text = typed(text)
    return Trouble(form, why_not(text, least, MOST_REASON), text, chosen)
