"""The register of facts: what people are told, who checked it, until when it holds, and who was told what before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.base import Limits
from bot.clock import local_date
from bot.console import tongue
from bot.console.asked import Asked, numbers
from bot.console.auth import Auth, Me
from bot.console.changes import Change, changes
from bot.console.fact_form import CONFIDENCE, LANGUAGES, STATES, asked_in, faults_of, read_form
from bot.console.fact_trial import Trial, trial
from bot.console.guard import HOME
from bot.console.pages import NOT_FOUND
from bot.console.tongue import reason_of, spoken, spoken_many
from bot.receive import tell_again
from bot.render import Knowledge, Reader, fact_card
from bot.safely import clean
from conversations.marking import mark_for_desk as _d
from conversations.register import Fact, Register, seed
from conversations.register_file import BadFile, from_toml, to_toml
from conversations.understanding.asked import heard
from storage import audit, facts, unanswered
from storage.facts import Overtaken, Version
from storage.staff import CounsellorView
from storage.told import Told

FACTS = f"{HOME}/facts"
SOON = timedelta(days=14)
GONE = _d("There is no such fact. It may have been renamed.")
OVERTAKEN = _d("Somebody else has changed this fact while you were writing. What you typed is still here: compare it "
             "with the newest version below, and save again.")
NOTHING_NEW = _d("Nothing is different, so nothing was saved.")
LONGEST_TRIED = 300
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Kept:
    """A version with what it changed."""

    version: Version
    changes: list[Change]


class Facts:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self.store = auth.parts.store

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/facts", self.page, methods=["GET"])
        router.add_api_route("/facts/file", self.export, methods=["GET"])
        router.add_api_route("/facts/file", self.bring, methods=["POST"])
        router.add_api_route("/facts/of/{fact_id}", self.fact, methods=["GET"])
        router.add_api_route("/facts/of/{fact_id}", self.change, methods=["POST"])
        router.add_api_route("/facts/of/{fact_id}/tell", self.tell, methods=["POST"])

    def today(self) -> date:
        return local_date(self.auth.parts.clock.now(), self.auth.parts.settings.time_zone)

    # ------------------------------------------------------------------ all of them

    async def page(self, me: Me) -> Response:
        await self.auth.note(me, "see_facts")
        return await self._page(me)

    async def _page(
        self, me: CounsellorView, wrong: list[str] | None = None, done: str = "", status: int = 200
    ) -> Response:
        register = await self.store.read(register_of)
        today = self.today()
        entries = sorted(register.facts.values(), key=lambda one: (one.area, one.id))
        soon = sorted((one for one in entries if one.expires <= today + SOON), key=lambda one: one.expires)
        return self.auth.look.page(
            "facts_page.html", status=status, me=me, entries=entries, soon=soon, today=today, wrong=wrong or [],
            done=done,
        )

    async def export(self, me: Me) -> Response:
        """The register as a file that another centre can read."""
        await self.auth.note(me, "see_facts")
        register = await self.store.read(register_of)
        name = f'attachment; filename="facts-{self.today()}.toml"'
        return PlainTextResponse(to_toml(register.facts.values()), headers={"Content-Disposition": name})

    async def bring(self, me: Me, text: Text = "") -> Response:
        """Facts of a file: all of them, or, where one is wrong, none."""
        try:
            new = from_toml(text)
        except BadFile as why:
            return await self._page(me, [reason_of(why)], status=422)
        register = await self.store.read(register_of)
        if wrong := faults_of(new, register.partners, self.today()):
            return await self._page(me, wrong, status=422)
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> int:
            count = facts.bring(connection, new, register_of(connection), me.id, now)
            audit.note(connection, me.id, "import_facts", None, now, facts=count)
            return count

        count = await self.store.write(work)
        await self.auth.parts.answer_facts([one.id for one in new], me.id)
        return await self._page(me, done=spoken(
            "{count} of {all} facts were new or different, and are kept.", count=count, all=len(new)))

    # --------------------------------------------------------------------- one fact

    async def fact(self, me: Me, fact_id: str) -> Response:
        await self.auth.note(me, "see_facts")
        return await self._fact(me, fact_id)

    async def with_words(self, me: CounsellorView, fact: Fact, asked: Asked) -> Response:
        """A fact with the wordings of open questions filled in: nothing is kept before the coordinator has looked."""
        return await self._fact(me, fact.id, asked.in_fact(fact), settles=asked.ids)

    async def _fact(
        self, me: CounsellorView, fact_id: str, typed: Fact | None = None, wrong: list[str] | None = None,
        done: str = "", status: int = 200, preview: bool = False, settles: Sequence[int] = (),
        trial: Trial | None = None,
    ) -> Response:
        now = self.auth.parts.clock.now()

        def look(connection: Connection) -> tuple[Register, list[Version], list[Told]]:
            register = register_of(connection)
            stored = register.facts.get(fact_id)
            told = tell_again.of_older(connection, stored, now) if stored else []
            return register, facts.versions(connection, fact_id), told

        register, versions, told = await self.store.read(look)
        stored = register.facts.get(fact_id)
        if stored is None:
            return self.auth.look.page("missing.html", status=404, me=me, title=NOT_FOUND, sentence=GONE)
        shown = typed or stored
        return self.auth.look.page(
            "fact_page.html", status=status, me=me, fact=shown, stored=stored, history=_history(versions), told=told,
            today=self.today(), wrong=wrong or [], done=done, preview=preview, cards=self.cards(shown, register),
            **self.fields(shown, register, settles, trial),
        )

    def fields(self, fact: Fact, register: Register, settles: Sequence[int], trial: Trial | None) -> dict[str, Any]:
        """What the form of a fact needs, a new one's too."""
        mine = self.auth.parts.translator[tongue.now().code].heard_as
        return {"partners": register.partners, "languages": LANGUAGES, "states": STATES, "confidences": CONFIDENCE,
                "asked_in": asked_in(fact), "settles": settles, "trial": trial, "heard_as": mine}

    def cards(self, fact: Fact, register: Register) -> dict[str, str]:
        """As people see it today, in each language and script; every channel shows the same text."""
        translator, settings = self.auth.parts.translator, self.auth.parts.settings
        knowledge = Knowledge(register, settings.show_unverified_facts)
        return {
            language: fact_card(fact, Reader(language, Limits(4096, 64), today=self.today()), translator,
                                knowledge).text
            for language in translator.languages if fact.question.get(language[:2]) and fact.answer.get(language[:2])
        }

    async def change(self, request: Request, me: Me, fact_id: str) -> Response:
        """Keep what was typed as the next version, or only show how it would look."""
        sent = await request.form()
        form = {name: value for name, value in sent.items() if isinstance(value, str)}
        settles = numbers(sent, "settles")
        register = await self.store.read(register_of)
        stored = register.facts.get(fact_id)
        if stored is None:
            return await self._fact(me, fact_id)
        typed = read_form(stored, form, register.partners, self.today())
        if form.get("do") == "try":
            return await self._fact(me, fact_id, typed.fact, settles=settles,
                                    trial=await tried(form, typed.fact, register))
        if form.get("do") == "preview" or typed.wrong:
            status = 422 if typed.wrong and form.get("do") != "preview" else 200
            return await self._fact(me, fact_id, typed.fact, list(typed.wrong), status=status, preview=True,
                                    settles=settles)
        if not changes(stored, typed.fact) and typed.fact.version == stored.version and not settles:
            return await self._fact(me, fact_id, done=NOTHING_NEW)
        try:
            return await self.keep(me, stored, typed.fact, settles)
        except Overtaken:
            newest = (await self.store.read(register_of)).facts[fact_id].version
            return await self._fact(me, fact_id, replace(typed.fact, version=newest), [OVERTAKEN], status=409,
                                    preview=True, settles=settles)

    async def keep(self, me: CounsellorView, stored: Fact | None, fact: Fact, settles: Sequence[int]) -> Response:
        """A fact as its next version, and the open questions that it answers off the list. Raises Overtaken."""
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> None:
            if stored is None or changes(stored, fact) or fact.version != stored.version:
                new = facts.save(connection, fact, me.id, now)
                audit.note(connection, me.id, "change_fact", None, now, version=new.version)
            if settles:
                count = unanswered.settle(connection, settles, me.id, now)
                audit.note(connection, me.id, "settle_questions", None, now, count=count)

        await self.store.write(work)
        if count := await self.auth.parts.answer_facts([fact.id], me.id):
            return await self._fact(me, fact.id, done=spoken_many(
                "It is kept. {number} person who asked about it is told.",
                "It is kept. {number} people who asked about it are told.", count))
        return RedirectResponse(f"{FACTS}/of/{fact.id}", 303)

    async def tell(self, me: Me, fact_id: str) -> Response:
        """Those who were told an older version are told this one."""
        count = await self.auth.parts.tell_fact(fact_id, me.id)
        done = spoken_many("{number} person is told how it is now.", "{number} people are told how it is now.", count)
        return await self._fact(me, fact_id, done=done)


def register_of(connection: Connection) -> Register:
    return facts.load(connection, seed())


async def tried(form: Mapping[str, str], fact: Fact, register: Register) -> Trial | None:
    """The sentence of the form, understood with the fact as it was typed."""
    text, language = clean(form.get("try", "")).strip()[:LONGEST_TRIED], form.get("try_in", "")
    return await trial(text, language if language in heard() else "en", fact, register) if text else None


def _history(versions: list[Version]) -> list[Kept]:
    """Each version with what changed since the one before it."""
    before = [*(one.fact for one in versions[1:]), None]
    return [Kept(one, changes(old, one.fact)) for one, old in zip(versions, before, strict=False)]
