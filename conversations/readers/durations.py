import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from conversations.marking import mark as _
from conversations.readers.base import LONGEST_ANSWER, NotUnderstood, Result, Several, Value, whole_number
from conversations.readers.dates_words import Token, encoded, tokens_of
from conversations.readers.numbers import whole

_HELP = _("Please write how long, in months or years. Examples: 8 months, 2 years.")

ONE_QUANTITY = r"(?:[NKn]h[dwmysv]|[an]?H[an]?[dwmysv]|[NKna]?[dwmysv]h?)"
_ONE = re.compile(ONE_QUANTITY)
_ONLY = re.compile(rf"[^NKnY#!]*?({ONE_QUANTITY}+)[^NKnY#!]*")
_NUMBERED = re.compile("[NKnHha]")
_DAYS_A_MONTH = 30.44
_WEEK = 7 / _DAYS_A_MONTH
_MONTHS = {"d": 1 / _DAYS_A_MONTH, "w": _WEEK, "s": _WEEK, "m": 1.0, "y": 12.0, "v": 12.0}
_SAME_UNIT = {"s": "w", "v": "y"}


@dataclass(frozen=True, slots=True)
class Quantity:
    amount: float
    unit: str

    @property
    def months(self) -> float:
        return self.amount * _MONTHS[self.unit]


def _quantity(tokens: list[Token]) -> Quantity:
    kinds = encoded(tokens)
    number = next((t.value for t in tokens if t.kind in "NKn"), 1)
    unit = next(t.kind for t in tokens if t.kind in _MONTHS)
    amount = 0.5 if "H" in kinds else number + 0.5 * ("h" in kinds)
    return Quantity(amount, _SAME_UNIT.get(unit, unit))


def quantities(tokens: list[Token]) -> Iterator[Quantity]:
    """ "2 years and 3 months" are two."""
    for found in _ONE.finditer(encoded(tokens)):
        yield _quantity(tokens[found.start():found.end()])


def months_of(text: str) -> int | None:
    tokens = tokens_of(text)
    found = _ONLY.fullmatch(encoded(tokens))
    if not found or not _NUMBERED.search(found[1]):
        return whole(text)
    total = sum(q.months for q in quantities(tokens[found.start(1):found.end(1)]))
    return max(1, round(total)) if total else 0


@dataclass(frozen=True, slots=True)
class DurationMonths:
    """How long, in months. A bare number is asked back: months or years?"""

    low: int
    high: int
    kind: ClassVar[str] = "months"

    def read(self, text: str, today: date) -> Result:
        months = months_of(text) if len(text) <= LONGEST_ANSWER else None
        if months is None or not self.accepts(months):
            return NotUnderstood(_HELP)
        if text.strip().isdigit() and months > 0 and self.accepts(months * 12):
            return Several((str(months), str(months * 12)))
        return months

    def accepts(self, value: Value) -> bool:
        return whole_number(value, self.low, self.high)


duration_months = DurationMonths
