"""What a phone number's digits can mean. It needs the tables of all countries' numbers."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

HOME = "XK"
_ABROAD = ("DE", "CH", "AT", "AL", "MK", "RS", "ME")  # where a number without country code may come from


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


def meanings(digits: str) -> tuple[tuple[str, ...], bool]:
    """What these digits can be, and whether that is sure."""
    number = _parse(digits, HOME)
    international = digits.startswith(("+", "00"))
    if number and ((international and _possible(number)) or phonenumbers.is_valid_number(number)):
        return (_e164(number),), True
    elsewhere = () if international else _abroad(digits)
    if elsewhere or not number or not _possible(number):
        return elsewhere, False
    return (_e164(number),), True


def is_e164(value: str) -> bool:
    """Whether this is a possible number in the one form that is stored."""
    number = _parse(value, None)
    return number is not None and _possible(number) and _e164(number) == value
