"""Times, and how long something took, in the language of the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.console import tongue
from bot.console.tongue import spoken


def waited(since: datetime, now: datetime) -> str:
    """ "3 h 20 min", "2 d 4 h", "under 1 min"."""
    time = max(now - since, timedelta(0))
    days, hours = time // timedelta(days=1), time // timedelta(hours=1) % 24
    if not days:
        return worked(time)
    return " ".join([spoken("{number} d", number=days), *([spoken("{number} h", number=hours)] if hours else [])])


def worked(time: timedelta) -> str:
    """The same for office hours, which make no days of 24 hours: "31 h 5 min"."""
    hours, minutes = divmod(time // timedelta(minutes=1), 60)
    if not hours and not minutes:
        return spoken("under 1 min")
    told = spoken("{number} min", number=minutes)
    return f"{spoken('{number} h', number=hours)} {told}" if hours else told


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """ "Monday, 23 November 2026"."""
    return tongue.day_of_week(at.astimezone(zone).date())


def short_date(at: datetime, zone: ZoneInfo) -> str:
    return tongue.day(at.astimezone(zone).date())


def plain_day(day: date) -> str:
    """ "23 November 2026"."""
    return tongue.day(day)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """ "23 November 2026, 14:30"."""
    return f"{short_date(at, zone)}, {clock_time(at, zone)}"


def when(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "today, 14:30", otherwise with the date."""
    today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return spoken("today, {time}", time=clock_time(at, zone)) if today else moment(at, zone)


def month(of: str) -> str:
    """ "2026-11" -> "November 2026"."""
    return tongue.month(datetime.strptime(of, "%Y-%m").replace(tzinfo=UTC).date())
