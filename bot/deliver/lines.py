"""Who is next: lines of messages, one for each address, at the pace of the channel and of the person."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.channels.base import Limits
from storage.messages import REPLY
from storage.news import Queued

BURST = 3
"""How many messages in a row one person may get before the pace for one person holds."""
MADE_UP = 0.035
"""Seconds of the allowance that may be made up for, where the process came late."""
UNCOUNTED = 1000
"""A channel that takes so many a second has no pace to speak of."""
Place: TypeAlias = Literal["nowhere", "replies", "others", "asleep", "sending"]


@dataclass(slots=True, eq=False)
class Line:
    """What one address gets, in order. The first must go, and be noted as sent, before the others."""

    channel: str
    address: str
    waiting: deque[Queued] = field(default_factory=deque)
    tokens: float = BURST
    refilled: float = 0.0
    place: Place = "nowhere"
    replies: int = 0
    """How many of those that wait are replies. One anywhere pulls the line forward: what stands before it goes too."""

    def add(self, one: Queued) -> None:
        """Behind those that were stored before it."""
        self.replies += one.lane == REPLY
        at = len(self.waiting)
        first = 1 if self.place == "sending" else 0
        while at > first and self.waiting[at - 1].id > one.id:
            at -= 1
        self.waiting.insert(at, one)

    def done(self) -> Queued:
        """The first has its fate."""
        first = self.waiting.popleft()
        self.replies -= first.lane == REPLY
        return first

    def done_with(self, ids: Collection[int]) -> None:
        """The first ones of these have their fate."""
        while self.waiting and self.waiting[0].id in ids:
            self.done()

    def keep_only(self, kept: Collection[Queued]) -> None:
        """Take the others back."""
        self.waiting = deque(kept)
        self.replies = sum(one.lane == REPLY for one in kept)

    def rest(self, limits: Limits, at: float) -> float:
        """Give this person's tokens; how many seconds until there is one."""
        self.tokens = min(BURST, self.tokens + (at - self.refilled) * limits.a_second_each)
        self.refilled = at
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / limits.a_second_each

    def is_idle(self, limits: Limits, at: float) -> bool:
        """Nothing waits, and the pace has nothing to remember."""
        return not self.waiting and self.place != "sending" and at - self.refilled >= BURST / limits.a_second_each


@dataclass(slots=True)
class Pace:
    """A channel's allowance: so many a second in all, evenly, so that no second of the platform's has more."""

    a_second: float
    tokens: float = 1.0
    refilled: float = 0.0

    def take(self, at: float) -> float:
        """Take one, and say 0; or say how many seconds until there is one."""
        self.tokens = min(self.a_second * MADE_UP + 1, self.tokens + (at - self.refilled) * self.a_second)
        self.refilled = at
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.a_second

    def rest(self, seconds: float) -> None:
        """The platform says that it was too much, where it counts."""
        if self.a_second < UNCOUNTED:
            self.tokens = min(self.tokens, 1 - seconds * self.a_second)


class Ready:
    """The lines of one channel that may go as soon as the channel may: replies first, then the others."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.pace = Pace(limits.a_second)
        self._replies: deque[Line] = deque()
        self._others: deque[Line] = deque()

    def put(self, line: Line) -> None:
        """Into the lane that it belongs to now; where it stood in the other, it stands no more."""
        place: Place = "replies" if line.replies else "others"
        if line.place != place:
            line.place = place
            (self._replies if line.replies else self._others).append(line)

    def first(self) -> Line | None:
        """Whoever is next; it stays where it is."""
        for lane, place in ((self._replies, "replies"), (self._others, "others")):
            while lane:
                if lane[0].place == place and lane[0].waiting:
                    return lane[0]
                lane.popleft()  # it has moved, or nothing of it is left
        return None

    def take(self, line: Line) -> None:
        """The first leaves."""
        (self._replies if line.place == "replies" else self._others).popleft()
        line.place = "nowhere"


class Asleep:
    """Lines that must wait for their own time: for a retry, or the pace of one person."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Line]] = []
        self._number = itertools.count()

    def put(self, line: Line, until: float) -> None:
        line.place = "asleep"
        heapq.heappush(self._heap, (until, next(self._number), line))

    def wake(self, at: float) -> Iterator[Line]:
        """Those whose time has come."""
        while self._heap and self._heap[0][0] <= at:
            line = heapq.heappop(self._heap)[2]
            if line.place == "asleep":
                line.place = "nowhere"
                if line.waiting:
                    yield line

    def wake_all(self) -> Iterator[Line]:
        yield from self.wake(float("inf"))

    def next(self) -> float | None:
        """When the next one wakes."""
        return self._heap[0][0] if self._heap else None
