"""What the process counts: plain numbers, cheap enough for every turn. `bot/web/exposition.py` shows them.

Everything but the commits is counted in the event loop; commits are counted by writer threads, under a lock. The
words of a label come from the code, never from a person: what is no plain word, or one word too many, is "other".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from threading import Lock

from conversations.events import InboundEvent, Media, Message, ReminderDue, Started, Stopped, Tap

KINDS: dict[type, str] = {Message: "message", Tap: "tap", Started: "started", Stopped: "stopped", Media: "media"}
CLOCK = ("clock", "reminder")
"""Channel and kind of a due reminder."""
OUTCOMES = ("sent", "retry", "permanent", "blocked", "unknown")
OTHER = "other"
WORD = re.compile(r"[a-z][a-z_:]{0,47}")
MOST_WORDS = 200
"""So many different labels one counter may have."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)


class Counts:
    """Numbers that only grow, by label."""

    __slots__ = ("values",)

    def __init__(self, known: Iterable[tuple[str, ...]] = ()) -> None:
        self.values: dict[tuple[str, ...], int] = dict.fromkeys(known, 0)
        """What is known from the start is shown as 0: a rate can be told from the first one on."""

    def add(self, labels: tuple[str, ...], times: int = 1) -> None:
        try:
            self.values[labels] += times
        except KeyError:
            tame = self._tame(labels)
            self.values[tame] = self.values.get(tame, 0) + times

    def _tame(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        tame = tuple(one if WORD.fullmatch(one) else OTHER for one in labels)
        return tame if tame in self.values or len(self.values) < MOST_WORDS else (OTHER,) * len(labels)


class Histogram:
    """How values are spread: how many came at or below each bound, and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float, times: int = 1) -> None:
        if value < 0.0:
            value = 0.0  # a clock that was put back
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times

    def upto(self) -> list[tuple[str, int]]:
        """Each bound with how many came at or below it; the last bound is +Inf."""
        return list(zip([*map(str, self.bounds), "+Inf"], accumulate(self.counts[:]), strict=True))


class Metrics:
    """The numbers of one process."""

    def __init__(self, channels: Iterable[str] = ()) -> None:
        self.channels = tuple(channels)
        self.turns = Counts([*((channel, kind) for channel in self.channels for kind in KINDS.values()), CLOCK])
        self.turn_seconds, self.reply_seconds = Histogram(), Histogram()
        self.batch_sizes = Histogram(SIZES)
        self.sends = Counts((channel, outcome) for channel in self.channels for outcome in OUTCOMES)
        self.send_seconds = {channel: Histogram() for channel in self.channels}
        self.updates_skipped = Counts()
        self.events_set_aside = 0
        self.leader_of: dict[str, bool] = {}
        self._lock = Lock()
        self.commit_seconds = Histogram()
        self.works = self.repeats = self.failures = 0

    # ------------------------------------------------------------ in the event loop

    def batch(self, events: Sequence[InboundEvent], seconds: float) -> None:
        """These events were committed together, so long after they arrived."""
        add = self.turns.add
        for event in events:
            add(CLOCK if isinstance(event, ReminderDue) else (event.channel, KINDS.get(type(event), OTHER)))
        self.batch_sizes.add(len(events))
        self.turn_seconds.add(seconds, len(events))

    def replied(self, seconds: float) -> None:
        """A platform took a reply, so long after the event arrived that it answers."""
        self.reply_seconds.add(seconds)

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """One try to send: "sent", or which of the errors it was, and how long the platform took."""
        self.sends.add((channel, outcome))
        spread = self.send_seconds.get(channel)
        if spread is not None:
            spread.add(seconds)

    def skipped(self, kind: str) -> None:
        """An update that means nothing to us."""
        self.updates_skipped.add((kind,))

    def set_aside(self) -> None:
        """An event that always fails was given to the staff."""
        self.events_set_aside += 1

    def leads(self, role: str, holds: bool) -> None:
        """This process is the one that polls or paces a channel, or is not any more."""
        self.leader_of[role] = holds

    # ------------------------------------------------------------ in a writer thread

    def commit(self, works: int, seconds: float) -> None:
        """One transaction with so many works was committed."""
        with self._lock:
            self.works += works
            self.commit_seconds.add(seconds)

    def commit_repeated(self) -> None:
        """A transaction was in another one's way and is done again."""
        with self._lock:
            self.repeats += 1

    def commit_failed(self) -> None:
        """A transaction could not be committed; nothing of it is stored."""
        with self._lock:
            self.failures += 1
