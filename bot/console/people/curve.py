"""How it has gone on each side, drawn with what happened meanwhile: read without colour, and said in words too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from markupsafe import Markup

from bot.console import tongue
from bot.console.tongue import spoken
from conversations.marking import mark_for_desk as _d

WIDTH, LABEL, RIGHT, ROW, TOP = 480, 160, 16, 58, 22
WORDS = {1: _d("not good"), 2: _d("so-so"), 3: _d("good")}
MOST_EVENTS = 9


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    level: int


@dataclass(frozen=True, slots=True)
class Side:
    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    what: str


def drawn(sides: Sequence[Side], events: Sequence[Event]) -> Markup:
    """The SVG and the list of what its numbers mean; nothing where there are not two points of any side."""
    moments = [one.at for side in sides for one in side.points]
    if all(len(side.points) < 2 for side in sides):
        return Markup()
    first, last = min(moments), max(moments)
    within = [one for one in events if first <= one.at <= last][-MOST_EVENTS:]
    height = TOP + ROW * len(sides)
    parts = [*_marks(within, first, last, height), *(_side(one, first, last, TOP + ROW * number)
                                                     for number, one in enumerate(sides))]
    title = escape(spoken("How it has gone; the answers are below"))
    listed = "".join(f"<li>{escape(tongue.short_day(one.at.date()))}: {escape(one.what)}</li>" for one in within)
    return Markup(f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">'
                  + "".join(parts) + "</svg>" + (f'<ol class="hint">{listed}</ol>' if listed else ""))


def _x(at: datetime, first: datetime, last: datetime) -> float:
    whole = (last - first).total_seconds()
    return round(LABEL + (WIDTH - LABEL - RIGHT) * ((at - first).total_seconds() / whole if whole else 1), 1)


def _marks(events: Sequence[Event], first: datetime, last: datetime, height: int) -> Iterator[str]:
    for number, one in enumerate(events, 1):
        x = _x(one.at, first, last)
        yield (f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{height}" stroke="currentColor" stroke-dasharray="2 4" '
               f'opacity="0.5"/><text class="label" x="{x}" y="14" text-anchor="middle">{number}</text>')


def _side(side: Side, first: datetime, last: datetime, top: int) -> str:
    places = [(_x(one.at, first, last), top + 46 - 14 * one.level, one) for one in side.points]
    line = " ".join(f"{x},{y}" for x, y, _ in places)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="4" fill="currentColor"><title>'
                   f"{escape(tongue.short_day(one.at.date()))}: {escape(spoken(WORDS[one.level]))}</title></circle>"
                   for x, y, one in places)
    return (f'<text class="label" x="0" y="{top + 24}">{escape(side.label)}</text>'
            f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="2"/>{dots}')
