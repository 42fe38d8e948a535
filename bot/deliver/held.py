"""What is in memory of the outbox: a line for each address, and who of them may go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.channels.base import Channel
from bot.clock import Clock
from bot.deliver.lines import Asleep, Line, Ready
from storage.news import Queued

SET_BACK = 60.0
"""By so many seconds a clock must have gone back against the time that really passed, to be taken for set back."""
MOST_HELD = 2_000
"""So many messages of a lane are in memory; more stay in the database until there is room."""


class Held:
    def __init__(self, channels: Mapping[str, Channel], clock: Clock, ask: Callable[[], None]) -> None:
        """`ask()`: a step soon, there is somebody who may go."""
        self.channels, self.clock, self._ask = channels, clock, ask
        self.lines: dict[tuple[str, str], Line] = {}
        self.ready = {name: Ready(channel.limits) for name, channel in channels.items()}
        self.asleep = Asleep()
        self.finished: set[int] = set()
        """What was sent, failed or withdrawn since the outbox was last read."""
        self.count = [0, 0]
        """How many of each lane."""
        self._lane_of: dict[int, int] = {}
        self._clock_ahead = float("-inf")

    # ---------------------------------------------------------------- what comes and what goes

    def take_over(self, one: Queued) -> bool:
        """False where there is no room for it."""
        if one.id in self._lane_of or one.channel not in self.channels:
            return True
        if self.count[one.lane] >= MOST_HELD:
            return False
        self.finished.discard(one.id)  # withdrawn with another, and offered anew
        self._lane_of[one.id] = one.lane
        self.count[one.lane] += 1
        key = (one.channel, one.address)
        line = self.lines.get(key)
        if line is None:
            line = self.lines[key] = Line(one.channel, one.address)
        line.add(one)
        if line.place not in ("sending", "asleep"):
            self.put(line)
        return True

    def take_out(self, contact_id: int, lanes: set[int]) -> set[int]:
        """What this person was still to get in these lanes leaves, but for what is on its way. Which messages it is."""
        out: set[int] = set()
        for line in self.lines.values():
            held = list(line.waiting)
            kept = [one for at, one in enumerate(held)
                    if one.contact_id != contact_id or one.lane not in lanes or (at == 0 and line.place == "sending")]
            if len(kept) < len(held):
                out |= {one.id for one in held} - {one.id for one in kept}
                line.keep_only(kept)
                if line.place == "asleep":  # for a message that is not sent any more
                    line.place = "nowhere"
                    if kept:
                        self.put(line)
        return out

    def finish(self, ids: set[int]) -> None:
        """These have their fate; a reading of the outbox that began before must not bring them back."""
        for one in ids:
            lane = self._lane_of.pop(one, None)
            if lane is not None:
                self.count[lane] -= 1
        self.finished |= ids

    def tidy(self) -> None:
        """Forget the pace of people who have not been written to for a while."""
        at = asyncio.get_running_loop().time()
        for key, line in list(self.lines.items()):
            if line.is_idle(self.channels[line.channel].limits, at):
                del self.lines[key]

    # ---------------------------------------------------------------- who may go

    def put(self, line: Line) -> None:
        self.ready[line.channel].put(line)
        self._ask()

    def free(self, line: Line) -> None:
        """The next of this line may go."""
        line.place = "nowhere"
        if line.waiting:
            self.put(line)
        self._ask()

    def wake(self, at: float) -> None:
        """Those whose time has come."""
        for line in self.asleep.wake(at):
            self.put(line)

    def is_busy(self) -> bool:
        """Something is being sent, or could be."""
        return any(line.place == "sending" or (bool(line.waiting) and self.until_due(line.waiting[0]) <= 0)
                   for line in self.lines.values())

    def own_wait(self, line: Line, ready: Ready, at: float) -> float:
        """How many seconds the first of this line must wait: for its retry, or for the pace of one person."""
        return max(line.rest(ready.limits, at), self.until_due(line.waiting[0]))

    def until_due(self, message: Queued) -> float:
        """Seconds until it may be tried; 0 where it has not been tried yet."""
        return (message.due_at - self.clock.now()).total_seconds() if message.attempts else 0.0

    def notice_the_clock(self, at: float) -> None:
        """A clock that was set back would put off by so much whatever was tried before: it is tried now instead."""
        now = self.clock.now()
        ahead = now.timestamp() - at
        if ahead < self._clock_ahead - SET_BACK:
            for line in self.lines.values():
                if line.waiting and line.place != "sending":
                    line.waiting[0] = replace(line.waiting[0], due_at=min(line.waiting[0].due_at, now))
        self._clock_ahead = ahead
