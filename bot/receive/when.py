"""When we may write to somebody by ourselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import local_date
from bot.hours import public_holidays
from bot.receive.visit import Visit
from storage.contacts import Person

WINDOWS = {"morning": (9, 12), "afternoon": (12, 16), "evening": (16, 19)}
"""When a person wants to be written to; otherwise from 9:00 to 19:00, in their own time."""
DAY = (9, 19)


def allowed_for(visit: Visit, wait: timedelta) -> datetime:
    """When we may next write to this person by ourselves, from so long after now."""
    return allowed_from(visit, visit.now + wait)


def allowed_from(visit: Visit, at: datetime) -> datetime:
    return allowed(visit.person, at)


def allowed(person: Person, at: datetime) -> datetime:
    return next_allowed(at, person.time_zone, hours_of(person.known, person.discreet))


def tomorrow(person: Person, now: datetime) -> datetime:
    """The first moment of the next day at which we may write to this person, at the same time of day if we may then."""
    return allowed(person, on_day(person, local_date(now, person.time_zone) + timedelta(days=1), now))


def on_day(person: Person, day: date, like: datetime) -> datetime:
    """On this day, at the time of day that `like` has there, moved into the hours that this person wishes."""
    zone = ZoneInfo(person.time_zone)
    opens, closes = hours_of(person.known, person.discreet)
    clock = like.astimezone(zone).time()
    if not opens <= clock.hour < closes:
        clock = time(opens)
    return datetime.combine(day, clock.replace(fold=0), zone)


def hours_of(known: Mapping[str, Any], discreet: Mapping[str, Any] | None) -> tuple[int, int]:
    """From and to which hour: those in which it is safe come before those that were only wished."""
    safe = (discreet or {}).get("hours")
    if safe is not None:
        return safe[0], safe[1]
    wish = known.get("contact_time")
    return WINDOWS.get(wish, DAY) if isinstance(wish, str) else DAY


def next_allowed(at: datetime, time_zone: str, hours: tuple[int, int] = DAY) -> datetime:
    """The first moment from `at` on within these hours, in the person's own day; never on a day on which the centre
    has a public holiday, because nobody would be there for the answer."""
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    opens, closes = hours
    if local.hour >= closes:
        local = datetime.combine(local.date() + timedelta(days=1), time(opens), zone)
    elif local.hour < opens:
        local = datetime.combine(local.date(), time(opens), zone)
    while local.date() in public_holidays(local.year):
        local = datetime.combine(local.date() + timedelta(days=1), time(opens), zone)
    return local
