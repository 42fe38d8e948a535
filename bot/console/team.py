"""The team, for coordinators: who is in it, links for new and lost passwords, lost phones, signed-in browsers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.console.guard import HOME, Number
from bot.console.pages import Trouble
from bot.console.stored import LEFT_THE_TEAM
from bot.console.tongue import reason_of
from bot.safely import clean
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import appointments, audit, moves, passes, sessions, staff
from storage.news import tell
from storage.staff import CounsellorView

TEAM = f"{HOME}/team"
GONE = _d("This colleague is not in the team any more.")
NOT_YOURSELF = _d("You cannot do this to yourself. Another coordinator can.")
Text = Annotated[str, Form()]
Words = Annotated[list[str], Form(default_factory=list)]
Change: TypeAlias = Callable[[Connection, CounsellorView, datetime], object]


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link: shown once, to the coordinator who passes it on."""

    who: CounsellorView
    address: str


class Team:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self.store = auth.parts.store

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/team", self.page, methods=["GET"])
        for path, action in (
            ("/team", self.add),
            ("/team/{counsellor_id}/link", self.link),
            ("/team/{counsellor_id}/code", self.take_code_away),
            ("/team/{counsellor_id}/sessions", self.end_sessions),
            ("/team/{counsellor_id}/work", self.set_work),
            ("/team/{counsellor_id}/role", self.set_role),
            ("/team/{counsellor_id}/remove", self.remove),
        ):
            router.add_api_route(path, action, methods=["POST"])

    async def page(self, me: Me) -> Response:
        await self.auth.note(me, "see_team")
        return await self._page(me)

    async def _page(
        self, me: CounsellorView, trouble: Trouble | None = None, link: Link | None = None, status: int = 200,
        login: str = "", name: str = "", areas: Collection[str] = staff.OPEN_AREAS, languages: Collection[str] = (),
    ) -> Response:
        now = self.auth.moment()
        people = await self.store.read(staff.list_counsellors)
        signed_in = await self.store.read(lambda connection: sessions.open_sessions(connection, now))
        return self.auth.look.page(
            "team_page.html", status=status, me=me, people=people, signed_in=signed_in, trouble=trouble, link=link,
            login=login, name=name, areas=areas, languages=languages, all_areas=staff.AREAS,
            all_languages=staff.LANGUAGES, days=passes.LASTS["link"].days,
        )

    async def add(
        self, request: Request, me: Me, areas: Words, languages: Words, login: Text = "", name: Text = "",
        role: Text = "counsellor",
    ) -> Response:
        login, name, now = clean(login), clean(name), self.auth.parts.clock.now()

        def work(connection: Connection) -> Link:
            new = staff.add_counsellor(connection, login, name, role, None, now, areas, languages)
            audit.note(connection, me.id, "add_counsellor", None, now, counsellor=new)
            return self._link(connection, request, new)

        try:
            link = await self.store.write(work)
        except ValueError as why:
            return await self._page(me, Trouble("add", reason_of(why)), None, 422, login, name, areas, languages)
        return await self._page(me, link=link)

    def _link(self, connection: Connection, request: Request, counsellor_id: int) -> Link:
        who = staff.get_counsellor(connection, counsellor_id)
        assert who is not None
        token = passes.give(connection, counsellor_id, "link", self.auth.moment())
        base = self.auth.parts.settings.console_at or str(request.base_url).rstrip("/")
        return Link(who, passes.link(base, token))

    async def link(self, request: Request, me: Me, counsellor_id: Number) -> Response:
        """A new one; an older one does not open any more. The password stays until the link is used."""
        made: list[Link] = []

        def work(connection: Connection, who: CounsellorView, now: datetime) -> None:
            made[:] = [self._link(connection, request, who.id)]
            audit.note(connection, me.id, "make_link", None, now, counsellor=who.id)

        refusal = await self._to(me, counsellor_id, work)
        return refusal or await self._page(me, link=made[0])

    async def take_code_away(self, me: Me, counsellor_id: Number) -> Response:
        """Their phone is lost, and their Telegram with it. A coordinator sets up the next one at the next sign-in."""

        def work(connection: Connection, who: CounsellorView, now: datetime) -> None:
            staff.set_code_secret(connection, who.id, None, None)
            staff.link_telegram(connection, who.id, None)
            passes.take_all(connection, who.id, "code", "setup", "recovery", "telegram")
            sessions.end_sessions_of(connection, who.id)
            audit.note(connection, me.id, "take_code_away", None, now, counsellor=who.id)

        return await self._to(me, counsellor_id, work, not_oneself=True) or RedirectResponse(TEAM, 303)

    async def end_sessions(self, me: Me, counsellor_id: Number) -> Response:
        def work(connection: Connection, who: CounsellorView, now: datetime) -> None:
            sessions.end_sessions_of(connection, who.id)
            passes.take_all(connection, who.id, "device")
            audit.note(connection, me.id, "end_sessions", None, now, counsellor=who.id)

        return await self._to(me, counsellor_id, work, not_oneself=True) or RedirectResponse(TEAM, 303)

    async def set_work(self, me: Me, counsellor_id: Number, areas: Words, languages: Words) -> Response:
        def work(connection: Connection, who: CounsellorView, now: datetime) -> None:
            staff.set_work(connection, who.id, areas, languages)
            audit.note(connection, me.id, "set_work", None, now, counsellor=who.id)

        return await self._to(me, counsellor_id, work) or RedirectResponse(TEAM, 303)

    async def set_role(self, me: Me, counsellor_id: Number, role: Text = "") -> Response:
        """What they may do from the next page on. A new coordinator sets up a phone first."""

        def work(connection: Connection, who: CounsellorView, now: datetime) -> None:
            staff.set_role(connection, who.id, role)
            audit.note(connection, me.id, "set_role", None, now, counsellor=who.id)

        try:
            return await self._to(me, counsellor_id, work, not_oneself=True) or RedirectResponse(TEAM, 303)
        except ValueError as why:
            return await self._page(me, Trouble("team", reason_of(why)), None, 422)

    async def remove(self, me: Me, counsellor_id: Number) -> Response:
        """Out of the team; their open chats wait for somebody else, and their appointments are tasks."""

        def work(connection: Connection, who: CounsellorView, now: datetime) -> None:
            staff.remove_counsellor(connection, who.id, now)
            sessions.end_sessions_of(connection, who.id)
            passes.take_all(connection, who.id, "link", "code", "setup", "recovery", "device")
            people = moves.give_back(connection, who.id, me.id, Phrase(LEFT_THE_TEAM, name=who.name), now)
            people += appointments.left_by(connection, who.id, who.name, now)
            audit.note(connection, me.id, "remove_counsellor", None, now, counsellor=who.id)
            tell(connection, ["queue", *(f"contact:{one}" for one in people)])

        return await self._to(me, counsellor_id, work, not_oneself=True) or RedirectResponse(TEAM, 303)

    async def _to(
        self, me: CounsellorView, counsellor_id: int, change: Change, not_oneself: bool = False
    ) -> Response | None:
        """Change something of a colleague; the page with the reason where it is not done."""
        if not_oneself and counsellor_id == me.id:
            return await self._page(me, Trouble("team", NOT_YOURSELF), None, 409)

        def work(connection: Connection) -> bool:
            who = staff.get_counsellor(connection, counsellor_id)
            if who is not None:
                change(connection, who, self.auth.parts.clock.now())
            return who is not None

        done = await self.store.write(work)
        return None if done else await self._page(me, Trouble("team", GONE), None, 404)
