"""The sign that a browser shows when something is new in its chat: wanted, kept up, ended by the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import FileResponse, Response

from bot.push import Push
from bot.receive.discreet import lies_hidden
from bot.translate import Translator
from bot.web.answers import Refused, answer, read_body, refusal
from bot.web.browser import signed_in
from bot.web.chat_texts import NOTICE, PUSH_TEXTS
from bot.web.pace import Pace
from bot.web.page import STATIC, html_lang
from bot.web.reading import takes
from storage.pushes import chat
from storage.pushes.chat import Owner
from storage.store import Store, StoreError

ROUTE = "/chat/push"
AT_ONCE, A_SECOND = 20, 1.0
HIGHEST = 2**53
WORKER = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class ChatPushes:
    store: Store
    translator: Translator
    now: Callable[[], datetime]
    push: Push
    pace: Pace = field(default_factory=lambda: Pace(AT_ONCE, A_SECOND))

    async def show(self, request: Request) -> Response:
        """Whether it may be offered, and all that the page needs to offer it."""
        try:
            address = signed_in(request)
            found = await self.store.read(partial(self._shown, address=address))
        except Refused as why:
            return refusal(why)
        except StoreError:
            return refusal(Refused(503, "try_later"))
        return answer(found)

    def _shown(self, connection: Connection, address: str) -> dict[str, Any]:
        owner = chat.owner(connection, address)
        if owner is None:
            raise Refused(404, "no_chat")
        return self._told(connection, owner, address)

    def _told(self, connection: Connection, owner: Owner, address: str) -> dict[str, Any]:
        say = partial(self.translator.text, owner.language)
        silent = bool((owner.discreet or {}).get("silent")) or lies_hidden(connection, owner.id, "web", address)
        return {
            "may": owner.agreed, "key": self.push.vapid.public,
            "notice": {"text": say(NOTICE), "lang": html_lang(owner.language), "silent": silent},
            "texts": {name: say(text, notice=say(NOTICE)) if name == "what" else say(text)
                      for name, text in PUSH_TEXTS.items()},
        }

    async def change(self, request: Request) -> Response:
        """On, off, or: somebody sees the page."""
        try:
            address = signed_in(request)
            body = await read_body(request)
            if seconds := self.pace.wait(address):
                raise Refused(429, "too_fast", seconds)
            found = await self.store.write(partial(self._change, address=address, body=body))
        except Refused as why:
            return refusal(why)
        except StoreError:
            return refusal(Refused(503, "try_later"))
        return answer(found)

    def _change(self, connection: Connection, address: str, body: dict[str, Any]) -> dict[str, Any]:
        owner = chat.owner(connection, address)
        if owner is None:
            raise Refused(404, "no_chat")
        wish, endpoint = body.get("do"), self._endpoint(body.get("endpoint", ""))
        if wish == "off":
            chat.turn_off(connection, owner.id, endpoint)
        elif wish in ("on", "here") and not owner.agreed:
            raise Refused(403, "no_consent")
        elif wish == "on":
            if not endpoint:
                raise Refused(422, "bad_endpoint")
            chat.turn_on(connection, owner.id, address, endpoint, self.now())
        elif wish == "here":
            self._is_here(connection, owner, address, endpoint, body.get("up_to"))
        else:
            raise Refused(422, "bad_wish")
        return {**self._told(connection, owner, address),
                "on": bool(endpoint) and chat.is_on(connection, owner.id, endpoint)}

    def _is_here(self, connection: Connection, owner: Owner, address: str, endpoint: str, up_to: Any) -> None:
        """A browser that wants it, and of which nothing is known any more, is known again."""
        if type(up_to) is not int or not 0 <= up_to < HIGHEST:
            raise Refused(422, "bad_number")
        if endpoint:
            chat.turn_on(connection, owner.id, address, endpoint, self.now())
        chat.seen(connection, owner.id, address, up_to)

    def _endpoint(self, value: Any) -> str:
        if not isinstance(value, str) or (value and not self.push.places.takes(value)):
            raise Refused(422, "bad_endpoint")
        return value


def chat_push_routes(pushes: ChatPushes) -> APIRouter:
    router = APIRouter()
    router.add_api_route(ROUTE, pushes.show, methods=["GET"])
    router.add_api_route(ROUTE, pushes.change, methods=["POST"], openapi_extra=takes("do", "endpoint", "up_to"))
    router.add_api_route("/chat/worker.js", _worker(STATIC / "chat-worker.js"), methods=["GET"])
    return router


def _worker(path: Path) -> Callable[[], FileResponse]:
    def serve() -> FileResponse:
        return FileResponse(path, headers=WORKER, media_type="text/javascript")

    return serve
