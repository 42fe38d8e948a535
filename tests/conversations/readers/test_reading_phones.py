from datetime import date

import pytest

from conversations.readers import NotUnderstood, Several, phone

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(("text", "value"), [
    ("044 123 456", "+38344123456"), ("+383 44 123456", "+38344123456"), ("00383 44 123 456", "+38344123456"),
    ("049-123-456", "+38349123456"), ("044/123-456", "+38344123456"),
    ("my number is 044 123 456", "+38344123456"),
    ("+383 (0) 44 123 456", "+38344123456"), ("038 123 456", "+38338123456"),
    ("tel: 045123456", "+38345123456"),
    ("0049 176 12345678", "+4917612345678"), ("+49 176 12345678", "+4917612345678"),
    ("+41 78 123 45 67", "+41781234567"),
])
def test_phone(text: str, value: str) -> None:
    assert phone.read(text, TODAY) == value
    assert phone.accepts(value)


def test_a_number_of_another_country_is_asked_back() -> None:
    result = phone.read("0176 12345678", TODAY)
    assert isinstance(result, Several) and "+4917612345678" in result.values


def test_two_numbers_are_asked_back() -> None:
    assert phone.read("044 123 456 or 049 123 456", TODAY) == Several(("+38344123456", "+38349123456"))


@pytest.mark.parametrize("text",
    ["", "123", "hello", "112", "+", "+999 123", "0" * 150, "1" * 4000, "044 12"])
def test_no_phone(text: str) -> None:
    result = phone.read(text, TODAY)
    assert isinstance(result, NotUnderstood) and "044 123 456" in result.help


@pytest.mark.parametrize("value",
    ["044 123 456", "+383", "", None, 38344123456, "+38344123456 ", "+0", ["+38344123456"]])
def test_only_e164_is_accepted(value: object) -> None:
    assert not phone.accepts(value)
