"""What holds for every console page: only this site's forms, only signed-in people, nothing foreign inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote

from annotated_types import Ge, Le
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from bot.origin import from_this_site

HOME = "/console"
SIGN_IN = f"{HOME}/sign-in"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
Number = Annotated[int, Ge(0), Le(2**63 - 1)]
"""An id as it may stand in an address."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotSignedIn(Exception):
    """There is no session, or it has run out."""


class ConsoleRoute(APIRoute):
    """A route behind the guard, wherever the router is mounted."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            response = await _answer(request, handle)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded


async def _answer(request: Request, handle: Handler) -> Response:
    if request.method not in SAFE_METHODS and not from_this_site(request):
        return PlainTextResponse("This form was sent from another site. Open the console and try again.", 403)
    try:
        return await handle(request)
    except NotSignedIn:
        return RedirectResponse(f"{SIGN_IN}?next={quote(_page_of(request))}", 303)


def _page_of(request: Request) -> str:
    """The page to come back to: of a form or a fragment, the page that it is on."""
    found = re.match(rf"{HOME}/(tickets|people)/\d+", request.url.path)
    if found:
        return found[0]
    return f"{HOME}/tasks" if request.url.path == f"{HOME}/tasks" else HOME


def local_page(path: str, otherwise: str = HOME) -> str:
    """A path that a form names, if it is one of ours."""
    return path if re.fullmatch(rf"{HOME}(/(tickets|people)/\d+|/tasks)?", path) else otherwise
