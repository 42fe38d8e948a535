"""The end of a case on the page of a person: announced, closed with a reason, and open again."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import HOME, Number
from bot.console.pages import Trouble
from bot.console.people.forms import LONGEST_LINE, Shown, read_day, read_text, why_too_long
from storage.closings import REASONS
from storage.desk import DeskError
from storage.staff import CounsellorView

if TYPE_CHECKING:
    from bot.console.people.pages import People

Text = Annotated[str, Form()]
NO_REASON, NO_DAY = "Choose why.", "Choose the day."


class Ending:
    def __init__(self, people: People) -> None:
        self.people, self.desk = people, people.parts.desk

    def add_to(self, router: APIRouter) -> None:
        for path, action in (("closing", self.close), ("closing/announce", self.announce), ("closing/undo", self.undo)):
            router.add_api_route(f"/people/{{contact_id}}/{path}", action, methods=["POST"])

    async def close(self, me: Me, contact_id: Number, why: Text = "", note: Text = "", tell: Text = "") -> Response:
        note = read_text(note)
        trouble = Trouble("closing", "" if why in REASONS else NO_REASON, note)
        if not trouble.sentence:
            trouble = Trouble("closing", why_too_long(note, LONGEST_LINE), note)
        return await self._done(me, contact_id, trouble, self.desk.close_case(contact_id, me.id, why, note, bool(tell)))

    async def announce(self, me: Me, contact_id: Number, day: Text = "") -> Response:
        on = read_day(day)
        if on is None:
            shown = Shown(trouble=Trouble("closing", NO_DAY), status=422)
            return await self.people.show(me, contact_id, shown)
        return await self._done(me, contact_id, Trouble("closing", ""), self.desk.announce_end(contact_id, me.id, on))

    async def undo(self, me: Me, contact_id: Number) -> Response:
        return await self._done(me, contact_id, Trouble("closing", ""), self.desk.reopen_case(contact_id, me.id))

    async def _done(
        self, me: CounsellorView, contact_id: int, trouble: Trouble, done: Coroutine[Any, Any, None]
    ) -> Response:
        if trouble.sentence:
            done.close()
            return await self.people.show(me, contact_id, Shown(trouble=trouble, status=422))
        try:
            await done
        except DeskError as error:
            said = Trouble("closing", str(error), trouble.text)
            return await self.people.show(me, contact_id, Shown(trouble=said, status=409))
        return RedirectResponse(f"{HOME}/people/{contact_id}#closing", 303)
