"""The outbox loop: what is stored is sent, in order for each address, what people wait for first.

A message is in memory here and, until it is marked as sent, in the database. One that was being sent when the
process died is sent again: for a counsellor's words, twice is better than never.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.channels.base import (
    Blocked,
    Channel,
    Limits,
    Outgoing,
    OutgoingMessage,
    Permanent,
    Retry,
    SendError,
    Unknown,
)
from bot.clock import Clock
from bot.live import Live
from bot.safely import described
from storage import contacts, messages, tickets
from storage.messages import REPLY, Queued
from storage.points import reach
from storage.store import Store, StoreError

log = structlog.get_logger()
AT_ONCE = 64
"""How many messages are on their way at the same time."""
GIVE_UP_AFTER = timedelta(days=3)
"""So long a message is tried; a channel can be down for a day without losing a word."""
LONGEST_WAIT = timedelta(minutes=10)
BURST = 3
"""How many messages in a row one person may get before the pace for one person holds."""


def pause_after(tries: int) -> timedelta:
    """1, 2, 4 … seconds, ten minutes at most."""
    return min(timedelta(seconds=2.0 ** min(max(tries - 1, 0), 12)), LONGEST_WAIT)


@dataclass(slots=True)
class Line:
    """What one address gets, in order. The first must go before the others."""

    channel: str
    address: str
    waiting: deque[Queued] = field(default_factory=deque)
    tokens: float = BURST
    refilled: float = 0.0
    busy: bool = False

    @property
    def lane(self) -> int:
        """A reply anywhere in the line pulls it forward: what stands before it must go first."""
        return min((one.lane for one in self.waiting), default=REPLY)


@dataclass(slots=True)
class Pace:
    """A channel's allowance: so many a second in all."""

    a_second: float
    tokens: float = 1.0
    refilled: float = 0.0

    def take(self, at: float) -> float:
        """Take one, and say 0; or say how many seconds until there is one."""
        self.tokens = min(self.a_second / 4 + 1, self.tokens + (at - self.refilled) * self.a_second)
        self.refilled = at
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.a_second


class Deliver:
    def __init__(self, store: Store, channels: Mapping[str, Channel], clock: Clock, live: Live) -> None:
        self.store, self.channels, self.clock, self.live = store, channels, clock, live
        self._lines: dict[tuple[str, str], Line] = {}
        self._ready: tuple[deque[Line], deque[Line]] = (deque(), deque())
        self._paces = {name: Pace(channel.limits.a_second) for name, channel in channels.items()}
        self._known: set[int] = set()
        self._marked: set[int] = set()
        """What was sent, failed or withdrawn since the outbox was last read."""
        self._wake, self._stepped = asyncio.Event(), asyncio.Event()
        self._sent: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._marking: asyncio.Task[None] | None = None

    # ---------------------------------------------------------------- in and out

    async def start(self) -> None:
        """Take up what an earlier process left, then send."""
        await self.reload()
        self._loop = asyncio.create_task(self._run(), name="deliver")

    async def reload(self) -> None:
        """Read the outbox again: what is there and not known here."""
        await self._mark()
        self._marked.clear()
        self._tidy()
        after = 0
        while queued := await self.store.read(partial(messages.unsent, after=after)):
            self.offer([one for one in queued if one.id not in self._marked])
            after = queued[-1].id

    def _tidy(self) -> None:
        """Forget the pace of people who have not been written to for a while."""
        at = asyncio.get_running_loop().time()
        for key, line in list(self._lines.items()):
            pace = self.channels[line.channel].limits.a_second_each
            if not line.waiting and not line.busy and at - line.refilled >= BURST / pace:
                del self._lines[key]

    def withdraw(self, contact_id: int, lanes: set[int]) -> None:
        """Do not send what this person was still to get in these lanes; what is on its way is."""
        for line in self._lines.values():
            held = list(line.waiting)
            kept = [one for at, one in enumerate(held)
                    if one.contact_id != contact_id or one.lane not in lanes or (at == 0 and line.busy)]
            if len(kept) == len(held):
                continue
            self._forget({one.id for one in held} - {one.id for one in kept})
            line.waiting = deque(kept)
            for ready in self._ready:
                if not kept and line in ready:
                    ready.remove(line)

    def offer(self, queued: Sequence[Queued]) -> None:
        """Take over messages that are stored."""
        for one in queued:
            if one.id in self._known or one.channel not in self.channels:
                continue
            self._known.add(one.id)
            line = self._lines.setdefault((one.channel, one.address), Line(one.channel, one.address))
            line.waiting.append(one)
            if not line.busy and len(line.waiting) == 1:
                self._put(line)
            elif one.lane == REPLY and line in self._ready[1]:
                self._ready[1].remove(line)
                self._ready[0].append(line)
        if queued:
            self._wake.set()

    async def stop(self) -> None:
        """Take nothing new; finish what is on its way."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        if self._marking is not None:
            await asyncio.wait([self._marking], timeout=5)
        await self._mark()

    async def drain(self) -> None:
        """Until nothing that can be sent now is left. For tests and the terminal."""
        while any(line.busy or self._is_due(line) for line in self._lines.values()):
            self._stepped.clear()
            await self._stepped.wait()
        await self._mark()

    def _is_due(self, line: Line) -> bool:
        first = line.waiting[0] if line.waiting else None
        return first is not None and (not first.attempts or first.due_at <= self.clock.now())

    # ------------------------------------------------------------------- the loop

    def _put(self, line: Line) -> None:
        self._ready[min(line.lane, 1)].append(line)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            wait = self._send_ready()
            self._stepped.set()
            self._wake.clear()
            if wait is None and (self._ready[0] or self._ready[1]) and len(self._tasks) < AT_ONCE:
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def _send_ready(self) -> float | None:
        """Send whatever may go now; say how long until more may, or None to wait for news."""
        soonest: float | None = None
        at = asyncio.get_running_loop().time()
        for lane in self._ready:
            for _ in range(len(lane)):
                if len(self._tasks) >= AT_ONCE:
                    return soonest
                line = lane.popleft()
                wait = self._may_go(line, at)
                if wait > 0:
                    lane.append(line)
                    soonest = wait if soonest is None else min(soonest, wait)
                    continue
                line.busy = True
                task = asyncio.create_task(self._send(line))
                self._tasks.add(task)
                task.add_done_callback(self._finished)
        return soonest

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    def _may_go(self, line: Line, at: float) -> float:
        """How many seconds the first of this line must wait: for its retry, the person's or the channel's pace."""
        first = line.waiting[0]
        until_due = (first.due_at - self.clock.now()).total_seconds() if first.attempts else 0.0
        limits = self.channels[line.channel].limits
        own = _refill(line, limits, at)
        if until_due > 0 or own > 0:
            return max(until_due, own)
        shared = self._paces[line.channel].take(at)
        if shared == 0:
            line.tokens -= 1
        return shared

    async def _send(self, line: Line) -> None:
        first = line.waiting[0]
        message = OutgoingMessage.from_json(first.text, first.content)
        reach("deliver.sending")
        try:
            external = await self.channels[line.channel].send(Outgoing(first.id, line.address, message))
        except SendError as error:
            await self._failed(line, first, error)
        except Exception as error:
            log.error("a channel failed", channel=line.channel, message=first.id, **described(error))
            await self._failed(line, first, Retry("the channel failed"))
        else:
            reach("deliver.sent")
            self._sent.append({"key": first.id, "external": external, "now": self.clock.now()})
            line.waiting.popleft()
            if self._marking is None or self._marking.done():
                self._marking = asyncio.create_task(self._mark())
        finally:
            line.busy = False
            if line.waiting:
                self._put(line)

    async def _mark(self) -> None:
        """Note what was sent; one commit for all that was sent meanwhile."""
        while self._sent:
            rows, self._sent = self._sent, []
            reach("deliver.marking")
            try:
                await self.store.write(partial(messages.mark_sent, rows=rows))
            except StoreError:
                self._sent = rows + self._sent
                log.warning("sent messages could not be marked yet", count=len(rows))
                return
            reach("deliver.marked")
            self._forget({row["key"] for row in rows})

    def _forget(self, ids: set[int]) -> None:
        """These have their fate; a reading of the outbox that began before must not bring them back."""
        self._known -= ids
        self._marked |= ids

    # -------------------------------------------------------------------- failures

    async def _failed(self, line: Line, first: Queued, error: SendError) -> None:
        tries, now = first.attempts + 1, self.clock.now()
        log.info("not sent", channel=line.channel, message=first.id, kind=type(error).__name__, tries=tries)
        try:
            if isinstance(error, Blocked):
                await self._blocked(line, now, str(error))
            elif isinstance(error, Permanent) or now - first.at > GIVE_UP_AFTER:
                await self.store.write(lambda c: _give_up(c, first, tries, str(error), now))
                self._forget({line.waiting.popleft().id})
                self.live.publish("queue")
            else:
                wait = _wait(error, tries)
                await self.store.write(lambda c: messages.mark_later(c, first.id, tries, now + wait, str(error)))
                line.waiting[0] = replace(first, attempts=tries, due_at=now + wait)
        except StoreError:
            line.waiting[0] = replace(first, attempts=tries, due_at=now + pause_after(tries))
        self.live.publish(f"contact:{first.contact_id}")

    async def _blocked(self, line: Line, now: datetime, why: str) -> None:
        """Nothing more can arrive at this address."""

        def work(connection: Connection) -> None:
            contacts.set_blocked(connection, line.channel, line.address, now)
            messages.fail_all(connection, line.channel, line.address, why)

        await self.store.write(work)
        self._forget({one.id for one in line.waiting})
        line.waiting.clear()


def _give_up(connection: Connection, message: Queued, tries: int, why: str, now: datetime) -> None:
    """The message stays failed, with the reason; a person looks after it."""
    messages.mark_failed(connection, message.id, tries, why)
    tickets.add_task(connection, {
        "contact_id": message.contact_id, "key": "undelivered", "kind": "failed", "area": "general",
        "about": "A message could not be delivered to this person", "opened_at": now, "due_at": None,
    })


def _wait(error: SendError, tries: int) -> timedelta:
    if isinstance(error, Retry) and error.seconds is not None:
        return timedelta(seconds=error.seconds)
    return pause_after(tries + 1 if isinstance(error, Unknown) else tries)


def _refill(line: Line, limits: Limits, at: float) -> float:
    """Give a person's line its tokens; say how long until it has one."""
    line.tokens = min(BURST, line.tokens + (at - line.refilled) * limits.a_second_each)
    line.refilled = at
    return 0.0 if line.tokens >= 1 else (1 - line.tokens) / limits.a_second_each
