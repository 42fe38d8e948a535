from datetime import date

import pytest

from conversations.readers import NotUnderstood, long_text, short_text

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(("text", "value"), [
    ("  Arta  ", "Arta"), ("A\u200bgim\u0000", "Agim"), ("two\nlines", "two lines"), ("Zë ç", "Zë ç"),
    ("ok 👍", "ok 👍"), ("7", "7"), ("\ud800a", "a"),
])
def test_short_text_is_cleaned(text: str, value: str) -> None:
    assert short_text.read(text, TODAY) == value
    assert short_text.accepts(value)


@pytest.mark.parametrize("text", ["", "   ", "👍👍", "...", "?!", "\u200b", "-"])
def test_signs_alone_are_not_a_text(text: str) -> None:
    for reader in (short_text, long_text):
        assert isinstance(reader.read(text, TODAY), NotUnderstood)
        assert not reader.accepts(text)


def test_too_long() -> None:
    assert short_text.read("a" * 200, TODAY) == "a" * 200
    short = short_text.read("a" * 201, TODAY)
    long = long_text.read("a" * 5001, TODAY)
    assert isinstance(short, NotUnderstood) and "shorter" in short.help
    assert isinstance(long, NotUnderstood) and "two messages" in long.help


def test_long_text_keeps_lines() -> None:
    assert long_text.read("one \r\n\t two\n\nthree", TODAY) == "one\ntwo\n\nthree"
