"""The register of facts: what people are told, who checked it, until when it holds, and who was told what before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.base import Limits
from bot.clock import local_date
from bot.console.auth import Auth, Me
from bot.console.changes import Change, changes
from bot.console.fact_form import CONFIDENCE, LANGUAGES, STATES, faults_of, read_form
from bot.console.guard import HOME
from bot.console.pages import NOT_FOUND
from bot.console.tongue import reason_of, spoken, spoken_many
from bot.receive import tell_again
from bot.render import Knowledge, Reader, fact_card
from conversations.marking import mark_for_desk as _d
from conversations.register import Fact, Register, seed
from conversations.register_file import BadFile, from_toml, to_toml
from storage import audit, facts
from storage.facts import Overtaken, Version
from storage.staff import CounsellorView
from storage.told import Told

FACTS = f"{HOME}/facts"
SOON = timedelta(days=14)
GONE = _d("There is no such fact. It may have been renamed.")
OVERTAKEN = _d("Somebody else has changed this fact while you were writing. What you typed is still here: compare it "
             "with the newest version below, and save again.")
NOTHING_NEW = _d("Nothing is different, so nothing was saved.")
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
        register = await self.store.read(_register)
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
        register = await self.store.read(_register)
        name = f'attachment; filename="facts-{self.today()}.toml"'
        return PlainTextResponse(to_toml(register.facts.values()), headers={"Content-Disposition": name})

    async def bring(self, me: Me, text: Text = "") -> Response:
        """Facts of a file: all of them, or, where one is wrong, none."""
        try:
            new = from_toml(text)
        except BadFile as why:
            return await self._page(me, [reason_of(why)], status=422)
        register = await self.store.read(_register)
        if wrong := faults_of(new, register.partners, self.today()):
            return await self._page(me, wrong, status=422)
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> int:
            count = facts.bring(connection, new, _register(connection), me.id, now)
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

    async def _fact(
        self, me: CounsellorView, fact_id: str, typed: Fact | None = None, wrong: list[str] | None = None,
        done: str = "", status: int = 200, preview: bool = False,
    ) -> Response:
        now = self.auth.parts.clock.now()

        def look(connection: Connection) -> tuple[Register, list[Version], list[Told]]:
            register = _register(connection)
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
            partners=register.partners, languages=LANGUAGES, states=STATES, confidences=CONFIDENCE,
            today=self.today(), wrong=wrong or [], done=done, preview=preview, cards=self._cards(shown, register),
        )

    def _cards(self, fact: Fact, register: Register) -> dict[str, str]:
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
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        register = await self.store.read(_register)
        stored = register.facts.get(fact_id)
        if stored is None:
            return await self._fact(me, fact_id)
        typed = read_form(stored, form, register.partners, self.today())
        if form.get("do") == "preview" or typed.wrong:
            status = 422 if typed.wrong and form.get("do") != "preview" else 200
            return await self._fact(me, fact_id, typed.fact, list(typed.wrong), status=status, preview=True)
        if not changes(stored, typed.fact) and typed.fact.version == stored.version:
            return await self._fact(me, fact_id, done=NOTHING_NEW)
        return await self._keep(me, typed.fact)

    async def _keep(self, me: CounsellorView, fact: Fact) -> Response:
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> None:
            new = facts.save(connection, fact, me.id, now)
            audit.note(connection, me.id, "change_fact", None, now, version=new.version)

        try:
            await self.store.write(work)
        except Overtaken:
            newest = (await self.store.read(_register)).facts[fact.id].version
            typed = replace(fact, version=newest)
            return await self._fact(me, fact.id, typed, [OVERTAKEN], status=409, preview=True)
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


def _register(connection: Connection) -> Register:
    return facts.load(connection, seed())


def _history(versions: list[Version]) -> list[Kept]:
    """Each version with what changed since the one before it."""
    before = [*(one.fact for one in versions[1:]), None]
    return [Kept(one, changes(old, one.fact)) for one, old in zip(versions, before, strict=False)]
