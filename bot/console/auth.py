"""Signing in and out, and who is signed in."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console.guard import HOME, SIGN_IN, ConsoleRoute, NotSignedIn, local_page
from bot.console.look import Look
from bot.console.parts import ConsoleParts
from bot.safely import clean
from storage import desk, staff
from storage.staff import CounsellorView

COOKIE = "console"
TRIES = 10
TRIES_OF_ONE_ADDRESS = 30
"""On any names together: nobody may try one password on everybody."""
IN = timedelta(minutes=1)
WRONG = "The sign-in name or the password is not right. Check both and try again."
TOO_MANY = "Too many tries. Wait one minute, then try again."


class Tries:
    """How often somebody tried to sign in lately. In memory: a restart forgets it."""

    def __init__(self) -> None:
        self._tries: dict[tuple[str, str], deque[datetime]] = {}

    def allow(self, login: str, address: str, now: datetime) -> bool:
        if len(self._tries) > 10_000:
            self._forget_old(now)
        same_name = self._recent((login.strip().lower()[:64], address), TRIES)
        any_name = self._recent(("", address), TRIES_OF_ONE_ADDRESS)
        if any(len(tries) == tries.maxlen and tries[0] > now - IN for tries in (same_name, any_name)):
            return False
        same_name.append(now)
        any_name.append(now)
        return True

    def _recent(self, who: tuple[str, str], most: int) -> deque[datetime]:
        return self._tries.setdefault(who, deque(maxlen=most))

    def _forget_old(self, now: datetime) -> None:
        self._tries = {who: tries for who, tries in self._tries.items() if tries and tries[-1] > now - IN}


class Auth:
    def __init__(self, parts: ConsoleParts, look: Look) -> None:
        self.parts = parts
        self.look = look
        self.tries = Tries()
        self.one_at_a_time = asyncio.Lock()
        """Checking a password is slow on purpose: it takes one reader, never all of them."""

    def routes(self) -> APIRouter:
        router = APIRouter(route_class=ConsoleRoute)
        router.add_api_route("/sign-in", self.form, methods=["GET"])
        router.add_api_route("/sign-in", self.sign_in, methods=["POST"])
        router.add_api_route("/sign-out", self.sign_out, methods=["POST"])
        return router

    async def require(self, request: Request) -> None:
        """Leaves the signed-in counsellor on the request; without one, the guard sends to the sign-in page."""
        token = request.cookies.get(COOKIE, "")
        now = self.moment()
        who = await self.parts.store.read(lambda connection: staff.session_owner(connection, token, now))
        if who is None:
            raise NotSignedIn
        request.state.counsellor = who

    def moment(self) -> datetime:
        """The time for sessions and tries: they do not age when the demo turns its clock."""
        return self.parts.clock.now() - self.parts.clock.ahead

    async def form(self, next: str = HOME) -> Response:
        return self._form(next)

    def _form(self, next: str, login: str = "", error: str = "", status: int = 200) -> Response:
        return self.look.page("sign_in.html", status=status, next=local_page(next), login=login, error=error)

    async def sign_in(
        self,
        request: Request,
        login: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = HOME,
    ) -> Response:
        unheard_of = clean(login) != login or clean(password) != password
        login, next = clean(login), clean(next)
        address = request.client.host if request.client else ""
        if not self.tries.allow(login, address, self.moment()):
            response = self._form(next, login, TOO_MANY, 429)
            response.headers["Retry-After"] = str(IN // timedelta(seconds=1))
            return response
        who = None if unheard_of else await self._check(login, password[:1024])
        if who is None:
            return self._form(next, login, WRONG, 401)
        token = await self.parts.store.write(lambda connection: self._start(connection, who, password))
        return self._with_cookie(request, token, local_page(next))

    async def _check(self, login: str, password: str) -> CounsellorView | None:
        async with self.one_at_a_time:
            return await self.parts.store.read(
                lambda connection: staff.check_password(connection, login, password)
            )

    def _start(self, connection: Connection, who: CounsellorView, password: str) -> str:
        staff.renew_hash(connection, who.id, password)
        desk.audit(connection, who.id, "sign_in", None, None, self.parts.clock.now())
        return staff.start_session(connection, who.id, self.moment())

    def _with_cookie(self, request: Request, token: str, path: str) -> Response:
        secure = request.url.scheme == "https" or self.parts.settings.public_url.startswith("https:")
        response = RedirectResponse(path, 303)
        response.set_cookie(
            COOKIE, token, max_age=staff.SESSION_LASTS // timedelta(seconds=1), path=HOME, secure=secure,
            httponly=True, samesite="strict",
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        token = request.cookies.get(COOKIE, "")
        await self.parts.store.write(lambda connection: staff.end_session(connection, token))
        response = RedirectResponse(SIGN_IN, 303)
        response.delete_cookie(COOKIE, path=HOME, httponly=True, samesite="strict")
        return response


def _signed_in(request: Request) -> CounsellorView:
    who: CounsellorView = request.state.counsellor
    return who


Me = Annotated[CounsellorView, Depends(_signed_in)]
"""The signed-in counsellor, in a route behind `Auth.require`."""
