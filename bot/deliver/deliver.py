"""The outbox loop: what is stored is sent, in order for each address, what people wait for first.

A message is in memory here and, until it is noted as sent, in the database. The next message to the same address
goes out only after that note is stored: so a process that dies repeats one message to a person at most. For a
counsellor's words, twice is better than never.

`held.py` is what is in memory, `outbox.py` fills it, `sender.py` hands over to the channels, `settling.py` stores what
became of a message that was not sent, `notes.py` that one was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import perf_counter
from typing import Protocol

import structlog

from bot import logs
from bot.channels.base import Channel, Retry, SendError
from bot.clock import Clock
from bot.deliver.held import Held
from bot.deliver.lines import Line, Ready
from bot.deliver.notes import Notes
from bot.deliver.outbox import Outbox
from bot.deliver.pump import Pump
from bot.deliver.sender import OurMedia, Sender
from bot.deliver.settling import Settling
from bot.safely import described
from storage.messages import REPLY
from storage.news import News, Queued
from storage.points import reach
from storage.store import Store

log = structlog.get_logger()
AT_ONCE = 128
"""How many messages are on their way at the same time."""
SENDING_MAY_TAKE, NOTING_MAY_TAKE = 1.8, 1.0
"""Seconds, when this process is to send no more: together less than a role has to be laid down."""


class Watcher(Protocol):
    """Counts what is sent."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None: ...

    def replied(self, seconds: float) -> None: ...


class Deliver:
    def __init__(
        self, store: Store, channels: Mapping[str, Channel], clock: Clock, watcher: Watcher | None = None,
        media: OurMedia | None = None,
    ) -> None:
        self.store, self.channels, self.clock, self.watcher = store, channels, clock, watcher
        self.media = media
        self._pump = Pump(self._send_ready)
        self._tasks: set[asyncio.Task[None]] = set()
        self._forget_everything()

    def _forget_everything(self) -> None:
        self._held = Held(self.channels, self.clock, self._pump.ask)
        self.outbox = Outbox(self.store, self._held, self._pump)
        self._notes = Notes(self.store, self._was_noted, self.outbox.look_again)
        self._sender = Sender(self.store, self.channels, self.clock, self.media, self.clock.now())
        self._settling = Settling(self.store, self.outbox, self.clock)

    # ---------------------------------------------------------------- in and out

    @property
    def works(self) -> bool:
        """This is the process that sends."""
        return self._pump.works

    def trouble(self) -> str | None:
        """What keeps this process from sending though it should, or None."""
        return "the sending fails" if self._pump.is_broken else None

    async def start(self) -> None:
        """Take up what an earlier process left, then send."""
        self._forget_everything()
        self.store.riders.append(self._notes)
        self._pump.start()
        await self.reload()

    async def stop(self) -> None:
        """Take nothing new; finish what is on its way; forget the rest, which is stored."""
        if not self.works:
            return
        self._pump.stop()
        try:
            await self.outbox.stop()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=SENDING_MAY_TAKE)
            await self._notes.finish(NOTING_MAY_TAKE)
        finally:
            for task in self._tasks:
                task.cancel()
            self.store.riders.remove(self._notes)
            self._forget_everything()

    async def reload(self) -> None:
        """Read the outbox again."""
        if self.works:
            self._notes.hurry()
            await self.outbox.reload()

    def hear(self, news: News) -> None:
        """What a transaction of this process or another led to, in the order of the commits."""
        if self._pump.works:
            self.outbox.hear(news)

    async def drain(self) -> None:
        """Until nothing that can be sent now is left. For tests and the terminal."""
        if self.store.hears_others:
            await self.reload()
        while self._held.is_busy():
            self._notes.hurry()
            self._pump.stepped.clear()
            await self._pump.stepped.wait()

    # ------------------------------------------------------------------- the loop

    def _send_ready(self, at: float) -> float | None:
        """Send whatever may go now; how long until more may, or None to wait for news."""
        held = self._held
        held.notice_the_clock(at)
        held.wake(at)
        waits = [wait for ready in held.ready.values() if (wait := self._send_of(ready, at)) is not None]
        wakes = held.asleep.next()
        return min([*waits, max(0.0, wakes - at)] if wakes is not None else waits, default=None)

    def _send_of(self, ready: Ready, at: float) -> float | None:
        """Send what this channel may send now; how long until it may send more, where more waits."""
        while len(self._tasks) < AT_ONCE and (line := ready.first()) is not None:
            own = self._held.own_wait(line, ready, at)
            if own > 0:
                ready.take(line)
                self._held.asleep.put(line, at + own)
                continue
            wait = ready.pace.take(at)
            if wait > 0:
                return wait
            line.tokens -= 1
            ready.take(line)
            line.place = "sending"
            task = asyncio.create_task(self._send(line))
            self._tasks.add(task)
            task.add_done_callback(self._sending_ended)
        return None

    def _sending_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._pump.ask()

    async def _send(self, line: Line) -> None:
        first = line.waiting[0]
        if self._settling.is_superseded(line):
            await self._settling.drop(line, first)
            return
        together = self._sender.together(line)
        line.tokens -= len(together) - 1
        began = perf_counter()
        reach("deliver.sending")
        takes_back = (first.content or {}).get("takes_back")
        try:
            if takes_back is not None:
                await self._sender.take_back(first, takes_back)
                await self._settling.undone(line, first)
                return
            external = await self._sender.hand_over(together)
        except SendError as error:
            if len(together) > 1 and self._sender.part(together, error):
                self._held.free(line)
                return
            await self._failed(line, first, error, perf_counter() - began, [one.id for one in together])
        except Exception as error:
            log.error("a channel failed", trace=logs.trace(first.cause), channel=line.channel, message=first.id,
                      **described(error))
            self._sender.part(together, error)
            await self._failed(line, first, Retry("the channel failed"), perf_counter() - began)
        else:
            reach("deliver.sent")
            now = self.clock.now()
            for one in together:
                self._count_sent(one, perf_counter() - began, now)
            self._notes.add(line, zip([one.id for one in together], external, strict=True), now)

    def _was_noted(self, line: Line, ids: set[int]) -> None:
        if line.waiting and line.waiting[0].id in ids:
            line.done_with(ids)
            self.outbox.finish(ids)
            self._held.free(line)

    async def _failed(
        self, line: Line, first: Queued, error: SendError, seconds: float, together: Sequence[int] = ()
    ) -> None:
        if self.watcher is not None:
            self.watcher.sent(line.channel, type(error).__name__.lower(), seconds)
        await self._settling.failed(line, first, error, together)

    def _count_sent(self, message: Queued, seconds: float, now: datetime) -> None:
        if self.watcher is not None:
            self.watcher.sent(message.channel, "sent", seconds)
            if message.lane == REPLY:
                self.watcher.replied((now - message.at).total_seconds())
        if logs.detailed:
            logs.sent(message.cause, message.channel, message.id, seconds, message.attempts + 1)
