"""Canned replies: written by a coordinator, read by everybody, found in a chat by typing "/"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot import cards
from bot.cards import Shelf
from bot.console.actions import typed
from bot.console.auth import Auth, Me
from bot.console.guard import HOME, Number
from bot.console.pages import Trouble
from bot.render import Knowledge
from bot.translate import stored_languages
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import audit, canned, desk, plans
from storage.canned import LONGEST_NAME, LONGEST_TEXT
from storage.desk import TicketView
from storage.staff import CounsellorView

REPLIES = f"{HOME}/replies"
LANGUAGES = stored_languages()
Text = Annotated[str, Form()]


class Replies:
    def __init__(self, auth: Auth) -> None:
        self.auth, self.parts = auth, auth.parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/replies", self.page, methods=["GET"])
        router.add_api_route("/replies", self.add, methods=["POST"])
        router.add_api_route("/replies/{canned_id}", self.change, methods=["POST"])
        router.add_api_route("/replies/{canned_id}/remove", self.remove, methods=["POST"])
        router.add_api_route("/tickets/{ticket_id}/cards", self.find, methods=["GET"])

    async def page(self, me: Me) -> Response:
        return await self._page(me)

    async def _page(
        self, me: CounsellorView, trouble: Trouble | None = None, texts: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        known = await self.parts.store.read(canned.everything)
        return self.auth.look.page(
            "replies_page.html", status=status, me=me, known=known, trouble=trouble, texts=texts or {},
            languages=LANGUAGES, places=cards.PLACES, longest=LONGEST_TEXT,
        )

    async def add(self, request: Request, me: Me, name: Text = "") -> Response:
        return await self._save(request, me, name, None)

    async def change(self, request: Request, me: Me, canned_id: Number, name: Text = "") -> Response:
        return await self._save(request, me, name, canned_id)

    async def _save(self, request: Request, me: CounsellorView, name: str, canned_id: int | None) -> Response:
        name, form, now = typed(name), await request.form(), self.parts.clock.now()
        texts = {one: typed(str(form.get(f"text-{one}", ""))) for one in LANGUAGES}
        trouble = Trouble(f"reply-{canned_id or 0}", _unfit(name, texts), name)
        kept = {one: text for one, text in texts.items() if text}

        def work(connection: Connection) -> bool:
            audit.note(connection, me.id, "set_replies", None, now)
            if canned_id is None:
                return canned.add(connection, name, kept, now)
            return canned.change(connection, canned_id, name, kept, now)

        if trouble.sentence:
            return await self._page(me, trouble, texts, 422)
        if not await self.parts.store.write(work):
            taken = Phrase("There is a reply called “{name}” already, or this one is gone.", name=name)
            trouble = Trouble(trouble.form, taken, name)
            return await self._page(me, trouble, texts, 409)
        return RedirectResponse(REPLIES, 303)

    async def remove(self, me: Me, canned_id: Number) -> Response:
        now = self.parts.clock.now()

        def work(connection: Connection) -> None:
            canned.remove(connection, canned_id)
            audit.note(connection, me.id, "set_replies", None, now)

        await self.parts.store.write(work)
        return RedirectResponse(REPLIES, 303)

    async def find(self, me: Me, ticket_id: Number, find: str = "") -> Response:
        """What fits what was typed after the "/", in the person's language, filled in."""
        shelf = await self.parts.store.read(lambda connection: self._shelf(connection, me, ticket_id))
        if shelf is None:
            return JSONResponse([], 404)
        return JSONResponse([{"kind": one.kind, "name": one.name, "text": one.text, "language": one.language,
                              "other": one.language != shelf.base} for one in shelf.find(find[:100])])

    def _shelf(self, connection: Connection, me: CounsellorView, ticket_id: int) -> Shelf | None:
        ticket, parts = desk.ticket(connection, ticket_id), self.parts
        if ticket is None:
            return None
        today = parts.clock.now().astimezone(self.auth.look.zone).date()
        knowledge = Knowledge(parts.register, parts.settings.show_unverified_facts)
        return Shelf(canned.everything(connection), plans.agreed(connection, ticket.contact_id), ticket.language, today,
                     knowledge, parts.translator, self._places(me, ticket))

    def _places(self, me: CounsellorView, ticket: TicketView) -> dict[str, str]:
        settings, known = self.parts.settings, ticket.name != desk.name_of(ticket.contact_id, None)
        return {"name": ticket.name if known else "", "counsellor": me.name, "centre": settings.centre_name,
                "phone": settings.centre_phone, "address": settings.centre_address}


def _unfit(name: str, texts: Mapping[str, str]) -> str:
    if not name or len(name) > LONGEST_NAME or "\n" in name:
        return Phrase("Give it a short name to find it by, of at most {most} characters.", most=LONGEST_NAME)
    if not any(texts.values()):
        return _d("Write the text in at least one language.")
    if longest := next((one for one in texts.values() if len(one) > LONGEST_TEXT), None):
        return Phrase("A text has {length} characters; there is room for {most}.", length=len(longest),
                      most=LONGEST_TEXT)
    unknown = sorted({one for text in texts.values() for one in cards.unknown_places(text)})
    if unknown:
        return Phrase("Nobody could fill in {word}. There are: {words}.", word=f"{{{unknown[0]}}}",
                      words=", ".join(f"{{{one}}}" for one in cards.PLACES))
    return ""
