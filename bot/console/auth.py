"""Who is signed in, and whether they may do what they ask for; the cookies of a browser."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console import policy, tongue
from bot.console.guard import HOME, NotSignedIn, Refused, is_secure
from bot.console.look import Look
from bot.console.parts import ConsoleParts
from bot.console.tries import Tries
from conversations.marking import mark_for_desk as _d
from storage import audit, passes, sessions, staff
from storage.passes import LASTS, Purpose
from storage.sessions import SESSION_LASTS, SignedIn
from storage.staff import CounsellorView
from storage.store import StoreError

COOKIE = "console"
STEP_COOKIE = "console-step"
"""Half signed in: the password was right. It opens the second step and nothing else."""
DEVICE_COOKIE = "console-known"
"""A browser that was signed in before: what strangers try does not shut it out."""
NOT_ALLOWED = _d("Your role does not include this. A coordinator can do it.")
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))
ANOTHER = _d("Another browser")


class Auth:
    """One for all doors of the console: they count tries together."""

    def __init__(self, parts: ConsoleParts, look: Look) -> None:
        self.parts = parts
        self.look = look
        self.tries = Tries()
        self.one_at_a_time = asyncio.Lock()
        """Checking a password is slow on purpose: it takes one reader, never all of them."""

    def moment(self) -> datetime:
        """The time for sessions and tries: they do not age when the demo turns its clock."""
        return self.parts.clock.now() - self.parts.clock.ahead

    # ------------------------------------------------------------- who it is

    async def require(self, request: Request) -> None:
        """Before every route: leaves the signed-in counsellor on the request where the policy allows it."""
        route = (request.method, request.scope["route"].path.removeprefix(HOME))
        at_the_door = tongue.of_browser(request, self.parts.translator)
        tongue.speak(self.parts.translator, at_the_door)
        if route in policy.OPEN:
            return
        signed_in = await self.signed_in(request)
        if signed_in is None or self.lacks_code(signed_in.who):
            raise NotSignedIn
        tongue.speak(self.parts.translator, signed_in.who.reads_in or at_the_door)
        if not policy.may_go(signed_in.who.role, *route):
            await self.note(signed_in.who, "refused")
            raise Refused(self.look.page("missing.html", status=403, me=signed_in.who, title=_d("Not allowed"),
                                         sentence=NOT_ALLOWED))
        request.state.signed_in = signed_in

    async def signed_in(self, request: Request) -> SignedIn | None:
        token, now = request.cookies.get(COOKIE, ""), self.moment()
        found = await self.parts.store.read(lambda connection: sessions.session_owner(connection, token, now))
        if found is not None and found.is_to_be_noted(now):
            with suppress(StoreError):  # who reads can go on reading while nothing can be written
                await self.parts.store.write(lambda connection: sessions.note_seen(connection, token, now))
        return found

    def must_have_code(self, who: CounsellorView) -> bool:
        """Coordinators manage the team: a password alone does not open for them."""
        return who.role == "coordinator" and self.parts.coordinators_need_code

    def lacks_code(self, who: CounsellorView) -> bool:
        return self.must_have_code(who) and not who.has_code

    async def note(self, who: CounsellorView, action: audit.Action, **numbers: int) -> None:
        now = self.parts.clock.now()
        await self.parts.store.write(
            lambda connection: audit.note(connection, who.id, action, None, now, **numbers))

    # ------------------------------------------------------------- passwords

    async def check(self, login: str, password: str) -> CounsellorView | None:
        async with self.one_at_a_time:
            return await self.parts.store.read(
                lambda connection: staff.check_password(connection, login, password))

    async def hashed(self, password: str) -> str:
        async with self.one_at_a_time:
            return await asyncio.to_thread(staff.hasher().hash, password)

    # ------------------------------------------------------------- the browser

    async def knows(self, request: Request, login: str) -> str:
        """What names this browser, if it was signed in with this name before; otherwise nothing."""
        token, now = request.cookies.get(DEVICE_COOKIE, ""), self.moment()
        if not token:
            return ""  # as most that guess: the database is not asked
        found = await self.parts.store.read(lambda connection: passes.look(connection, token, "device", now))
        known = found is not None and found.who.login == staff.folded(login)
        return passes.digest(token) if known else ""

    async def pass_of(self, request: Request, purpose: Purpose) -> passes.PassView | None:
        """Whose second step this browser is at."""
        token, now = request.cookies.get(STEP_COOKIE, ""), self.moment()
        return await self.parts.store.read(lambda connection: passes.look(connection, token, purpose, now))

    def start(self, connection: Connection, request: Request, who: CounsellorView) -> tuple[str, str]:
        """In a transaction: the tokens of a new session and of this browser. An old session of it ends."""
        now = self.moment()
        sessions.end_session(connection, request.cookies.get(COOKIE, ""))
        if who.reads_in is None and (chosen := request.cookies.get(tongue.COOKIE, "")) in tongue.SPOKEN:
            staff.set_reads_in(connection, who.id, chosen)
        audit.note(connection, who.id, "sign_in", None, self.parts.clock.now())
        device = request.cookies.get(DEVICE_COOKIE, "")
        known = passes.look(connection, device, "device", now)
        if known is None or known.who.id != who.id:
            device = passes.give(connection, who.id, "device", now)
        return sessions.start_session(connection, who.id, now, browser_of(request)), device

    def let_in(self, request: Request, response: Response, tokens: tuple[str, str]) -> Response:
        """The browser keeps the session, and that it is known."""
        session, device = tokens
        self.keep(request, response, COOKIE, session, SESSION_LASTS)
        self.keep(request, response, DEVICE_COOKIE, device, LASTS["device"])
        forget(response, STEP_COOKIE)
        return response

    def keep(self, request: Request, response: Response, name: str, token: str, lasts: timedelta) -> None:
        response.set_cookie(
            name, token, max_age=lasts // timedelta(seconds=1), path=HOME, httponly=True, samesite="strict",
            secure=is_secure(request, self.parts.settings.console_at),
        )


def forget(response: Response, name: str) -> None:
    response.delete_cookie(name, path=HOME, httponly=True, samesite="strict")


def browser_of(request: Request) -> str:
    """Which browser on which system, in our own words: nothing of what it sent is kept."""
    said = request.headers.get("user-agent", "")
    known = [next((name for part, name in names if part in said), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in known if name) or ANOTHER


def _signed_in(request: Request) -> SignedIn:
    found: SignedIn = request.state.signed_in
    return found


def _me(request: Request) -> CounsellorView:
    return _signed_in(request).who


Me = Annotated[CounsellorView, Depends(_me)]
"""The signed-in counsellor, in a route behind `Auth.require`."""
MySession = Annotated[SignedIn, Depends(_signed_in)]
