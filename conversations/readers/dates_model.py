from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Partial(NamedTuple):
    """A date, perhaps only its month or year; the day may not exist."""

    year: int
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    today: date
    forward: bool  # is a date to come expected?
    dotted: bool = False  # "15.3" or "15/3" in the text
    slashed: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    options: tuple[Partial, ...]  # readings of the same words; none: it looks like a date but is none
    sure: bool = True


def one(year: int, month: int | None = None, day: int | None = None, sure: bool = True) -> Mention:
    return Mention((Partial(year, month, day),), sure)


def full_year(short: int, ctx: Context) -> int:
    century = ctx.today.year // 100 * 100
    return century + short if ctx.forward or short <= ctx.today.year % 100 else century - 100 + short


def first_day(partial: Partial) -> date:
    return date(partial.year, partial.month or 1, partial.day or 1)


def exists(partial: Partial) -> bool:
    year, month, day = partial
    if month is None or day is None:
        return month is None or 1 <= month <= 12
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def shifted_month(today: date, months: int) -> Partial:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return Partial(year, month + 1)


def of_day(day: date) -> Partial:
    return Partial(day.year, day.month, day.day)
