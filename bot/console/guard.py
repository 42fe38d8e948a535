"""What holds for every console page: only this site's forms, nothing foreign inside, a plain sentence for refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import quote

from annotated_types import Ge, Le
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from bot.console.tongue import spoken
from bot.origin import from_this_site
from storage.store import StoreError

HOME = "/console"
SIGN_IN = f"{HOME}/sign-in"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
Number = Annotated[int, Ge(0), Le(2**63 - 1)]
"""An id as it may stand in an address."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotSignedIn(Exception):
    """There is no session, or it has run out."""


class Refused(Exception):
    """Somebody is signed in, and their role does not allow this; with the page that says so."""

    def __init__(self, page: Response) -> None:
        super().__init__("not allowed")
        self.page = page


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
        return PlainTextResponse(spoken("This form was sent from another site. Open the console and try again."), 403)
    try:
        return await handle(request)
    except NotSignedIn:
        return RedirectResponse(f"{SIGN_IN}?next={quote(_page_of(request))}", 303)
    except Refused as refused:
        return refused.page
    except StoreError:
        return PlainTextResponse(spoken("Nothing can be stored just now, so this is not done and not shown. Nothing is "
                                        "lost: try again in a moment."), 503, {"Retry-After": "5"})
    except RequestValidationError:
        return PlainTextResponse(spoken("There is no such page: the address or the form is not as we send it."), 422)


def is_secure(request: Request, public_url: str) -> bool:
    """Whether browsers reach us by https, also where a proxy does that for us."""
    return request.url.scheme == "https" or public_url.startswith("https:")


def _page_of(request: Request) -> str:
    """The page to come back to: of a form or a fragment, the page that it is on."""
    found = re.match(rf"{HOME}/(tickets|people)/\d+", request.url.path)
    if found:
        return found[0]
    found = re.fullmatch(rf"{HOME}/(day|people|tasks|facts|account|team|hours|replies|record)", request.url.path)
    return found[0] if found else HOME


def local_page(path: str, otherwise: str = HOME) -> str:
    """A path that a form names, if it is one of ours."""
    ours = rf"{HOME}(/(tickets|people)/\d+|/(day|people|tasks|facts|account|team|hours|replies|record))?"
    return path if re.fullmatch(ours, path) else otherwise
