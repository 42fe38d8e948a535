"""When we ask by ourselves how it is going: the usual rhythm or an own one, and the days around the plan's steps.

Everything is counted in days of the person. Days that lie close together become one, so that nobody is asked about
the plan today and how they are tomorrow."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

FIRST = timedelta(days=7)
MONTHS = (1, 3, 6, 12)
"""The usual rhythm: a week, then so many months after the intake or the return. After that nothing is planned."""
TOGETHER = timedelta(days=2)
"""Days so close are asked about together, on the last of them."""
OWN: Mapping[str, int] = {"week": 7, "two_weeks": 14, "month": 30, "three_months": 91}
"""What a person can choose instead, in days."""
LESS: Mapping[int | None, int] = {7: 14, 14: 30, 30: 91, 91: 182, 182: 182, None: 91}
"""What “less often” means for each rhythm."""
DAY = timedelta(days=1)
KNOWN_BEFORE = timedelta(days=3)
"""A step that was agreed so shortly before its day is not announced: it is fresh enough."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    begins: date | None = None
    """The intake or the return; None: nobody has agreed on a rhythm yet."""
    every: int | None = None
    """Days; None: the usual rhythm."""
    on: date | None = None
    """A day that was agreed besides."""
    asked: date | None = None
    """When we asked last."""


@dataclass(frozen=True, slots=True)
class StepDay:
    """An open step of the plan with a day."""

    by: date
    since: date
    """When it was agreed."""


def usual(begins: date) -> Iterator[date]:
    yield begins + FIRST
    yield from (months_after(begins, months) for months in MONTHS)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def next_day(rhythm: Rhythm, steps: Iterable[StepDay]) -> date | None:
    """The day on which to ask next; it may be past where it was missed."""
    days = sorted(day for day in _days(rhythm, steps) if rhythm.asked is None or day > rhythm.asked)
    return max(day for day in days if day <= days[0] + TOGETHER) if days else None


def _days(rhythm: Rhythm, steps: Iterable[StepDay]) -> Iterator[date]:
    if rhythm.on is not None:
        yield rhythm.on
    if rhythm.begins is not None and rhythm.every is None:
        yield from usual(rhythm.begins)
    elif rhythm.begins is not None and rhythm.every is not None:
        yield max(filter(None, (rhythm.begins, rhythm.asked))) + timedelta(days=rhythm.every)
    yield from (step.by + DAY for step in steps)


def day_before(steps: Iterable[StepDay], today: date, next_ask: date | None) -> date | None:
    """The day on which to announce the next step; not where we ask on that day or on the step's own anyway."""
    days = (step.by - DAY for step in steps if step.by - step.since >= KNOWN_BEFORE)
    return min((day for day in days if day > today and next_ask not in (day, day + DAY)), default=None)
