"""Templates -> pages. Everything is escaped; words and dates come through filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import Clock
from bot.console import labels, menu, policy
from bot.hours import OfficeHours
from bot.settings import Settings

HERE = Path(__file__).parent
STATIC = {"console.css": "text/css", "console.js": "text/javascript", "console.svg": "image/svg+xml",
          "console-new.svg": "image/svg+xml", "console-urgent.svg": "image/svg+xml", "console-192.png": "image/png",
          "console-512.png": "image/png", "console.webmanifest": "application/manifest+json",
          "console-worker.js": "text/javascript"}
WORKER = "console-worker.js"


class Look:
    def __init__(
        self, settings: Settings, clock: Clock, demo: bool, hours: Callable[[], OfficeHours],
        partner: Callable[[str], str],
    ) -> None:
        self.zone = ZoneInfo(settings.time_zone)
        self.clock, self.hours = clock, hours
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )
        self.templates.globals.update(
            centre=settings.centre_name, demo=demo, labels=labels, may=policy.may, menu=menu, version=_version(),
            me=None, attention=0, alert=None,
            zone=settings.time_zone,
        )
        self._add_filters()
        self.templates.filters["partner"] = partner

    def _add_filters(self) -> None:
        self.templates.filters.update(
            clock_time=lambda at: labels.clock_time(at, self.zone),
            day=lambda at: labels.day(at, self.zone),
            short_date=self._short_date,
            moment=lambda at: labels.moment(at, self.zone),
            when=lambda at: labels.when(at, self.clock.now(), self.zone),
            iso=lambda at: at.astimezone(self.zone).isoformat(timespec="minutes"),
            waited=lambda since: labels.waited(since, self.clock.now()),
            office_waited=self._office_waited,
            language=labels.language,
            area=lambda key: labels.word(labels.AREAS, key),
            failure=labels.failure,
        )

    def _office_waited(self, since: datetime) -> str:
        """How long in office hours; by the clock where those are not known."""
        hours, now = self.hours(), self.clock.now()
        return labels.worked(hours.open_between(since, now)) if hours.known else labels.waited(since, now)

    def _short_date(self, value: date) -> str:
        if isinstance(value, datetime):
            return labels.short_date(value, self.zone)
        return format_date(value, "d MMMM y", locale="en")

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        made = self.templates.get_template(template).render(now=self.clock.now(), **values)
        return HTMLResponse(made, status)


def _version() -> str:
    """Changes with the static files, so that browsers may keep them for long."""
    content = b"".join((HERE / "static" / name).read_bytes() for name in STATIC)
    return sha256(content).hexdigest()[:12]
