"""Templates -> pages. Everything is escaped; words and dates come through filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.clock import Clock
from bot.console import labels, menu, message_labels, moments, policy, tongue
from bot.console.stored import ours
from bot.hours import OfficeHours
from bot.media.scripts import SMALLER
from bot.settings import Settings
from bot.translate import fill
from conversations.marking import Phrase
from conversations.register import in_language
from storage.walls import NOT_SHOWN

HERE = Path(__file__).parent
STATIC = {"console.css": "text/css", "console.js": "text/javascript", "console.svg": "image/svg+xml",
          "console-new.svg": "image/svg+xml", "console-urgent.svg": "image/svg+xml", "console-192.png": "image/png",
          "console-512.png": "image/png", "console.webmanifest": "application/manifest+json",
          "console-worker.js": "text/javascript", SMALLER.name: "text/javascript"}
WORKER = "console-worker.js"


class Look:
    def __init__(
        self, settings: Settings, clock: Clock, demo: bool, hours: Callable[[], OfficeHours],
        partner: Callable[[str], str], push_key: str = "",
    ) -> None:
        self.zone = ZoneInfo(settings.time_zone)
        self.clock, self.hours = clock, hours
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, finalize=_finally,
        )
        self.templates.globals.update(
            centre=settings.centre_name, demo=demo, labels=labels, message_labels=message_labels, moments=moments,
            may=policy.may, menu=menu, version=_version(),
            me=None, attention=0, alert=None, tongue=tongue, _=_said, _n=_said_many,
            bold=_bold, link=_link, is_hidden=lambda text: text == NOT_SHOWN,
            zone=settings.time_zone, push_key=push_key,
        )
        self._add_filters()
        self.templates.filters["partner"] = partner

    def _add_filters(self) -> None:
        self.templates.filters.update(
            clock_time=lambda at: moments.clock_time(at, self.zone),
            day=lambda at: moments.day(at, self.zone),
            short_date=self._short_date,
            moment=lambda at: moments.moment(at, self.zone),
            when=lambda at: moments.when(at, self.clock.now(), self.zone),
            iso=lambda at: at.astimezone(self.zone).isoformat(timespec="minutes"),
            waited=lambda since: moments.waited(since, self.clock.now()),
            office_waited=self._office_waited,
            language=labels.language,
            ours=ours,
            in_mine=lambda texts: in_language({"en": "", **texts}, tongue.now().code),
            municipality=tongue.municipality, role=lambda key: labels.word(labels.ROLES, key),
            area=lambda key: labels.word({**labels.FACT_AREAS, **labels.AREAS}, key),
            failure=message_labels.failure,
        )

    def _office_waited(self, since: datetime) -> str:
        """How long in office hours; by the clock where those are not known."""
        hours, now = self.hours(), self.clock.now()
        return moments.worked(hours.open_between(since, now)) if hours.known else moments.waited(since, now)

    def _short_date(self, value: date) -> str:
        if isinstance(value, datetime):
            return moments.short_date(value, self.zone)
        return tongue.day(value)

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        made = self.templates.get_template(template).render(now=self.clock.now(), **values)
        return HTMLResponse(made, status)


def _finally(value: Any) -> Any:
    """What storage says, in the reader's language."""
    return tongue.spoken(value) if isinstance(value, Phrase) else value


def _said(text: str, **places: Any) -> str:
    """`_` in a template. A place that holds markup stays markup; all the rest is escaped."""
    return _with_markup(tongue.spoken(text, **_plain(places)), places)


def _said_many(one: str, many: str, number: int, **places: Any) -> str:
    return _with_markup(tongue.spoken_many(one, many, number, **_plain(places)), places)


def _bold(text: object) -> Markup:
    return Markup("<strong>{}</strong>").format(_finally(text))


def _link(address: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, text)


def _plain(places: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in places.items() if not isinstance(value, Markup)}


def _with_markup(text: str, places: Mapping[str, Any]) -> str:
    marked = {name: value for name, value in places.items() if isinstance(value, Markup)}
    return Markup(fill(str(escape(text)), marked)) if marked else text


def static_file(name: str) -> Path:
    return SMALLER if name == SMALLER.name else HERE / "static" / name


def _version() -> str:
    """Changes with the static files, so that browsers may keep them for long."""
    content = b"".join(static_file(name).read_bytes() for name in STATIC)
    return sha256(content).hexdigest()[:12]
