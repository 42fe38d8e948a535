"""Everyone's cases: a search by name, phone, place, area and what is overdue, and the searches that one keeps."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.clock import local_date
from bot.console import labels
from bot.console.auth import Auth, Me
from bot.console.guard import HOME, Number
from bot.console.pages import Trouble
from bot.console.people.words import CaseWords
from bot.console.tongue import reason_of
from bot.safely import clean
from conversations.marking import Phrase
from conversations.profile import MUNICIPALITY
from conversations.readers import municipality as places
from storage import people
from storage.desk import name_of
from storage.people import Found, View, Wanted
from storage.staff import AREAS, LANGUAGES, CounsellorView

CASES = f"{HOME}/people"
QUIET = (30, 60, 90, 180)
"""Days without contact that can be asked for."""
LONGEST = 100
Text = Annotated[str, Form()]


class Cases:
    """What is looked for stands in no address: it may be somebody's name. The last search is kept, locked."""

    def __init__(self, auth: Auth, words: CaseWords) -> None:
        self.auth, self.parts, self.store, self.words = auth, auth.parts, auth.parts.store, words

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/people", self.page, methods=["GET"])
        router.add_api_route("/people", self.look_for, methods=["POST"])
        router.add_api_route("/people/views", self.keep, methods=["POST"])
        router.add_api_route("/people/views/{view_id}/drop", self.drop, methods=["POST"])

    async def page(self, me: Me, view: Number | None = None, before: Number | None = None) -> Response:
        return await self._page(me, view, before)

    async def _page(
        self, me: CounsellorView, view_id: int | None, before: int | None = None, trouble: Trouble | None = None,
        status: int = 200,
    ) -> Response:
        await self.auth.note(me, "see_people")
        now = self.parts.clock.now()
        today = local_date(now, self.parts.settings.time_zone)

        def look(connection: Connection) -> tuple[list[View], View | None, people.Page]:
            kept = people.views(connection, me.id)
            chosen = next((one for one in kept if one.id == view_id), None)
            return kept, chosen, people.search(connection, chosen.wanted if chosen else Wanted(), today, now, before)

        kept, chosen, found = await self.store.read(look)
        return self.auth.look.page(
            "cases_page.html", status=status, me=me, views=[one for one in kept if one.name], chosen=chosen,
            wanted=chosen.wanted if chosen else Wanted(), people=[self._row(one) for one in found.people],
            after=found.after, before=before, trouble=trouble, areas=AREAS, languages=LANGUAGES, quiet=QUIET,
            municipalities=self._municipalities(), longest=people.LONGEST_NAME,
        )

    def _row(self, one: Found) -> dict[str, Any]:
        place = one.known.get("municipality")
        return {
            "person": one, "name": name_of(one.id, dict(one.known)),
            "place": self.words.value(MUNICIPALITY, place) if place else "",
        }

    def _municipalities(self) -> list[tuple[str, str]]:
        named = [(slug, self.words.value(MUNICIPALITY, slug)) for slug in places.codes()]
        return sorted(named, key=lambda one: one[1].casefold())

    async def look_for(
        self, me: Me, words: Text = "", municipality: Text = "", area: Text = "", need: Text = "", language: Text = "",
        quiet: Annotated[int, Form()] = 0, overdue: Text = "",
    ) -> Response:
        wanted = Wanted(
            clean(words).strip()[:LONGEST], municipality if places.accepts(municipality) else "",
            area if area in labels.AREAS else "", need if need in AREAS else "",
            language if language in LANGUAGES else "", quiet if quiet in QUIET else 0, bool(overdue),
        )
        if wanted.is_empty():
            return RedirectResponse(CASES, 303)
        view = await self.store.write(lambda connection: _kept(connection, me.id, "", wanted))
        return RedirectResponse(f"{CASES}?view={view}", 303)

    async def keep(self, me: Me, name: Text = "", view: Annotated[int, Form()] = 0) -> Response:
        """The search that is shown, under a name."""
        name = " ".join(clean(name).split())
        if not name or len(name) > people.LONGEST_NAME:
            sentence = Phrase("Give the search a name of at most {most} characters.", most=people.LONGEST_NAME)
            trouble = Trouble("view", sentence, name)
            return await self._page(me, view, trouble=trouble, status=422)

        def work(connection: Connection) -> int | None:
            shown = next((one for one in people.views(connection, me.id) if one.id == view), None)
            return _kept(connection, me.id, name, shown.wanted) if shown is not None else None

        try:
            kept = await self.store.write(work)
        except ValueError as why:
            return await self._page(me, view, trouble=Trouble("view", reason_of(why), name), status=409)
        return RedirectResponse(f"{CASES}?view={kept}" if kept else CASES, 303)

    async def drop(self, me: Me, view_id: Number) -> Response:
        await self.store.write(lambda connection: people.drop_view(connection, me.id, view_id))
        return RedirectResponse(CASES, 303)


def _kept(connection: Connection, counsellor_id: int, name: str, wanted: Wanted) -> int:
    people.keep_view(connection, counsellor_id, name, wanted)
    return next(one.id for one in people.views(connection, counsellor_id) if one.name == name)
