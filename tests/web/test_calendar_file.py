"""Appointments as a calendar reads them: every text comes back whole, and no line is too long."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from bot.calendar_file import LONGEST, Event, calendar

AT = datetime(2026, 11, 26, 13, 30, tzinfo=UTC)
LETTERS = some.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" \n")
PRINTABLE = some.text(LETTERS, max_size=200)


def read(made: bytes) -> dict[str, str]:
    """The values of one event, unfolded and taken out of their escapes, as RFC 5545 says."""
    text = made.decode()
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    lines = text.replace("\r\n ", "").split("\r\n")
    pairs = dict(line.partition(":")[::2] for line in lines if line)
    return {name: re.sub(r"\\(.)", lambda one: "\n" if one[1] in "nN" else one[1], value)
            for name, value in pairs.items()}


@given(title=PRINTABLE, place=PRINTABLE, about=PRINTABLE)
def test_every_text_comes_back_whole_in_short_lines(title: str, place: str, about: str) -> None:
    made = calendar([Event("a1@x", 2, AT, AT + timedelta(hours=1), title, place, about)], AT)
    assert all(len(line) <= LONGEST for line in made.split(b"\r\n"))
    found = read(made)
    for name, text in (("SUMMARY", title), ("LOCATION", place), ("DESCRIPTION", about)):
        assert found.get(name, "") == text


def test_what_a_calendar_needs() -> None:
    found = read(calendar([Event("a1@x", 2, AT, AT + timedelta(hours=1), "Qendra", "Rr. 1; kati 2", "")], AT))
    assert found["DTSTART"] == "20261126T133000Z" and found["DTEND"] == "20261126T143000Z"
    assert found["UID"] == "a1@x" and found["SEQUENCE"] == "2" and found["STATUS"] == "CONFIRMED"
    assert found["VERSION"] == "2.0" and "DESCRIPTION" not in found


def test_lines_of_its_own_cannot_be_smuggled_in() -> None:
    made = calendar([Event("a1@x", 0, AT, AT, "x\r\nATTENDEE:mailto:y@z", "\x00\x07", "")], AT).decode()
    assert "\r\nATTENDEE" not in made and "\x00" not in made
