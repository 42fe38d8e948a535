"""One's own account: password, phone, Telegram, and the browsers that are signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console import code as codes
from bot.console import tongue
from bot.console.auth import Auth, Me, MySession
from bot.console.guard import HOME
from bot.console.pages import Trouble
from bot.console.sign_in import TOO_MANY, SignIn, unfit_password
from bot.console.tries import OF_DEVICE
from bot.safely import clean
from conversations.marking import mark_for_desk as _d
from storage import audit, passes, sessions, staff
from storage.sessions import SignedIn
from storage.staff import CounsellorView

ACCOUNT = f"{HOME}/account"
NOT_YOURS = _d("This is not your password.")
NOT_RIGHT = _d("Your password or the code is not right.")
NEEDED = "A coordinator signs in with a code. Set up another phone instead."
Text = Annotated[str, Form()]


class Account:
    def __init__(self, auth: Auth, doors: SignIn) -> None:
        self.auth, self.doors = auth, doors
        self.store = auth.parts.store

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/account", self.page, methods=["GET"])
        router.add_api_route("/account/password", self.password, methods=["POST"])
        router.add_api_route("/account/code", self.code, methods=["POST"])
        router.add_api_route("/account/telegram", self.telegram, methods=["POST"])
        router.add_api_route("/account/language", self.language, methods=["POST"])
        router.add_api_route("/account/sessions", self.end, methods=["POST"])

    async def page(self, mine: MySession, done: str = "") -> Response:
        return await self._page(mine, done=done == "password")

    async def _page(
        self, mine: SignedIn, trouble: Trouble | None = None, status: int = 200, done: bool = False, link: str = "",
    ) -> Response:
        now = self.auth.moment()
        open_ones = await self.store.read(lambda connection: sessions.sessions_of(connection, mine.who.id, now))
        has_group = bool(self.auth.parts.settings.telegram_staff_group)
        linked = has_group and await self.store.read(lambda connection: staff.has_telegram(connection, mine.who.id))
        return self.auth.look.page(
            "account_page.html", status=status, me=mine.who, key=mine.key, sessions=open_ones, trouble=trouble,
            done=done, must_have_code=self.auth.must_have_code(mine.who),
            shortest=staff.SHORTEST_PASSWORD, longest=staff.LONGEST_PASSWORD, has_group=has_group, linked=linked,
            link=link, minutes=passes.LASTS["telegram"] // timedelta(minutes=1),
        )

    # ------------------------------------------------------------- the password

    async def password(self, mine: MySession, current: Text = "", password: Text = "") -> Response:
        if not self._may_try(mine.who):
            return await self._page(mine, Trouble("password", TOO_MANY), 429)
        if await self._check(mine.who, current) is None:
            return await self._page(mine, Trouble("password", NOT_YOURS), 403)
        if unfit := unfit_password(mine.who, password):
            return await self._page(mine, Trouble("password", unfit), 422)
        hashed = await self.auth.hashed(password)
        await self.store.write(lambda connection: self._change(connection, mine, hashed))
        return RedirectResponse(f"{ACCOUNT}?done=password", 303)

    def _change(self, connection: Connection, mine: SignedIn, hashed: str) -> None:
        """Whoever knew the old one is out: other browsers sign in again, and are not known any more."""
        staff.set_password(connection, mine.who.id, hashed)
        sessions.end_sessions_of(connection, mine.who.id, but_key=mine.key)
        passes.take_all(connection, mine.who.id, "link", "code", "setup", "device")
        audit.note(connection, mine.who.id, "new_password", None, self.auth.parts.clock.now())

    def _may_try(self, who: CounsellorView) -> bool:
        return self.auth.tries.allow(self.auth.moment(), (("account", str(who.id)), OF_DEVICE))

    async def _check(self, who: CounsellorView, password: str) -> CounsellorView | None:
        if clean(password) != password:
            return None
        return await self.auth.check(who.login, password[: staff.LONGEST_PASSWORD])

    # ------------------------------------------------------------- the phone

    async def code(self, request: Request, mine: MySession, password: Text = "", code: Text = "",
                   what: Text = "set_up") -> Response:
        """Set up a phone, another one, or none any more. Who does it shows once more who they are."""
        if not self._may_try(mine.who):
            return await self._page(mine, Trouble("code", TOO_MANY), 429)
        known = await self._check(mine.who, password)
        if known is None or not await self._has_code(known, code):
            return await self._page(mine, Trouble("code", NOT_RIGHT), 403)
        if what != "off":
            return await self.doors.step(request, known, "setup", ACCOUNT)
        if self.auth.must_have_code(known):
            return await self._page(mine, Trouble("code", NEEDED), 409)
        await self.store.write(lambda connection: self._off(connection, known))
        return RedirectResponse(ACCOUNT, 303)

    async def _has_code(self, who: CounsellorView, code: str) -> bool:
        if not who.has_code:
            return True
        said = codes.typed(clean(code))
        return await self.store.write(lambda connection: self.doors.is_right(connection, who, said))

    def _off(self, connection: Connection, who: CounsellorView) -> None:
        staff.set_code_secret(connection, who.id, None, None)
        passes.take_all(connection, who.id, "code", "setup", "recovery")
        audit.note(connection, who.id, "code_off", None, self.auth.parts.clock.now())

    # ------------------------------------------------------------- the staff group on Telegram

    async def telegram(self, mine: MySession, password: Text = "", what: Text = "link") -> Response:
        """A code that links their account there, or none is linked any more. Who links shows once more who they are:
        that account can answer people."""
        now = self.auth.parts.clock.now()
        if what == "unlink":
            await self.store.write(lambda connection: self._unlink(connection, mine.who))
            return RedirectResponse(ACCOUNT, 303)
        if not self._may_try(mine.who):
            return await self._page(mine, Trouble("telegram", TOO_MANY), 429)
        if await self._check(mine.who, password) is None:
            return await self._page(mine, Trouble("telegram", NOT_YOURS), 403)
        link = await self.store.write(
            lambda connection: passes.give_telegram_code(connection, mine.who.id, now))
        return await self._page(mine, link=link)

    def _unlink(self, connection: Connection, who: CounsellorView) -> None:
        staff.link_telegram(connection, who.id, None)
        passes.take_all(connection, who.id, "telegram")
        audit.note(connection, who.id, "unlink_telegram", None, self.auth.parts.clock.now())

    # ------------------------------------------------------------- the language of the console

    async def language(self, me: Me, language: Text = "") -> Response:
        if language in tongue.SPOKEN:
            await self.store.write(lambda connection: staff.set_reads_in(connection, me.id, language))
        return RedirectResponse(ACCOUNT, 303)

    # ------------------------------------------------------------- signed-in browsers

    async def end(self, me: Me, mine: MySession, key: Text = "") -> Response:
        """One of them, or all but this one."""
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> None:
            if not key:
                sessions.end_sessions_of(connection, me.id, but_key=mine.key)
                audit.note(connection, me.id, "end_sessions", None, now, counsellor=me.id)
            elif sessions.end_session_of(connection, me.id, key):
                audit.note(connection, me.id, "end_session", None, now)

        await self.store.write(work)
        return RedirectResponse(ACCOUNT, 303)
