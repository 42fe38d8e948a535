"""The end of a case on the page of a person: announced, closed with a reason, and open again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.pages import Trouble
from bot.console.people.forms import LONGEST_LINE, Shown, read_day, read_text, why_too_long
from conversations.marking import mark_for_desk as _d
from storage.closings import REASONS

if TYPE_CHECKING:
    from bot.console.people.pages import People

Text = Annotated[str, Form()]
NO_REASON, NO_DAY = _d("Choose why."), _d("Choose the day.")


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
        work = self.desk.close_case(contact_id, me.id, why, note, bool(tell))
        return await self.people.done(me, contact_id, "closing", trouble, work)

    async def announce(self, me: Me, contact_id: Number, day: Text = "") -> Response:
        on = read_day(day)
        if on is None:
            shown = Shown(trouble=Trouble("closing", NO_DAY), status=422)
            return await self.people.show(me, contact_id, shown)
        work = self.desk.announce_end(contact_id, me.id, on)
        return await self.people.done(me, contact_id, "closing", Trouble("closing", ""), work)

    async def undo(self, me: Me, contact_id: Number) -> Response:
        work = self.desk.reopen_case(contact_id, me.id)
        return await self.people.done(me, contact_id, "closing", Trouble("closing", ""), work)
