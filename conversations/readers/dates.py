import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar

from conversations.marking import mark as _
from conversations.readers.base import LONGEST_ANSWER, MOST_OFFERED, NotUnderstood, Result, Several, Value
from conversations.readers.dates_model import Context, Mention, Partial, exists, first_day
from conversations.readers.dates_rules import mentions

FIRST_YEAR, LAST_YEAR = 1940, 2100

_HELP_PAST = _("Please write the month and the year. Example: March 2024. The year alone also helps.")
_HELP_FUTURE = _("Please write day, month and year. Example: 5 March {year}.")
_HELP_YEAR = _("Please write a year from {low} to {high}. Example: {high}.")
_NO_SUCH_DAY = _("There is no {day} {month}. Please look at the date again. Example: 5 March 2026.")
_NO_SUCH_DAY_THAT_YEAR = _(
    "There is no {day} {month} in {year}. Please look at the date again. Example: 5 March 2026."
)
_STILL_TO_COME = _("This date is still to come. Please write a date in the past. Example: 5 March 2024.")
_ALREADY_OVER = _("This date is already over. Please write a date still to come. Example: 5 March {year}.")
_LONG_AGO = _("This date is very long ago. Please write the year with four digits. Example: 1985.")

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_DOTTED = re.compile(r"\d\s*[./]\s*\d")
_SLASHED = re.compile(r"\d\s*/\s*\d")


def iso(partial: Partial) -> str:
    year, month, day = partial
    return f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")


@lru_cache(maxsize=4096)
def _partial(value: str) -> Partial | None:
    found = _ISO.fullmatch(value)
    if not found:
        return None
    year, month, day = (int(group) if group else None for group in found.groups())
    partial = Partial(year or 0, month, day)
    return partial if FIRST_YEAR <= partial.year <= LAST_YEAR and exists(partial) else None


def last_day(partial: Partial) -> date:
    month = partial.month or 12
    return date(partial.year, month, partial.day or monthrange(partial.year, month)[1])


def _context(text: str, today: date, forward: bool) -> Context:
    return Context(today, forward, bool(_DOTTED.search(text)), bool(_SLASHED.search(text)))


def _found(text: str, ctx_forward: bool, today: date) -> list[Mention]:
    if len(text) > LONGEST_ANSWER:
        return []
    return mentions(text, _context(text, today, ctx_forward))


def _options(found: Iterable[Mention]) -> list[Partial]:
    return list(dict.fromkeys(option for mention in found for option in mention.options))


def _no_such_day(partial: Partial) -> NotUnderstood:
    year, month, day = partial
    if month == 2 and day == 29:
        return NotUnderstood(_NO_SUCH_DAY_THAT_YEAR, {"day": day, "month": month, "year": str(year)})
    return NotUnderstood(_NO_SUCH_DAY, {"day": day, "month": month})


def _answer(found: list[Mention], fitting: list[str]) -> Result:
    """One sure reading is the answer; anything else is asked back."""
    one_thing = all(mention.sure and mention.options == found[0].options for mention in found)
    if one_thing and len(fitting) == 1:
        return fitting[0]
    return Several(tuple(fitting[:MOST_OFFERED]))


def _too_early(partial: Partial) -> bool:
    return partial.year < FIRST_YEAR


def _is_iso(value: Value) -> bool:
    return isinstance(value, str) and len(value) <= 10 and _partial(value) is not None


@dataclass(frozen=True, slots=True)
class PastDate:
    """A date up to today, as "2015", "2019-03" or "2024-03-15"."""

    kind: ClassVar[str] = "date"

    def read(self, text: str, today: date) -> Result:
        found = _found(text, False, today)
        options = _options(found)
        real = [option for option in options if exists(option)]
        if not real:
            return _no_such_day(options[0]) if options else NotUnderstood(_HELP_PAST)
        recent = [option for option in real if not _too_early(option)]
        if not recent:
            return NotUnderstood(_LONG_AGO)
        fitting = [iso(o) for o in recent if o.year <= LAST_YEAR and first_day(o) <= today]
        return _answer(found, fitting) if fitting else NotUnderstood(_STILL_TO_COME)

    def accepts(self, value: Value) -> bool:
        return _is_iso(value)


@dataclass(frozen=True, slots=True)
class FutureDate:
    """A date from today on; this month and this year count."""

    kind: ClassVar[str] = "date"

    def read(self, text: str, today: date) -> Result:
        found = _found(text, True, today)
        options = _options(found)
        real = [option for option in options if exists(option)]
        example: dict[str, Value] = {"year": str(today.year + 1)}
        if not real:
            return _no_such_day(options[0]) if options else NotUnderstood(_HELP_FUTURE, example)
        coming = [option for option in real if not _too_early(option) and last_day(option) >= today]
        if not coming:
            return NotUnderstood(_ALREADY_OVER, example)
        fitting = [iso(option) for option in coming if option.year <= LAST_YEAR]
        return _answer(found, fitting) if fitting else NotUnderstood(_HELP_FUTURE, example)

    def accepts(self, value: Value) -> bool:
        return _is_iso(value)


@dataclass(frozen=True, slots=True)
class Year:
    """A year from `low` to this year, as "2015". Two digits are asked back."""

    low: int
    kind: ClassVar[str] = "year"

    def read(self, text: str, today: date) -> Result:
        found = _found(text, False, today) or self._two_digits(text, today)
        years = dict.fromkeys(o.year for o in _options(found) if exists(o) and o.year <= today.year)
        fitting = [str(year) for year in years if self.accepts(str(year))]
        if not fitting:
            return NotUnderstood(_HELP_YEAR, {"low": str(self.low), "high": str(today.year)})
        return _answer(found, fitting)

    def accepts(self, value: Value) -> bool:
        if not isinstance(value, str) or not _ISO.fullmatch(value) or len(value) != 4:
            return False
        return self.low <= int(value) <= LAST_YEAR

    def _two_digits(self, text: str, today: date) -> list[Mention]:
        digits = text.strip(" .'’\t\n")
        if not re.fullmatch(r"[0-9]{2}", digits):
            return []
        century = today.year // 100 * 100
        year = century + int(digits)
        return [Mention((Partial(year if year <= today.year else year - 100),), sure=False)]


past_date = PastDate()
future_date = FutureDate()
year = Year
