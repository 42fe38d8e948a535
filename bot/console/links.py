"""Links that are handed out: an address for each channel, a picture of it to scan, and a poster in each language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.actions import typed
from bot.console.auth import Auth, Me
from bot.console.guard import HOME, Number
from bot.console.pages import NOT_FOUND, Trouble
from bot.console.qr import picture
from conversations.marking import Phrase
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage import audit, ways
from storage.staff import CounsellorView
from storage.ways import LONGEST_NAME, Way

LINKS = f"{HOME}/links"
GONE = _d("There is no such link.")
TITLE = _("Back in Kosovo?")
WHAT = _("Write to us about work, papers, school, housing, or what weighs on you.")
HOW = _("It is free. You decide what you tell us. Our counsellors answer there too.")
SCAN = _("Point your phone's camera at a picture.")
BY_HAND = _("Or type this address on your phone:")
Text = Annotated[str, Form()]


class Links:
    def __init__(self, auth: Auth) -> None:
        self.auth, self.parts = auth, auth.parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/links", self.page, methods=["GET"])
        router.add_api_route("/links", self.add, methods=["POST"])
        router.add_api_route("/links/{way_id}/end", self.end, methods=["POST"])
        router.add_api_route("/links/{way_id}/poster", self.poster, methods=["GET"])

    async def page(self, me: Me) -> Response:
        return await self._page(me)

    async def _page(self, me: CounsellorView, trouble: Trouble | None = None, status: int = 200) -> Response:
        known = await self.parts.store.read(ways.everything)
        return self.auth.look.page(
            "links_page.html", status=status, me=me, known=[(one, self._addresses(one)) for one in known],
            languages=self.parts.translator.names(), trouble=trouble, longest=LONGEST_NAME,
        )

    async def add(self, me: Me, name: Text = "", language: Text = "") -> Response:
        name, now = typed(name), self.parts.clock.now()
        spoken = language if language in self.parts.translator.languages else None
        if not name or len(name) > LONGEST_NAME or "\n" in name:
            sentence = Phrase("Say where it will be handed out, in at most {most} characters: “Airport, poster”.",
                              most=LONGEST_NAME)
            return await self._page(me, Trouble("link", sentence, name), 422)

        def work(connection: Connection) -> None:
            ways.add(connection, name, spoken, me.id, now)
            audit.note(connection, me.id, "set_links", None, now)

        await self.parts.store.write(work)
        return RedirectResponse(LINKS, 303)

    async def end(self, me: Me, way_id: Number) -> Response:
        now = self.parts.clock.now()

        def work(connection: Connection) -> None:
            ways.end(connection, way_id, now)
            audit.note(connection, me.id, "set_links", None, now)

        await self.parts.store.write(work)
        return RedirectResponse(LINKS, 303)

    async def poster(self, me: Me, way_id: Number, language: str = "") -> Response:
        known = await self.parts.store.read(ways.everything)
        way = next((one for one in known if one.id == way_id), None)
        if way is None:
            return self.auth.look.page("missing.html", status=404, me=me, title=NOT_FOUND, sentence=GONE)
        translator = self.parts.translator
        spoken = language if language in translator.languages else way.language or translator.default
        texts = {name: translator.text(spoken, text) for name, text in
                 (("title", TITLE), ("what", WHAT), ("how", HOW), ("scan", SCAN), ("by_hand", BY_HAND))}
        return self.auth.look.page(
            "poster_page.html", me=me, way=way, spoken=spoken, lang=spoken.replace("_", "-"), texts=texts,
            pictures=[(name, address, picture(address)) for name, address in self._addresses(way)],
            languages=translator.names(), phone=self.parts.settings.centre_phone,
            address=self.parts.settings.centre_address,
        )

    def _addresses(self, way: Way) -> list[tuple[str, str]]:
        """On each channel that can be reached by an address: its name and the address."""
        return self.parts.links(way.code)
