"""The page of one person, and its forms."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.clock import local_date
from bot.console import labels, tongue
from bot.console.auth import Auth, Me
from bot.console.guard import HOME, Number, local_page
from bot.console.pages import NOT_FOUND, Trouble
from bot.console.people import asking, passing
from bot.console.people.answers import Answers, NotTaken, question_of, read
from bot.console.people.appointments import Appointments
from bot.console.people.ending import Ending
from bot.console.people.forms import (
    LONGEST,
    LONGEST_LINE,
    Seen,
    Shown,
    Text,
    form_key,
    read_text,
    why_too_long,
    why_unfit,
)
from bot.console.people.merging import Together, together_with
from bot.console.people.steps import STATES, Steps
from bot.console.people.story import Story, area_titles, state_of
from bot.console.people.words import CaseWords
from bot.console.tongue import reason_of
from bot.safely import clean
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import audit, case, desk, walls
from storage.appointments import LEADS, LENGTHS, MOST_OFFERS
from storage.case import GONE, CaseView
from storage.desk import DeskError
from storage.news import tell
from storage.staff import CounsellorView

Words = Annotated[list[str], Form(default_factory=list)]
Change: TypeAlias = Callable[[Connection, datetime], object]
SHORTEST_REASON = 10
PAGE = 30
"""So many lines of the timeline at once."""


class People:
    def __init__(self, auth: Auth, words: CaseWords) -> None:
        self.auth, self.parts, self.store, self.words = auth, auth.parts, auth.parts.store, words

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/people/{contact_id}", self.page, methods=["GET"])
        for path, action in (
            ("answers", self.answer), ("notes", self.note), ("promises", self.promise), ("override", self.override),
        ):
            router.add_api_route(f"/people/{{contact_id}}/{path}", action, methods=["POST"])
        passing.Passing(self).add_to(router)
        Steps(self).add_to(router)
        Appointments(self).add_to(router)
        asking.Asking(self).add_to(router)
        Ending(self).add_to(router)

    async def page(self, me: Me, contact_id: Number, change: str = "", older: Number = 0) -> Response:
        return await self.show(me, contact_id, Shown(change[:100], min(older, 10_000)))

    async def show(self, me: CounsellorView, contact_id: int, shown: Shown) -> Response:
        now, language = self.parts.clock.now(), tongue.now().code
        found, together, partners = await self.store.read(lambda connection: (
            case.load(connection, contact_id, walls.sight(connection, me, now)), together_with(connection, contact_id),
            passing.partners_of(connection, language)))
        if found is None:
            if (into := together.into) is not None:
                return RedirectResponse(f"{HOME}/people/{into}", 303)
            return self.auth.look.page("missing.html", status=404, me=me, title=NOT_FOUND, sentence=GONE)
        await self.store.write(
            lambda connection: audit.note(connection, me.id, "see_person", contact_id, now))
        return self._shown(me, found, shown, together, partners)

    def _shown(
        self, me: CounsellorView, found: CaseView, shown: Shown, together: Together,
        partners: Sequence[tuple[str, str]],
    ) -> Response:
        person, story = found.person, Story(found, self.words)
        answers = Answers(self.words, person.known, person.intake, found.changes)
        timeline = story.timeline()
        return self.auth.look.page(
            "person_page.html", status=shown.status, me=me, case=found, person=person, story=story,
            situation=answers.situation(), parts=answers.parts(), field=answers.field(shown.change),
            timeline=timeline[shown.older : shown.older + PAGE], older=shown.older,
            more=shown.older + PAGE if len(timeline) > shown.older + PAGE else 0,
            trouble=shown.trouble, options=shown.options, areas=area_titles(me.areas), state_of=state_of,
            states=STATES, next_of=passing.next_of, partners=partners, together=together,
            lengths=LENGTHS, most_offers=MOST_OFFERS, leads=LEADS,
            our_place=self.parts.settings.centre_address or self.parts.settings.centre_name,
            pace=asking.pace_of(found, self.parts.settings.time_zone), key=secrets.token_urlsafe(12),
            today=self.today(), page_size=PAGE,
        )

    def today(self) -> date:
        return local_date(self.parts.clock.now(), self.parts.settings.time_zone)

    # ------------------------------------------------------------- an answer

    async def answer(
        self, me: Me, contact_id: Number, picked: Words, path: Text = "", text: Text = "", last: Seen = 0
    ) -> Response:
        step, text = question_of(path), read_text(text)
        if step is None:
            trouble = Trouble("answer", _d("This answer is not changed here."))
            return await self.show(me, contact_id, Shown(trouble=trouble, status=422))
        value = read(step, text, [clean(one) for one in picked], self.today(), self.words)
        shown = Shown(path, trouble=Trouble("answer", "", text))
        if isinstance(value, NotTaken):
            trouble = Trouble("answer", value.sentence, text)
            return await self.show(me, contact_id, Shown(path, 0, trouble, value.options, 422))

        def change(connection: Connection, now: datetime) -> None:
            case.set_answer(connection, contact_id, path, value, last, me.id, now)

        return await self.changed(me, contact_id, "change_answer", change, shown)

    # ------------------------------------------------------------- notes, steps, referrals, promises

    async def note(self, me: Me, contact_id: Number, text: Text = "", area: Text = "general") -> Response:
        text = read_text(text)
        shown = Shown(trouble=Trouble("note", why_unfit(text, LONGEST), text))

        def change(connection: Connection, now: datetime) -> None:
            case.must_be(connection, contact_id)
            desk.add_note(connection, contact_id, None, me.id, text, now, area if area in labels.AREAS else "general")

        return await self.changed(me, contact_id, "note", change, shown)

    async def promise(
        self, me: Me, contact_id: Number, about: Text = "", due: Text = "", key: Text = ""
    ) -> Response:
        about, due_at = read_text(about), self.moment(due)
        unfit = why_unfit(about, LONGEST_LINE) or (_d("Choose a day and an hour.") if due_at is None else "")
        shown = Shown(trouble=Trouble("promise", unfit, about))

        def change(connection: Connection, now: datetime) -> None:
            assert due_at is not None
            case.promise(connection, contact_id, form_key(key), about, due_at, now)

        return await self.changed(me, contact_id, "promise", change, shown)

    def moment(self, typed: str) -> datetime | None:
        """A day and an hour as the browser's field writes them, in the time of the centre."""
        try:
            at = datetime.fromisoformat(typed)
        except ValueError:
            return None
        at = at if at.tzinfo is None else at.replace(tzinfo=None)
        return at.replace(tzinfo=self.auth.look.zone).astimezone(UTC)

    # ------------------------------------------------------------- over the wall

    async def override(self, me: Me, contact_id: Number, reason: Text = "") -> Response:
        """In an emergency: for an hour, and a coordinator sees why."""
        reason = read_text(reason)
        short = Phrase("Say in a few words why: at least {least} characters. A coordinator reads it.",
                       least=SHORTEST_REASON)
        unfit = short if len(reason) < SHORTEST_REASON else why_too_long(reason, LONGEST_LINE)
        shown = Shown(trouble=Trouble("override", unfit, reason))

        def change(connection: Connection, now: datetime) -> None:
            case.must_be(connection, contact_id)
            new = walls.look_over(connection, contact_id, me.id, reason, now)
            audit.note(connection, me.id, "override", contact_id, now, override=new)
            tell(connection, ["queue"])

        return await self.changed(me, contact_id, None, change, shown)

    # ------------------------------------------------------------- done, or why not

    async def changed(
        self, me: CounsellorView, contact_id: int, action: audit.Action | None, change: Change, shown: Shown,
        back: str = "",
    ) -> Response:
        """Stored and noted, then the page anew; or the page with what was typed and why it was not taken."""
        assert shown.trouble is not None
        if shown.trouble.sentence:
            return await self.show(me, contact_id, replace(shown, status=422))
        now = self.parts.clock.now()

        def work(connection: Connection) -> None:
            change(connection, now)
            if action is not None:
                audit.note(connection, me.id, action, contact_id, now)
            tell(connection, [f"contact:{contact_id}"])

        try:
            await self.store.write(work)
        except DeskError as error:
            trouble = replace(shown.trouble, sentence=reason_of(error))
            return await self.show(me, contact_id, replace(shown, trouble=trouble, status=409))
        return RedirectResponse(local_page(back, f"{HOME}/people/{contact_id}"), 303)

    async def done(
        self, me: CounsellorView, contact_id: int, section: str, trouble: Trouble, work: Coroutine[Any, Any, None],
        back: str = "",
    ) -> Response:
        """As `changed`, for what the staff's own side carries out. `section`: where on the page it then stands."""
        if trouble.sentence:
            work.close()
            return await self.show(me, contact_id, Shown(trouble=trouble, status=422))
        try:
            await work
        except DeskError as error:
            trouble = replace(trouble, sentence=reason_of(error))
            return await self.show(me, contact_id, Shown(trouble=trouble, status=409))
        here = f"{HOME}/people/{contact_id}#{section}"
        return RedirectResponse(local_page(back, here) if back else here, 303)
