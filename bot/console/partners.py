"""The partners: what they do, for whom, where and when, how to reach them, what to bring, and who looked at it last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import local_date
from bot.console import tongue
from bot.console.auth import Auth, Me
from bot.console.changes import Change, changes
from bot.console.fact_form import CONFIDENCE, LANGUAGES, MUST, NO_DAY, with_others
from bot.console.guard import HOME
from bot.console.pages import NOT_FOUND
from bot.hours import OfficeHours
from bot.safely import clean
from conversations.checks import check_register
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.readers import fold
from conversations.register import Partner, Register, in_language, seed
from storage import audit, case, partners, walls
from storage.case import OpenThere
from storage.news import tell
from storage.partners import Version
from storage.staff import CounsellorView

PARTNERS = f"{HOME}/partners"
GONE = _d("There is no such partner. It may have been renamed.")
OVERTAKEN = _d("Somebody else has changed this partner while you were writing. What you typed is still here: compare "
               "it with the newest version below, and save again.")
NOTHING_NEW = _d("Nothing is different, so nothing was saved.")
NO_NAME = _d("It needs a name in English, with at least one letter.")
THERE_ALREADY = _d("There is a partner by this English name already: look at it, or give this one another name.")
BLANK = Partner("", {}, {}, {}, "", "", "medium")
LONGEST_SLUG = 60
TEXTS = ("name", "what", "for_whom")
LINES = ("municipality", "address", "phone", "hours", "web", "languages", "source", "seen", "confidence", "note")
OPTIONAL = frozenset({"municipality", "address", "phone", "web"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A version with what it changed."""

    version: Version
    changes: list[Change]


class Partners:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self.store = auth.parts.store

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/partners", self.page, methods=["GET"])
        router.add_api_route("/partners/new", self.new, methods=["GET"])
        router.add_api_route("/partners", self.add, methods=["POST"])
        router.add_api_route("/partners/{slug}", self.partner, methods=["GET"])
        router.add_api_route("/partners/{slug}", self.change, methods=["POST"])
        router.add_api_route("/partners/{slug}/end", self.end, methods=["POST"])

    async def page(self, me: Me) -> Response:
        await self.auth.note(me, "see_facts")
        found = await self.store.read(_all)
        entries = sorted(found.values(), key=lambda one: in_language(one.name, tongue.now().code).casefold())
        return self.auth.look.page("partners_page.html", me=me, entries=entries)

    async def partner(self, me: Me, slug: str) -> Response:
        await self.auth.note(me, "see_facts")
        return await self._partner(me, slug)

    async def _partner(
        self, me: CounsellorView, slug: str, typed: Partner | None = None, wrong: list[str] | None = None,
        done: str = "", status: int = 200,
    ) -> Response:
        now = self.auth.parts.clock.now()

        def look(connection: Connection) -> tuple[dict[str, Partner], list[Version], list[OpenThere]]:
            sight = walls.sight(connection, me, now)
            return _all(connection), partners.versions(connection, slug), case.open_with(connection, slug, sight)

        found, versions, open_there = await self.store.read(look)
        stored = found.get(slug)
        if stored is None:
            return self.auth.look.page("missing.html", status=404, me=me, title=NOT_FOUND, sentence=GONE)
        return self.auth.look.page(
            "partner_page.html", status=status, me=me, partner=typed or stored, stored=stored, wrong=wrong or [],
            done=done, history=_history(versions), open_there=open_there, languages=LANGUAGES, texts=TEXTS, lines=LINES,
            confidences=CONFIDENCE,
        )

    async def new(self, me: Me) -> Response:
        return self._new(me, BLANK)

    def _new(self, me: CounsellorView, typed: Partner, wrong: Sequence[str] = (), status: int = 200) -> Response:
        return self.auth.look.page(
            "partner_page.html", status=status, me=me, partner=typed, stored=None, wrong=wrong, done="", history=[],
            open_there=[], languages=LANGUAGES, texts=TEXTS, lines=LINES, confidences=CONFIDENCE)

    async def add(self, request: Request, me: Me) -> Response:
        """Keep what was typed as a partner that nobody knew yet."""
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        now = self.auth.parts.clock.now()
        slug = slug_of(form.get("name.en", ""))
        typed, wrong = read_form(replace(BLANK, slug=slug), {**form, "version": "1"},
                                 local_date(now, self.auth.parts.settings.time_zone))
        if wrong or not slug:
            return self._new(me, typed, wrong or [NO_NAME], status=422)

        def work(connection: Connection) -> bool:
            is_new = slug not in _all(connection) and partners.add(connection, typed, me.id, now)
            if is_new:
                audit.note(connection, me.id, "change_partner", None, now, version=1)
            return is_new

        if not await self.store.write(work):
            return self._new(me, typed, [THERE_ALREADY], status=409)
        return RedirectResponse(f"{PARTNERS}/{slug}", 303)

    async def change(self, request: Request, me: Me, slug: str) -> Response:
        """Keep what was typed as the next version."""
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        stored = (await self.store.read(_all)).get(slug)
        if stored is None:
            return await self._partner(me, slug)
        today = local_date(self.auth.parts.clock.now(), self.auth.parts.settings.time_zone)
        typed, wrong = read_form(stored, form, today)
        if wrong:
            return await self._partner(me, slug, typed, wrong, status=422)
        if not changes(stored, typed) and typed.version == stored.version:
            return await self._partner(me, slug, done=NOTHING_NEW)
        if not await self._keep(me, stored, typed):
            typed = replace(typed, version=(await self.store.read(_all))[slug].version)
            return await self._partner(me, slug, typed, [OVERTAKEN], status=409)
        return RedirectResponse(f"{PARTNERS}/{slug}", 303)

    async def end(
        self, me: Me, slug: str, version: Annotated[str, Form()] = "", again: Annotated[str, Form()] = ""
    ) -> Response:
        """The centre works with this partner no more, or does again. What is open there is not lost: each is a task."""
        stored = (await self.store.read(_all)).get(slug)
        if stored is None:
            return await self._partner(me, slug)
        if version != str(stored.version):
            return await self._partner(me, slug, None, [OVERTAKEN], status=409)
        today = local_date(self.auth.parts.clock.now(), self.auth.parts.settings.time_zone)
        after = replace(stored, removed=None if again else today)
        if not await self._keep(me, stored, after):
            return await self._partner(me, slug, None, [OVERTAKEN], status=409)
        return RedirectResponse(f"{PARTNERS}/{slug}", 303)

    async def _keep(self, me: CounsellorView, before: Partner, after: Partner) -> bool:
        now = self.auth.parts.clock.now()

        def work(connection: Connection) -> bool:
            done = partners.save(connection, before, after, me.id, now)
            if done:
                audit.note(connection, me.id, "change_partner", None, now, version=after.version + 1)
            if done and after.removed is not None and before.removed is None:
                case.leave_open(connection, after.slug, after.name["en"], now)
                tell(connection, ["queue"])
            return done

        return await self.store.write(work)


def slug_of(name: str) -> str:
    """How a partner is called in files and addresses: its English name in plain letters; “new” is a page."""
    slug = fold(name).replace(" ", "-")[:LONGEST_SLUG].strip("-")
    return "" if slug in ("new", "") or not slug.isascii() else slug


def read_form(before: Partner, form: Mapping[str, str], today: date) -> tuple[Partner, list[str]]:
    """The partner as it was typed, and what is wrong with it."""
    def text(name: str) -> str:
        return clean(form.get(name, "")).strip()

    values: dict[str, Any] = {name: text(name) or (None if name in OPTIONAL else "") for name in LINES}
    values |= {name: with_others(getattr(before, name), {one: text(f"{name}.{one}") for one in LANGUAGES})
               for name in TEXTS}
    papers = {one: tuple(line.strip() for line in text(f"papers.{one}").splitlines() if line.strip())
              for one in LANGUAGES}
    values["papers"] = with_others(before.papers, {one: items for one, items in papers.items() if items})
    wrong: list[str] = []
    try:
        values["checked"] = date.fromisoformat(text("checked")) if text("checked") else None
    except ValueError:
        wrong.append(Phrase("{field}: {why}", field=Phrase("Last checked"), why=Phrase(NO_DAY)))
    version = text("version")
    values["version"] = int(version) if version.isdigit() and len(version) < 9 else before.version
    typed = replace(before, **values)
    return typed, [*wrong, *_faults(typed, today)]


def _faults(partner: Partner, today: date) -> list[str]:
    found = [fault.says for fault in check_register(Register({}, {partner.slug: partner}), MUST, today)]
    if partner.confidence not in CONFIDENCE:
        found.append(Phrase("Its confidence is “{word}”. Use one of {words}.", word=partner.confidence,
                            words=", ".join(CONFIDENCE)))
    if partner.checked is not None and partner.checked > today:
        found.append(_d("It cannot have been checked on a day that is still to come."))
    missing = [one for one in MUST if not partner.papers.get(one)]
    if partner.papers and missing:
        found.append(Phrase("Its papers are missing in {languages}. Translate them.", languages=", ".join(missing)))
    try:
        OfficeHours.parse(partner.hours, ZoneInfo("UTC"))
    except ValueError as why:
        found.append(Phrase("Its hours cannot be read: {why}.", why=why.args[0]))
    return found


def _all(connection: Connection) -> dict[str, Partner]:
    return partners.load(connection, seed().partners)


def _history(versions: list[Version]) -> list[Kept]:
    """Each version with what changed since the one before it."""
    before = [*(one.partner for one in versions[1:]), None]
    return [Kept(one, changes(old, one.partner)) for one, old in zip(versions, before, strict=False)]
