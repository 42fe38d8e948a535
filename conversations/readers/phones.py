import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from conversations.marking import mark as _
from conversations.readers.base import LONGEST_ANSWER, NotUnderstood, Result, Several, Value

_HELP = _("Please write the phone number with all its digits. Example: 044 123 456.")

HOME = "XK"
_ABROAD = ("DE", "CH", "AT", "AL", "MK", "RS", "ME")  # where a number without country code may come from
_DIGITS = re.compile(r"[+(]?\s*\(?[0-9][0-9 ()/.\-–]{4,}[0-9]")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")


def _parse(digits: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, region)
    except NumberParseException:
        return None


def _possible(number: PhoneNumber | None) -> bool:
    if number is None:
        return False
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _abroad(digits: str) -> tuple[str, ...]:
    found = (_parse(digits, region) for region in _ABROAD)
    return tuple(_e164(number) for number in found if number and phonenumbers.is_valid_number(number))


def _meanings(digits: str) -> tuple[tuple[str, ...], bool]:
    """What these digits can be, and whether that is sure."""
    number = _parse(digits, HOME)
    international = digits.startswith(("+", "00"))
    if number and ((international and _possible(number)) or phonenumbers.is_valid_number(number)):
        return (_e164(number),), True
    elsewhere = () if international else _abroad(digits)
    if elsewhere or not number or not _possible(number):
        return elsewhere, False
    return (_e164(number),), True


def _written(text: str) -> Iterator[str]:
    for found in _DIGITS.findall(unicodedata.normalize("NFKC", text)):
        yield re.sub(r"[^0-9+]", "", found.replace("(0)", ""))


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as E.164. A bare number is one of Kosovo; one that only fits another country is asked back."""

    kind: ClassVar[str] = "phone"

    def read(self, text: str, today: date) -> Result:
        written = list(_written(text)) if len(text) <= LONGEST_ANSWER else []
        read = [_meanings(digits) for digits in written]
        values = tuple(dict.fromkeys(v for meanings, _sure in read for v in meanings if self.accepts(v)))
        if len(values) == 1 and len(read) == 1 and read[0][1]:
            return values[0]
        return Several(values[:8]) if values else NotUnderstood(_HELP)

    def accepts(self, value: Value) -> bool:
        if not isinstance(value, str) or not _E164.fullmatch(value):
            return False
        number = _parse(value, None)
        return number is not None and _possible(number) and _e164(number) == value


phone = Phone()
