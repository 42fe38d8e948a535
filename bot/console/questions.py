"""What people asked and nobody could answer, week by week and grouped, for coordinators: without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import local_date
from bot.console.asked import asked, fact_meant, numbers
from bot.console.auth import Auth, Me
from bot.console.facts import Facts, register_of
from bot.console.guard import HOME, Number
from conversations.marking import mark_for_desk as _d
from conversations.understanding.groups import groups
from storage import audit, unanswered
from storage.staff import CounsellorView
from storage.unanswered import Question

QUESTIONS = f"{HOME}/questions"
MOST_SHOWN = 3
NO_SUCH_FACT = _d("There is no such fact. Choose one from the list that opens when you type, or make a new one.")
Ids = Annotated[list[Number], Form(default_factory=list)]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that say nearly the same."""

    questions: Sequence[Question]

    @property
    def texts(self) -> list[str]:
        """Different wordings, the most frequent first."""
        return [text for text, _ in Counter(one.text for one in self.questions).most_common(MOST_SHOWN)]

    @property
    def languages(self) -> list[str]:
        return sorted({one.language for one in self.questions})

    @property
    def area(self) -> str | None:
        """What most of them are about, as far as the bot could tell."""
        return Counter(one.area for one in self.questions).most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    groups: Sequence[Group]


class Questions:
    def __init__(self, auth: Auth, facts: Facts) -> None:
        self.auth = auth
        self.facts = facts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/questions", self.page, methods=["GET"])
        router.add_api_route("/questions", self.settle, methods=["POST"])
        router.add_api_route("/questions/belongs", self.belongs, methods=["GET"])

    async def page(self, me: Me) -> Response:
        await self.auth.note(me, "see_questions")
        return await self._page(me)

    async def _page(self, me: CounsellorView, wrong: str = "", status: int = 200) -> Response:
        parts = self.auth.parts
        found, register = await parts.store.read(lambda connection: (
            unanswered.open_ones(connection), register_of(connection)))
        known = sorted(register.facts.values(), key=lambda one: (one.area, one.id))
        return self.auth.look.page("questions_page.html", status=status, me=me, known=known, wrong=wrong,
                                   weeks=list(weeks(found, parts.settings.time_zone)))

    async def belongs(self, request: Request, me: Me, fact: str = "") -> Response:
        """The form of a fact that is there, with these questions' words in it: they are settled when it is saved."""
        await self.auth.note(me, "see_questions")
        ids = numbers(request.query_params, "question")
        found, register = await self.auth.parts.store.read(lambda connection: (
            unanswered.among(connection, ids), register_of(connection)))
        known = fact_meant(fact, register.facts)
        if known is None:
            return await self._page(me, NO_SUCH_FACT, status=404)
        return await self.facts.with_words(me, known, asked(found, self.auth.parts.translator))

    async def settle(self, me: Me, ids: Ids) -> Response:
        """Off the list: there is a fact now, or it needs none."""
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> None:
            count = unanswered.settle(connection, ids, me.id, now)
            audit.note(connection, me.id, "settle_questions", None, now, count=count)

        await self.auth.parts.store.write(work)
        return RedirectResponse(QUESTIONS, 303)


def weeks(found: Sequence[Question], zone: str) -> Iterator[Week]:
    """The newest week first; in a week, what was asked most."""

    def monday(one: Question) -> date:
        day = local_date(one.at, zone)
        return day - timedelta(days=day.weekday())

    for first_day, members in groupby(sorted(found, key=lambda one: (monday(one), one.id), reverse=True), key=monday):
        asked = list(members)
        yield Week(first_day, [Group([asked[at] for at in one]) for one in groups([one.text for one in asked])])
