"""A fact that nobody had written down yet: from an empty form, or from questions that nobody could answer."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bot.console.asked import asked, numbers
from bot.console.auth import Me
from bot.console.fact_form import AREAS, blank, read_new, there_already
from bot.console.fact_trial import Trial
from bot.console.facts import Facts, register_of, tried
from conversations.register import Fact, Register
from storage import unanswered
from storage.facts import Overtaken
from storage.staff import CounsellorView


class NewFacts:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.auth, self.store = facts.auth, facts.store

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/facts/new", self.page, methods=["GET"])
        router.add_api_route("/facts/new", self.add, methods=["POST"])

    async def page(self, request: Request, me: Me) -> Response:
        """Empty, or with what people asked: `question` is each that it would answer."""
        ids = numbers(request.query_params, "question")
        fact, register = blank(self.facts.today()), await self.store.read(register_of)
        if not ids:
            return self._page(me, fact, register)
        await self.auth.note(me, "see_questions")
        questions = await self.store.read(lambda connection: unanswered.among(connection, ids))
        found = asked(questions, self.auth.parts.translator)
        return self._page(me, found.in_new(fact, AREAS), register, settles=found.ids)

    def _page(
        self, me: CounsellorView, fact: Fact, register: Register, name: str = "", wrong: Sequence[str] = (),
        preview: bool = False, status: int = 200, settles: Sequence[int] = (), trial: Trial | None = None,
    ) -> Response:
        cards = self.facts.cards(fact, register) if preview else {}
        return self.auth.look.page(
            "new_fact_page.html", status=status, me=me, fact=fact, name=name, areas=AREAS, wrong=wrong,
            preview=preview, cards=cards, **self.facts.fields(fact, register, settles, trial))

    async def add(self, request: Request, me: Me) -> Response:
        """Keep what was typed as a new fact, or only show how it would look; what is wrong is said above the form."""
        sent = await request.form()
        form = {name: value for name, value in sent.items() if isinstance(value, str)}
        settles, register = numbers(sent, "settles"), await self.store.read(register_of)
        typed = read_new(form, register, self.facts.today())
        name = form.get("name", "").strip()
        if form.get("do") == "try":
            return self._page(me, typed.fact, register, name, settles=settles,
                              trial=await tried(form, typed.fact, register))
        if form.get("do") == "preview" or typed.wrong:
            status = 200 if form.get("do") == "preview" else 422
            return self._page(me, typed.fact, register, name, typed.wrong, True, status, settles)
        try:
            return await self.facts.keep(me, None, typed.fact, settles)
        except Overtaken:
            wrong = [there_already(typed.fact.id)]
            return self._page(me, typed.fact, register, name, wrong, True, 409, settles)
