"""The storm of check-ins, computed: so many people, one pace, replies first. Nothing is sent.

A day in steps of a second. What is due goes out at the pace that replies leave free, the oldest first. A part of those
who were asked answers after a while and then talks for a few turns, and each of these needs a message too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

OPENS, CLOSES = 9 * 3600, 19 * 3600
"""When we may write by ourselves, in the person's own day."""
DAY = 24 * 3600
A_DAY = 0.5 / 7 + 0.5 / 14
"""Check-ins a day and person: half of the people have agreed on one a week, half on one in two weeks."""
ANSWER, AFTER = 0.6, 1800.0
"""So many answer on that day, after half an hour on average."""
TURNS, EVERY = 5, 20.0
"""So many turns a talk has, and so many seconds lie between them."""
CHATS = 0.2
"""Turns a day and person beside the check-ins, evenly in the sixteen hours that people are awake."""
FREE, PAID = 28.0, 950.0
"""What we send a second: a little less than the 30 that Telegram takes, or the 1,000 of its paid broadcasts."""
SIZES = {"a centre": 2_000, "a country": 50_000, "all centres": 600_000, "ten million": 10_000_000}


@dataclass(slots=True)
class Day:
    """What came of it."""

    asked: float
    last: int
    """The second of the day at which the last check-in left."""
    late: tuple[float, float, float]
    """Seconds: half of the check-ins were no later, 99 of 100, all."""
    busiest: float
    """The largest share of the pace that replies took in any minute."""
    wait: float
    """The longest that a reply waited for its turn, in seconds."""
    turns: float
    """Turns a second in the busiest minute: what the database must take."""


def at_nine(second: int) -> float:
    return 1.0 if second == OPENS else 0.0


def spread(second: int) -> float:
    return 1 / (CLOSES - OPENS) if OPENS <= second < CLOSES else 0.0


def simulate(people: float, due: Callable[[int], float], pace: float) -> Day:
    """`due`: which share of the day's check-ins is due in this second."""
    asked, sent = people * A_DAY, 0.0
    waiting: deque[tuple[int, float]] = deque()
    late: list[tuple[int, float]] = []
    thinking = talking = replies = wait = 0.0
    minute_replies: list[float] = []
    second = last = 0
    while second < DAY or (waiting and second < 30 * DAY):
        if second < DAY and (share := due(second)):
            waiting.append((second, asked * share))
        talks = thinking / AFTER
        said = talking / EVERY + (people * CHATS / (16 * 3600) if 7 * 3600 <= second % DAY < 23 * 3600 else 0.0)
        replies += said
        answered = min(replies, pace)
        replies -= answered
        wait = max(wait, replies / pace)
        out = _send(waiting, pace - answered, second, late)
        sent, last = sent + out, second if out else last
        thinking += out * ANSWER - talks
        talking += talks - talking / (TURNS * EVERY)
        minute_replies.append(said)
        second += 1
    minutes = [sum(minute_replies[at : at + 60]) / 60 for at in range(0, len(minute_replies), 60)]
    return Day(asked, last, _percentiles(late, sent), min(max(minutes) / pace, 1.0), wait, max(minutes))


def _send(waiting: deque[tuple[int, float]], room: float, now: int, late: list[tuple[int, float]]) -> float:
    """The oldest first, as many as there is room for."""
    out = 0.0
    while waiting and room - out > 1e-9:
        due, count = waiting.popleft()
        took = min(count, room - out)
        out += took
        late.append((now - due, took))
        if count - took > 1e-9:
            waiting.appendleft((due, count - took))
    return out


def _percentiles(late: list[tuple[int, float]], sent: float) -> tuple[float, float, float]:
    found, seen = [], 0.0
    wanted = deque((0.5, 0.99))
    for seconds, count in sorted(late):
        seen += count
        while wanted and seen >= wanted[0] * sent:
            wanted.popleft()
            found.append(float(seconds))
    return found[0], found[1], float(max(late)[0])


def table() -> str:
    rows = ["| people | due | pace | check-ins a day | last one sent | late: half / 99 % / all "
            "| replies' share of the pace | longest wait of a reply | turns a second |",
            "|---|---|---|---|---|---|---|---|---|"]
    for name, people in SIZES.items():
        for when, due in (("all at 9:00", at_nine), ("spread", spread)):
            for pace in (FREE,) if people < 600_000 else (FREE, PAID):
                rows.append(_row(f"{name}, {people:,}", when, pace, simulate(people, due, pace)))
    return "\n".join(rows)


def _row(name: str, when: str, pace: float, day: Day) -> str:
    late = " / ".join(_time(one) for one in day.late)
    return (f"| {name} | {when} | {pace:.0f}/s | {day.asked:,.0f} | {_clock(day.last)} | {late} | {day.busiest:.1%} "
            f"| {_time(day.wait)} | {day.turns:,.2f} |")


def _clock(second: int) -> str:
    day, rest = divmod(second, DAY)
    return f"{rest // 3600:02d}:{rest % 3600 // 60:02d}" + (f", {day} days later" if day else "")


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


if __name__ == "__main__":
    print(table())
