"""What we keep about a person, as a file: on the web chat for whoever the browser says it is, elsewhere by a link."""

from __future__ import annotations

from asyncio import to_thread
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, TypeAlias

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from bot.person_file import PersonFile, Reading, as_calendar, load
from bot.plan_sheet import as_pdf
from bot.receive.plan_view import PLAN_FORM
from bot.render.sheet import FILE
from bot.render.sheet import TITLE as PLAN_TITLE
from bot.translate import Translator
from bot.web.answers import Refused, answer, refusal
from bot.web.browser import signed_in
from bot.web.page import PAGE_HEADERS, TEMPLATES, html_lang, template
from conversations.marking import mark as _
from conversations.register import Register
from storage import contacts, file_links
from storage.store import Store, StoreError

CALENDAR = "calendar"
FORMS = {"page": ("my-data.html", "text/html; charset=utf-8"), "data": ("my-data.json", "application/json"),
         CALENDAR: ("appointment.ics", "text/calendar; charset=utf-8"), PLAN_FORM: (FILE, "application/pdf")}
TITLE = _("Everything that we keep about you")
APPOINTMENTS = _("Your appointments")
MADE = _("As it was on {moment}.")
KEEP_SAFE = _("Whoever has this file can read it. Keep it in a safe place, or delete it when you have read it.")
FETCH = _("Fetch my file")
ONCE = _("The link works once, and for one hour.")
TOO_OLD = _("This link does not work any more. Please ask for a new one in the chat, under “My data”.")


def _own_style() -> str:
    """The digest of the style sheet that stands in these pages: a file that is taken along has nothing beside it."""
    style = (TEMPLATES / "file_style.html").read_text("utf-8").partition("<style>")[2].partition("</style>")[0]
    return b64encode(sha256(style.encode()).digest()).decode()


@cache
def _headers() -> dict[str, str]:
    return PAGE_HEADERS | {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_own_style()}'; base-uri 'none'; "
                                   "form-action 'self'; frame-ancestors 'none'",
        "X-Robots-Tag": "noindex",
    }




PlanSheet: TypeAlias = Callable[[Connection, int], Mapping[str, Any] | None]


@dataclass(frozen=True)
class _Files:
    store: Store
    translator: Translator
    register: Register
    now: Callable[[], datetime]
    title: str
    plan: PlanSheet

    async def own(self, form: str, request: Request) -> Response:
        """Of whoever this browser's chat belongs to."""
        try:
            address = signed_in(request)
        except Refused as why:
            return refusal(why)
        if form not in FORMS or form == PLAN_FORM:
            return answer({"error": "no_form"}, 404)
        return await self._answered(lambda connection: self._of(connection, address), form, request)

    def _of(self, connection: Connection, address: str) -> PersonFile | None:
        contact_id = contacts.who(connection, "web", address)
        return load(connection, contact_id, self.now()) if contact_id is not None else None

    async def _answered(
        self, find: Callable[[Connection], PersonFile | None], form: str, request: Request
    ) -> Response:
        try:
            file = await self.store.read(find)
        except StoreError:
            return answer({"error": "try_later"}, 503)
        return self._attached(file, form) if file is not None else self._gone(request)

    async def ask(self, key: str, request: Request) -> Response:
        """A page with a button: looking at a link, as some programs do by themselves, does not use it up."""
        try:
            found = await self.store.read(lambda connection: self._link(connection, key))
        except StoreError:
            return answer({"error": "try_later"}, 503)
        if found is None:
            return self._gone(request)
        language, form = found
        heading = {CALENDAR: APPOINTMENTS, PLAN_FORM: PLAN_TITLE}.get(form, TITLE)
        return self._page(language, heading, ONCE, FETCH)

    def _link(self, connection: Connection, key: str) -> tuple[str, str] | None:
        """In whose language, and to what."""
        link = file_links.look(connection, key, self.now())
        people = contacts.load(connection, [link.contact_id]) if link else {}
        return next(((one.language, link.form) for one in people.values() if link and link.form in FORMS), None)

    async def fetch(self, key: str, request: Request) -> Response:
        try:
            link = await self.store.write(lambda connection: file_links.use(connection, key, self.now()))
        except StoreError:
            return answer({"error": "try_later"}, 503)
        if link is None or link.form not in FORMS:
            return self._gone(request)
        if link.form == PLAN_FORM:
            return await self._printed(link.contact_id, request)
        return await self._answered(lambda c: load(c, link.contact_id, self.now()), link.form, request)

    async def _printed(self, contact_id: int, request: Request) -> Response:
        """The plan as it is now."""
        try:
            made_of = await self.store.read(lambda connection: self.plan(connection, contact_id))
        except StoreError:
            return answer({"error": "try_later"}, 503)
        return self._as_file(await to_thread(as_pdf, made_of), PLAN_FORM) if made_of else self._gone(request)

    def _attached(self, file: PersonFile, form: str) -> Response:
        return self._as_file(self._content(file, form), form)

    def _as_file(self, content: bytes, form: str) -> Response:
        name, kind = FORMS[form]
        return Response(content, media_type=kind, headers=_headers() | {
            "Content-Disposition": f'attachment; filename="{name}"',
        })

    def _content(self, file: PersonFile, form: str) -> bytes:
        if form == CALENDAR:
            return as_calendar(file, self.translator, self.title)
        return file.as_json() if form == "data" else self._written(file).encode()

    def _written(self, file: PersonFile) -> str:
        return written(file, self.translator, self.register, self.title)

    def _gone(self, request: Request) -> Response:
        language = self.translator.closest(request.headers.get("accept-language", ""))
        return self._page(language, TOO_OLD, status=410)

    def _page(self, language: str, heading: str, text: str = "", button: str = "", status: int = 200) -> Response:
        def say(one: str) -> str:
            return self.translator.text(language, one) if one else ""

        page = template("file_link.html").render(
            lang=html_lang(language), title=self.title, heading=say(heading), text=say(text), button=say(button)
        )
        return Response(page, status, media_type="text/html", headers=_headers())


def written(file: PersonFile, translator: Translator, register: Register, title: str) -> str:
    """The file as a page that stands alone."""
    reading = Reading(file, translator, register)
    page: str = template("person_file.html").render(
        lang=html_lang(file.language), title=title, heading=reading.say(TITLE), sections=reading.sections(),
        made=reading.say(MADE, moment=reading.made()), keep_safe=reading.say(KEEP_SAFE),
    )
    return page


def my_data_routes(
    store: Store, translator: Translator, register: Register, now: Callable[[], datetime], title: str, plan: PlanSheet
) -> APIRouter:
    """`title` is the centre's name; `plan` gives what the plan of a person on paper is made of."""
    files = _Files(store, translator, register, now, title, plan)
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/chat/my-data/{form}", files.own, methods=["GET"])
    router.add_api_route("/my-data/{key}", files.ask, methods=["GET"])
    router.add_api_route("/my-data/{key}", files.fetch, methods=["POST"])
    return router
