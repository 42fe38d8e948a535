"""A private link that opens this chat in another browser. The page shows it to whoever asks; it is said in no message.

What stands behind the # of the link reaches no server, no proxy and no other page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from bot.clock import local_date
from bot.origin import network_of
from bot.receive.kept import WAY_BACK
from bot.translate import Translator
from bot.web.answers import Refused, answer, read_body, refusal
from bot.web.browser import (
    LONG,
    TOKEN,
    address_of,
    is_embedded,
    keep,
    new_token,
    signed_in,
    token_for,
    token_of,
)
from bot.web.chat_texts import BACK_TEXTS, HOLDS
from bot.web.pace import Pace
from bot.web.page import LEAVE_TO, PAGE_HEADERS, html_lang, template, version
from bot.web.reading import read_key, takes
from storage import contacts, one_phone, ways_back
from storage.store import Store, StoreError

OPENS = "/back"
MADE_AT_ONCE, MADE_A_SECOND = 5, 0.05
"""Of one chat."""
TRIED_AT_ONCE, TRIED_A_SECOND = 20, 0.1
"""From one network address: a whole shelter may share one. Guessing is hopeless anyway."""


@dataclass(frozen=True)
class WayBack:
    store: Store
    translator: Translator
    now: Callable[[], datetime]
    time_zone: str
    secure: bool
    secret: bytes
    """Of all processes together."""
    made: Pace = field(default_factory=lambda: Pace(MADE_AT_ONCE, MADE_A_SECOND))
    tried: Pace = field(default_factory=lambda: Pace(TRIED_AT_ONCE, TRIED_A_SECOND))

    async def show(self, request: Request) -> Response:
        """Whether there is a link, and until when."""
        return await self._own(request, changes=False)

    async def change(self, request: Request) -> Response:
        """Make a link, end it, or close the chat in every other browser."""
        return await self._own(request, changes=True)

    async def _own(self, request: Request, changes: bool) -> Response:
        try:
            address = signed_in(request)
            body = await read_body(request) if changes else {}
            if changes and (seconds := self.made.wait(address)):
                raise Refused(429, "too_fast", seconds)
            wish, token = body.get("do"), token_of(request) or ""
            new = token_for(self.secret, f"{read_key(body)} {token}") if wish == "only_here" else ""
            work = partial(self._work, address=address, token=token, wish=wish, new=new)
            found = await (self.store.write if changes else self.store.read)(work)
        except Refused as why:
            return refusal(why)
        except StoreError:
            return refusal(Refused(503, "try_later"))
        response = answer(found)
        if new:
            keep(response, self.secure or request.url.scheme == "https", new, is_embedded(request))
        return response

    def _work(self, connection: Connection, address: str, token: str, wish: object, new: str) -> dict[str, Any]:
        """`new`: the token that this browser has from now on. Whoever did not hear of it asks again, with its key."""
        contact_id = contacts.who(connection, "web", address)
        if new and (done := contacts.who(connection, "web", address_of(new))) is not None:
            contact_id, address, wish = done, address_of(new), None
        if contact_id is None or one_phone.at(connection, "web", address) is not None:
            raise Refused(404, "no_chat")  # where several people share it, a link would open the chats of all
        found = self._change(connection, contact_id, token, wish, new) if wish is not None else {}
        until = ways_back.until(connection, contact_id, self.now())
        language = contacts.load(connection, [contact_id])[contact_id].language
        day = self.translator.day(language, local_date(until, self.time_zone)) if until else ""
        return {**found, "holds": self.translator.text(language, HOLDS, date=day) if until else "",
                "texts": self._texts(language)}

    def _texts(self, language: str) -> dict[str, str]:
        return {name: self.translator.text(language, text) for name, text in BACK_TEXTS.items()}

    def _change(
        self, connection: Connection, contact_id: int, token: str, wish: object, new: str
    ) -> dict[str, Any]:
        match wish:
            case "make":
                return {"link": f"{OPENS}#{ways_back.make(connection, contact_id, token, self.now())}"}
            case "end":
                ways_back.end(connection, contact_id)
                return {}
            case "only_here":
                ways_back.change(connection, contact_id, address_of(token), address_of(new))
                return {}
        raise Refused(422, "bad_wish")

    async def page(self, request: Request) -> Response:
        """The same for everybody: whoever looks at it, as some programs do by themselves, uses nothing up."""
        language = self.translator.closest(request.headers.get("accept-language", ""))
        page = template("back.html").render(lang=html_lang(language), version=version(), leave_to=LEAVE_TO,
                                  has_chat=token_of(request) is not None, t=self._texts(language))
        return Response(page, media_type="text/html", headers=PAGE_HEADERS)

    async def open(self, request: Request) -> Response:
        """This browser has the chat from now on."""
        try:
            body = await read_body(request)
            key, page = body.get("key"), body.get("page")
            if seconds := self.tried.wait(network_of(request)):
                raise Refused(429, "too_fast", seconds)
            if not isinstance(key, str) or not TOKEN.fullmatch(key):
                raise Refused(410, "too_old")
            if not isinstance(page, str) or len(page) < LONG:
                page = new_token()  # it is opened once
            token = await self.store.write(lambda c: ways_back.use(c, key, page, address_of, self.now()))
        except Refused as why:
            return refusal(why)
        except StoreError:
            return refusal(Refused(503, "try_later"))
        if token is None:
            return refusal(Refused(410, "too_old"))
        response = answer({"ok": True})
        keep(response, self.secure or request.url.scheme == "https", token)
        return response


def way_back_routes(way: WayBack) -> APIRouter:
    router = APIRouter()
    router.add_api_route(WAY_BACK, way.show, methods=["GET"])
    router.add_api_route(WAY_BACK, way.change, methods=["POST"], openapi_extra=takes("do", "key"))
    router.add_api_route(OPENS, way.page, methods=["GET"])
    router.add_api_route(OPENS, way.open, methods=["POST"], openapi_extra=takes("key", "page"))
    return router
