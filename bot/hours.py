"""Office hours: when a counsellor reads, and when next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.model import Within

USUAL = "Mon-Fri 09:00-16:00"
"""By these hours the team is asked to do something in time where its own are not known. Nobody is told them."""
FARTHEST = 750
"""So many days ahead an opening is looked for."""
LEFT = timedelta(hours=1)
"""So much of the day must be left for something to be done the same day."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"(\w{3})(?:-(\w{3}))? (\d\d?:\d\d)-(\d\d?:\d\d)")


@dataclass(frozen=True, slots=True)
class Span:
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which the centre is closed by its own decision."""

    first: date
    last: date
    why: str = ""

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@lru_cache(maxsize=16)
def public_holidays(year: int) -> Mapping[date, str]:
    """Kosovo's, with their English names."""
    from holidays.countries.kosovo import Kosovo  # takes a while: only where hours are set

    return dict(sorted(Kosovo(years=year, language="en_US").items()))


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Spans by weekday in the centre's time zone. Without spans, the hours are not known."""

    spans: tuple[tuple[Span, ...], ...]
    zone: ZoneInfo
    holidays: bool = True
    """Closed on public holidays."""
    closures: tuple[Closure, ...] = ()

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo, holidays: bool = True) -> OfficeHours:
        """Read "Mon-Thu 09:00-16:00, Fri 09:00-12:00 13:00-15:00". Raises ValueError with the form to use."""
        week: list[list[Span]] = [[] for _ in DAYS]
        for part in filter(None, (one.strip() for one in text.split(","))):
            found = SPAN.fullmatch(part)
            if found is None:
                raise ValueError(Phrase(
                    'cannot read "{part}"; write for example Mon-Fri 09:00-16:00, Sat 10:00-12:00', part=part))
            first, last, opens, closes = found.groups()
            for day in _days(first, last or first):
                week[day].append(_span(opens, closes))
        return cls(tuple(_in_order(day) for day in week), zone, holidays)

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
        for ahead in range(FARTHEST):
            day = local.date() + timedelta(days=ahead)
            for one in self._on(day):
                opens = datetime.combine(day, one.opens, self.zone)
                if opens > local:
                    return opens
        return None

    # ------------------------------------------------------------- by when

    def due(self, at: datetime, within: Within) -> datetime:
        """By when a counsellor must have looked at what came in now."""
        hours = self if self.known and self.next_opening(at) else OfficeHours.parse(USUAL, self.zone)
        return hours._same_day(at) if within == "today" else hours._working_day(at)

    def _same_day(self, at: datetime) -> datetime:
        """Until the office closes today. Where it is closed, or closes soon: when it opens next."""
        local = at.astimezone(self.zone)
        if self.is_open(at) and self._end_of(local.date()) - local >= LEFT:
            return self._end_of(local.date())
        return self.next_opening(at) or at

    def _working_day(self, at: datetime) -> datetime:
        """The same time on the next working day. What comes while it is closed: by the end of the next working day."""
        opening = self.next_opening(at) or at
        if not self.is_open(at):
            return self._end_of(opening.astimezone(self.zone).date())
        local = at.astimezone(self.zone)
        opening = self.next_opening(self._end_of(local.date())) or at
        same_time = datetime.combine(opening.date(), local.time(), self.zone)
        return max(opening, min(same_time, self._end_of(opening.date())))

    def _end_of(self, day: date) -> datetime:
        return datetime.combine(day, self._on(day)[-1].closes, self.zone)

    def _on(self, day: date) -> tuple[Span, ...]:
        closed = self.holidays and self.known and day in public_holidays(day.year)
        return () if closed or any(day in one for one in self.closures) else self.spans[day.weekday()]

    # ---------------------------------------------------------- how long already

    def open_between(self, since: datetime, until: datetime) -> timedelta:
        """How much of this time somebody read. Where the hours are not known, all of it counts."""
        if not self.known:
            return max(until - since, timedelta(0))
        first, last = since.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        return sum((self._open_on(day, since, until) for day in days), timedelta(0))

    def _open_on(self, day: date, since: datetime, until: datetime) -> timedelta:
        spans = ((datetime.combine(day, one.opens, self.zone).astimezone(UTC),
                  datetime.combine(day, one.closes, self.zone).astimezone(UTC)) for one in self._on(day))
        shared = (min(closes, until) - max(opens, since) for opens, closes in spans)
        return sum((max(one, timedelta(0)) for one in shared), timedelta(0))

    # ------------------------------------------------------------------- as text

    def day_as_text(self, weekday: int) -> str:
        """ "09:00-12:00, 13:00-16:00": as `with_days` reads it."""
        return ", ".join(f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in self.spans[weekday])

    @classmethod
    def with_days(
        cls, days: Sequence[str], zone: ZoneInfo, holidays: bool = True, closures: Sequence[Closure] = ()
    ) -> OfficeHours:
        """From a text for each day of the week, the first Monday. Raises ValueError with what to change."""
        week = ", ".join(f"{name} {span}" for name, text in zip(DAYS, days, strict=True)
                         for span in filter(None, (one.strip() for one in text.split(","))))
        read = cls.parse(week, zone, holidays)
        return replace(read, closures=tuple(sorted(closures, key=lambda one: (one.first, one.last))))


def _days(first: str, last: str) -> range:
    try:
        days = range(DAYS.index(first.lower()), DAYS.index(last.lower()) + 1)
    except ValueError:
        raise ValueError(_d("the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun")) from None
    if not days:
        raise ValueError(Phrase("{span} runs backwards; write two parts, divided by a comma", span=f"{first}-{last}"))
    return days


def _in_order(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Of one day; ValueError where one begins before another has ended."""
    ordered = tuple(sorted(spans, key=lambda one: one.opens))
    for one, other in pairwise(ordered):
        if other.opens < one.closes:
            raise ValueError(_d("two spans of one day overlap; write them one after the other"))
    return ordered


def _span(opens: str, closes: str) -> Span:
    try:
        span = Span(time.fromisoformat(opens.zfill(5)), time.fromisoformat(closes.zfill(5)))
    except ValueError:
        raise ValueError(_d("the times are written as 09:00")) from None
    if span.opens >= span.closes:
        raise ValueError(_d("a span must open before it closes"))
    return span
