"""When a sign may stand on somebody's screen, and for how long it may still come."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.receive.when import hours_of, next_allowed
from storage.pushes.chat import Waits

WHOLE_DAY = timedelta(days=1)


def may_from(one: Waits, now: datetime) -> datetime:
    """The first moment from now on."""
    hours = _hours(one)
    return now if hours is None else next_allowed(now, one.time_zone, hours)


def closes_in(one: Waits, now: datetime) -> timedelta:
    """A phone that was off must not show it later than that."""
    hours = _hours(one)
    if hours is None:
        return WHOLE_DAY
    local = now.astimezone(ZoneInfo(one.time_zone))
    midnight = datetime.combine(local.date(), time(0), local.tzinfo)
    return max(timedelta(minutes=1), (midnight + timedelta(hours=hours[1])).astimezone(now.tzinfo) - now)


def _hours(one: Waits) -> tuple[int, int] | None:
    """An answer may come at any time; only the hours that are safe hold for it. What we begin keeps to all hours."""
    if one.is_reply and not (one.discreet or {}).get("hours"):
        return None
    return hours_of(one.known, one.discreet)
