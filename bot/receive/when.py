"""When we may write to somebody by ourselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.receive.visit import Visit

WINDOWS = {"morning": (9, 12), "afternoon": (12, 16), "evening": (16, 19)}
"""When a person wants to be written to; otherwise from 9:00 to 19:00, in their own time."""
DAY = (9, 19)


def allowed_for(visit: Visit, wait: timedelta) -> datetime:
    """When we may next write to this person by ourselves, from so long after now."""
    return allowed_from(visit, visit.now + wait)


def allowed_from(visit: Visit, at: datetime) -> datetime:
    return next_allowed(at, visit.person.time_zone, hours_of(visit.person.known, visit.person.discreet))


def hours_of(known: Mapping[str, Any], discreet: Mapping[str, Any] | None) -> tuple[int, int]:
    """From and to which hour: those in which it is safe come before those that were only wished."""
    safe = (discreet or {}).get("hours")
    if safe is not None:
        return safe[0], safe[1]
    wish = known.get("contact_time")
    return WINDOWS.get(wish, DAY) if isinstance(wish, str) else DAY


def next_allowed(at: datetime, time_zone: str, hours: tuple[int, int] = DAY) -> datetime:
    """The first moment from `at` on within these hours, in the person's own day."""
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    opens, closes = hours
    if local.hour >= closes:
        local = datetime.combine(local.date() + timedelta(days=1), time(opens), zone)
    elif local.hour < opens:
        local = datetime.combine(local.date(), time(opens), zone)
    return local
