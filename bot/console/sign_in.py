"""The doors: the password, the code from a phone, setting that phone up, a new password by a link, and out again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console import code as codes
from bot.console import tongue
from bot.console.auth import COOKIE, STEP_COOKIE, Auth, forget
from bot.console.guard import HOME, SIGN_IN, local_page
from bot.console.tongue import reason_of
from bot.console.tries import CODES, OF_ADDRESS, OF_DEVICE, OF_NAME, OF_NAME_FROM_ADDRESS, Count
from bot.origin import network_of
from bot.safely import clean
from conversations.marking import mark_for_desk as _d
from storage import audit, passes, sessions, staff
from storage.passes import LASTS, PassView, Purpose
from storage.staff import CounsellorView

log = structlog.get_logger()
WRONG = _d("The sign-in name or the password is not right. Check both and try again.")
TOO_MANY = _d("Too many tries. Wait a few minutes, then try again, or ask a coordinator for a link.")
BUSY = _d("Many people sign in just now. Wait a minute, then try again.")
WRONG_CODE = _d("This code is not right, or was used already. Take the one that the app shows now.")
AGAIN = _d("Too many wrong codes, or it took too long. Begin again.")
LINK_GONE = _d("This link was used already, or has run out. Ask a coordinator for a new one.")
NEW_PASSWORD = _d("Your new password is set. Sign in with it.")
KEEPS_LANGUAGE = timedelta(days=365)
MOST_WAITING = 20
"""So many strangers may wait for their passwords to be checked: it takes them a second or two."""
Text = Annotated[str, Form()]


class SignIn:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self.store = auth.parts.store
        self.look = auth.look
        self.waiting = 0

    def add_to(self, router: APIRouter) -> None:
        for path, form, take in (
            ("/sign-in", self.form, self.sign_in),
            ("/code", self.code_form, self.code),
            ("/set-up-code", self.set_up_form, self.set_up),
            ("/new-password", self.password_form, self.new_password),
        ):
            router.add_api_route(path, form, methods=["GET"])
            router.add_api_route(path, take, methods=["POST"])
        router.add_api_route("/sign-out", self.sign_out, methods=["POST"])

    # ------------------------------------------------------------- the password

    async def form(self, request: Request, next: str = HOME, language: str = "") -> Response:
        """On wish in another language, which this browser keeps."""
        if language not in tongue.SPOKEN:
            return self._form(next)
        tongue.speak(self.auth.parts.translator, language)
        page = self._form(next)
        self.auth.keep(request, page, tongue.COOKIE, language, KEEPS_LANGUAGE)
        return page

    def _form(self, next: str = HOME, login: str = "", error: str = "", status: int = 200, done: str = "") -> Response:
        page = self.look.page("sign_in.html", status=status, next=local_page(next), login=login, error=error, done=done)
        return _later(page) if status == 429 else page

    async def sign_in(self, request: Request, login: Text = "", password: Text = "", next: Text = HOME) -> Response:
        unheard_of = clean(login) != login or clean(password) != password
        login, next = clean(login), clean(next)
        device = await self.auth.knows(request, login)
        if not device and self.waiting >= MOST_WAITING:
            return self._form(next, login, BUSY, 429)
        if not self.auth.tries.allow(self.auth.moment(), *self._counts(request, login, device)):
            return self._form(next, login, TOO_MANY, 429)
        self.waiting += 1
        try:
            who = None if unheard_of else await self.auth.check(login, password[: staff.LONGEST_PASSWORD])
        finally:
            self.waiting -= 1
        if who is None:
            log.info("a sign-in was refused", known_browser=bool(device))
            return self._form(next, login, WRONG, 401)
        await self._renew_hash(who, password)
        return await self._go_on(request, who, local_page(next))

    def _counts(self, request: Request, login: str, device: str) -> list[Count]:
        """What a known browser tries has a count of its own: nobody else can fill it."""
        if device:
            return [(("device", device), OF_DEVICE)]
        name, address = staff.folded(login)[:64], network_of(request)
        return [(("address", address), OF_ADDRESS), (("name", name, address), OF_NAME_FROM_ADDRESS),
                (("name", name), OF_NAME)]

    async def _renew_hash(self, who: CounsellorView, password: str) -> None:
        """A password that was just found right is hashed once more, where the stored hash is weaker than today's."""
        if await self.store.read(lambda connection: staff.needs_new_hash(connection, who.id)):
            stronger = await self.auth.hashed(password)
            await self.store.write(lambda connection: staff.set_password(connection, who.id, stronger))

    async def _go_on(self, request: Request, who: CounsellorView, path: str) -> Response:
        """To the second step where there is one; otherwise in."""
        if who.has_code:
            return await self.step(request, who, "code", path)
        if self.auth.lacks_code(who):
            return await self.step(request, who, "setup", path)
        tokens = await self.store.write(lambda connection: self.auth.start(connection, request, who))
        return self.auth.let_in(request, RedirectResponse(path, 303), tokens)

    async def step(self, request: Request, who: CounsellorView, purpose: Purpose, path: str) -> Response:
        secret, now = codes.new_secret() if purpose == "setup" else None, self.auth.moment()
        token = await self.store.write(
            lambda connection: passes.give(connection, who.id, purpose, now, secret=secret))
        page = "set-up-code" if purpose == "setup" else "code"
        response = RedirectResponse(f"{HOME}/{page}?next={quote(path)}", 303)
        self.auth.keep(request, response, STEP_COOKIE, token, LASTS[purpose])
        return response

    # ------------------------------------------------------------- the code

    async def code_form(self, request: Request, next: str = HOME) -> Response:
        if await self.auth.pass_of(request, "code") is None:
            return RedirectResponse(SIGN_IN, 303)
        return self._code_form(next)

    def _code_form(self, next: str, error: str = "", status: int = 200) -> Response:
        page = self.look.page("code.html", status=status, next=local_page(next), error=error)
        return _later(page) if status == 429 else page

    async def code(self, request: Request, code: Text = "", next: Text = HOME) -> Response:
        half = await self.auth.pass_of(request, "code")
        if half is None:
            return self._form(next, error=AGAIN, status=401)
        if not await self._may_try_code(request, half):
            return self._code_form(next, TOO_MANY, 429)
        said = codes.typed(clean(code))
        tokens = await self.store.write(lambda connection: self._take_code(connection, request, said))
        if tokens is None:
            log.info("a code was refused")
            return self._code_form(next, WRONG_CODE, 401)
        return self.auth.let_in(request, RedirectResponse(local_page(next), 303), tokens)

    async def _may_try_code(self, request: Request, half: PassView) -> bool:
        device = await self.auth.knows(request, half.who.login)
        key = ("code-device", device) if device else ("code", str(half.who.id))
        return self.auth.tries.allow(self.auth.moment(), (("address", network_of(request)), OF_ADDRESS), (key, CODES))

    def _take_code(self, connection: Connection, request: Request, said: str) -> tuple[str, str] | None:
        """In, or None: then one try less is left."""
        token, now = request.cookies.get(STEP_COOKIE, ""), self.auth.moment()
        half = passes.look(connection, token, "code", now)
        if half is None:
            return None
        if not self.is_right(connection, half.who, said):
            passes.note_wrong(connection, token)
            return None
        passes.use(connection, token, "code", now)
        return self.auth.start(connection, request, half.who)

    def is_right(self, connection: Connection, who: CounsellorView, said: str) -> bool:
        """A code of the phone, or one of the recovery codes; neither opens a second time."""
        now = self.auth.moment()
        step = codes.step_of(staff.code_secret(connection, who.id), said, now)
        if step is not None:
            return staff.use_code_step(connection, who.id, step)
        used = passes.use(connection, said, "recovery", now, who.id)
        if used:
            audit.note(connection, who.id, "recovery_code", None, self.auth.parts.clock.now())
        return used

    # ------------------------------------------------------------- setting a phone up

    async def set_up_form(self, request: Request, next: str = HOME) -> Response:
        found = await self.auth.pass_of(request, "setup")
        return RedirectResponse(SIGN_IN, 303) if found is None else self._set_up_form(found, next)

    def _set_up_form(self, found: PassView, next: str, error: str = "", status: int = 200) -> Response:
        secret = found.secret or ""
        page = self.look.page(
            "set_up_code.html", status=status, next=local_page(next), error=error, spelled=codes.spelled(secret),
            picture=codes.picture(secret, found.who.login, self.auth.parts.settings.centre_name),
            needed=self.auth.must_have_code(found.who),
        )
        return _later(page) if status == 429 else page

    async def set_up(self, request: Request, code: Text = "", next: Text = HOME) -> Response:
        found = await self.auth.pass_of(request, "setup")
        if found is None:
            return self._form(next, error=AGAIN, status=401)
        counts = (("address", network_of(request)), OF_ADDRESS), (("setup", str(found.who.id)), CODES)
        if not self.auth.tries.allow(self.auth.moment(), *counts):
            return self._set_up_form(found, next, TOO_MANY, 429)
        step = codes.step_of(found.secret, codes.typed(clean(code)), self.auth.moment())
        if step is None:
            return self._set_up_form(found, next, WRONG_CODE, 401)
        done = await self.store.write(lambda connection: self._set_up(connection, request, found, step))
        if done is None:
            return self._form(next, error=AGAIN, status=401)
        tokens, recovery = done
        page = self.look.page("recovery_codes.html", next=local_page(next),
                              recovery=[codes.spelled(one) for one in recovery])
        return self.auth.let_in(request, page, tokens)

    def _set_up(
        self, connection: Connection, request: Request, found: PassView, step: int
    ) -> tuple[tuple[str, str], list[str]] | None:
        """From now on this phone's codes are asked for; other browsers sign in again."""
        now = self.auth.moment()
        if not passes.use(connection, request.cookies.get(STEP_COOKIE, ""), "setup", now):
            return None
        staff.set_code_secret(connection, found.who.id, found.secret, step)
        sessions.end_sessions_of(connection, found.who.id)
        audit.note(connection, found.who.id, "code_on", None, self.auth.parts.clock.now())
        recovery = passes.give_recovery_codes(connection, found.who.id, now)
        return self.auth.start(connection, request, found.who), recovery

    # ------------------------------------------------------------- a new password by a link

    async def password_form(self) -> Response:
        """The link's secret stands behind a #: it reaches no server's log, the page itself puts it into the form."""
        return self._password_form()

    def _password_form(self, token: str = "", error: str = "", status: int = 200) -> Response:
        page = self.look.page("new_password.html", status=status, token=token, error=error,
                              shortest=staff.SHORTEST_PASSWORD, longest=staff.LONGEST_PASSWORD)
        return _later(page) if status == 429 else page

    async def new_password(self, request: Request, token: Text = "", password: Text = "") -> Response:
        token, now = clean(token).strip()[:200], self.auth.moment()
        if not self.auth.tries.allow(now, (("address", network_of(request)), OF_ADDRESS)):
            return self._password_form(token, TOO_MANY, 429)
        found = await self.store.read(lambda connection: passes.look(connection, token, "link", now))
        if found is None:
            return self._password_form(error=LINK_GONE, status=403)
        if unfit := unfit_password(found.who, password):
            return self._password_form(token, unfit, 422)
        hashed = await self.auth.hashed(password)
        used = await self.store.write(lambda connection: self._change(connection, token, found.who, hashed))
        return self._form(login=found.who.login, done=NEW_PASSWORD) if used else self._password_form(
            error=LINK_GONE, status=403)

    def _change(self, connection: Connection, token: str, who: CounsellorView, hashed: str) -> bool:
        if not passes.use(connection, token, "link", self.auth.moment()):
            return False
        staff.set_password(connection, who.id, hashed)
        sessions.end_sessions_of(connection, who.id)
        passes.take_all(connection, who.id, "link", "code", "setup", "device")
        audit.note(connection, who.id, "new_password", None, self.auth.parts.clock.now())
        return True

    # ------------------------------------------------------------- out

    async def sign_out(self, request: Request) -> Response:
        token, signed_in = request.cookies.get(COOKIE, ""), await self.auth.signed_in(request)
        if signed_in is not None:
            await self.auth.note(signed_in.who, "sign_out")
        await self.store.write(lambda connection: sessions.end_session(connection, token))
        response = RedirectResponse(SIGN_IN, 303)
        forget(response, COOKIE)
        return response


def unfit_password(who: CounsellorView, password: str) -> str:
    """Why this cannot be their new password; empty where it can."""
    if clean(password) != password:
        return _d("A password has only characters that can be typed.")
    try:
        staff.check_new_password(password, who.login, who.name)
    except ValueError as why:
        return reason_of(why)
    return ""


def _later(page: Response) -> Response:
    page.headers["Retry-After"] = str(OF_ADDRESS.within // timedelta(seconds=1))
    return page
