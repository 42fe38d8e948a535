"""The office hours that hold: those that the coordinator has set in the console, otherwise those of the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.hours import Closure, OfficeHours
from bot.settings import Settings
from conversations.marking import mark_for_desk as _d
from storage import office
from storage.store import Store


def load(connection: Connection, settings: Settings) -> OfficeHours:
    zone, value = ZoneInfo(settings.time_zone), office.stored(connection)
    return _read(value, zone) if value is not None else OfficeHours.parse(settings.office_hours, zone)


def _read(value: dict[str, Any], zone: ZoneInfo) -> OfficeHours:
    closures = [Closure(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]), one["why"])
                for one in value["closures"]]
    return OfficeHours.with_days(value["days"], zone, value["holidays"], closures)


def save(connection: Connection, hours: OfficeHours) -> None:
    office.store(connection, {
        "days": [hours.day_as_text(day) for day in range(7)], "holidays": hours.holidays,
        "closures": [{"first": one.first.isoformat(), "last": one.last.isoformat(), "why": one.why}
                     for one in hours.closures],
    })


class Office:
    """The hours that hold now, for everybody in this process who asks."""

    def __init__(
        self, store: Store, settings: Settings, first: OfficeHours, use: Callable[[OfficeHours], None]
    ) -> None:
        """`use` is given them whenever they change."""
        self.store, self.settings, self.hours, self._use = store, settings, first, use

    async def look_again(self) -> None:
        """They may have been changed, here or in another process."""
        self.hours = await self.store.read(lambda connection: load(connection, self.settings))
        self._use(self.hours)


def check(hours: OfficeHours, now: datetime) -> None:
    """ValueError where people would be told no time: hours that never come, or a closure with no opening after it."""
    if not hours.known:
        return
    for at in (now, *(datetime.combine(one.last, datetime.max.time(), hours.zone) for one in hours.closures)):
        if hours.next_opening(at) is None:
            raise ValueError(_d("with these closures nobody would read for more than two years; shorten them"))
