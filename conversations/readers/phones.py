import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from conversations.marking import mark as _
from conversations.readers.base import LONGEST_ANSWER, NotUnderstood, Result, Several, Value

_HELP = _("Please write the phone number with all its digits. Example: 044 123 456.")

_DIGITS = re.compile(r"[+(]?\s*\(?[0-9][0-9 ()/.\-–]{4,}[0-9]")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")


def _written(text: str) -> Iterator[str]:
    for found in _DIGITS.findall(unicodedata.normalize("NFKC", text)):
        yield re.sub(r"[^0-9+]", "", found.replace("(0)", ""))


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as E.164. A bare number is one of Kosovo; one that only fits another country is asked back."""

    kind: ClassVar[str] = "phone"

    def read(self, text: str, today: date) -> Result:
        from conversations.readers.phones_meanings import meanings  # its tables are large: only where a number is read

        written = list(_written(text)) if len(text) <= LONGEST_ANSWER else []
        read = [meanings(digits) for digits in written]
        values = tuple(dict.fromkeys(v for values, _sure in read for v in values if self.accepts(v)))
        if len(values) == 1 and len(read) == 1 and read[0][1]:
            return values[0]
        return Several(values[:8]) if values else NotUnderstood(_HELP)

    def accepts(self, value: Value) -> bool:
        if not isinstance(value, str) or not _E164.fullmatch(value):
            return False
        from conversations.readers.phones_meanings import is_e164  # as above

        return is_e164(value)


phone = Phone()
