"""Appointments as a calendar reads them (RFC 5545). Lock screens show the title: it says no more than needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST = 75
"""Bytes of a line; what is longer goes on in the next one, after a space."""
PRODUCT = "-//returnee-bot//appointments//EN"


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    """The same for the same appointment, however often it moves."""
    changes: int
    """Calendars take the one with the most."""
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    about: str
    cancelled: bool = False


def calendar(events: Iterable[Event], made: datetime) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for one in events:
        lines += _event(one, made)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line)).encode()


def _event(one: Event, made: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.id}"
    yield f"SEQUENCE:{one.changes}"
    yield f"DTSTAMP:{_utc(made)}"
    yield f"DTSTART:{_utc(one.starts_at)}"
    yield f"DTEND:{_utc(one.ends_at)}"
    yield f"STATUS:{'CANCELLED' if one.cancelled else 'CONFIRMED'}"
    for name, text in (("SUMMARY", one.title), ("LOCATION", one.place), ("DESCRIPTION", one.about)):
        if text:
            yield f"{name}:{_escaped(text)}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """What has a meaning of its own stands behind a backslash; other signs that are no text are left out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(one for one in text if one in "\n\t" or one.isprintable())
    for one in ("\\", ";", ","):
        text = text.replace(one, f"\\{one}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """No letter is cut in two."""
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LONGEST:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + width
    yield part
