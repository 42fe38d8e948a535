"""What every reader gives back, and what it promises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeAlias

Value: TypeAlias = str | int | float | bool | list["Value"] | dict[str, "Value"] | None

MOST_OFFERED = 8
LONGEST_ANSWER = 200  # a longer text is no answer to a question about a date, a number or a place


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """What we need, with one example: an English msgid and the values for its {placeholders}."""

    help: str
    args: Mapping[str, Value] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Several:
    """More than one thing could be meant, or one guess should be confirmed: offered as buttons."""

    values: tuple[str, ...]


Result: TypeAlias = Value | NotUnderstood | Several


class Reader(Protocol):
    @property
    def kind(self) -> str:
        """text, date, year, number, phone, municipality, country or land: how to show a value again."""

    def read(self, text: str, today: date) -> Result: ...

    def accepts(self, value: Value) -> bool:
        """Could this reader have returned this value? Total: any JSON value in, never raises."""


def whole_number(value: Value, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
