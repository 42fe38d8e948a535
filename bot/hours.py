"""Office hours: when a counsellor reads, and when next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d?:\d\d)-(\d\d?:\d\d)")


@dataclass(frozen=True, slots=True)
class Span:
    opens: time
    closes: time


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> frozenset[date]:
    from holidays.countries.kosovo import Kosovo  # takes a while: only where hours are set

    return frozenset(Kosovo(years=year))


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Spans by weekday in the centre's time zone. Without spans, the hours are not known."""

    spans: tuple[tuple[Span, ...], ...]
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> OfficeHours:
        """Read "Mon-Thu 09:00-16:00, Fri 09:00-12:00 13:00-15:00". Raises ValueError with the form to use."""
        week: list[list[Span]] = [[] for _ in DAYS]
        for part in filter(None, (one.strip() for one in text.split(","))):
            found = SPAN.fullmatch(part)
            if found is None:
                raise ValueError(f'cannot read "{part}"; write for example Mon-Fri 09:00-16:00, Sat 10:00-12:00')
            first, last, opens, closes = found.groups()
            for day in _days(first, last or first):
                week[day].append(_span(opens, closes))
        return cls(tuple(tuple(sorted(day, key=lambda one: one.opens)) for day in week), zone)

    @property
    def known(self) -> bool:
        return any(self.spans)

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        return any(one.opens <= local.time() < one.closes for one in self._on(local.date()))

    def closes(self, at: datetime) -> datetime | None:
        """Until when somebody reads today; None where nobody does now."""
        local = at.astimezone(self.zone)
        for one in self._on(local.date()):
            if one.opens <= local.time() < one.closes:
                return datetime.combine(local.date(), one.closes, self.zone)
        return None

    def next_opening(self, at: datetime) -> datetime | None:
        """When somebody reads again; None where the hours are not known."""
        local = at.astimezone(self.zone)
        for ahead in range(60):
            day = local.date() + timedelta(days=ahead)
            for one in self._on(day):
                opens = datetime.combine(day, one.opens, self.zone)
                if opens > local:
                    return opens
        return None

    def _on(self, day: date) -> tuple[Span, ...]:
        return () if day in _public_holidays(day.year) else self.spans[day.weekday()]


def _days(first: str, last: str) -> range:
    try:
        days = range(DAYS.index(first.lower()), DAYS.index(last.lower()) + 1)
    except ValueError:
        raise ValueError("the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun") from None
    if not days:
        raise ValueError(f"{first}-{last} runs backwards; write two parts, divided by a comma")
    return days


def _span(opens: str, closes: str) -> Span:
    try:
        span = Span(time.fromisoformat(opens.zfill(5)), time.fromisoformat(closes.zfill(5)))
    except ValueError:
        raise ValueError("the times are written as 09:00") from None
    if span.opens >= span.closes:
        raise ValueError("a span must open before it closes")
    return span
