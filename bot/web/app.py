"""One ASGI app: the web chat, the console, health."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 256 * 1024
"""No page of ours sends more, but for files."""
BARE = ((b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"))
"""On every answer that says nothing else: errors, figures, what is no page."""


class Guarded:
    """Nothing that leaves here is taken for a page, unless it says itself what that page may do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                known = {name for name, _ in given}
                message = {**message, "headers": [*given, *(one for one in BARE if one[0] not in known)]}
            await send(message)

        await self.app(scope, receive, guarded)


def web_app(routers: list[APIRouter]) -> FastAPI:
    """The whole site."""
    app = FastAPI(title="Returnee bot", max_body_size=LARGEST_BODY, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guarded)
    for router in routers:
        app.router.routes += router.routes  # to include them would make each a second time
    return app
