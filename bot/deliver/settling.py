"""What became of the first of a line, other than that it was sent: stored, and then the next may go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from bot import logs
from bot.channels.base import Blocked, Permanent, Retry, SendError
from bot.clock import Clock
from bot.deliver.failures import GIVE_UP_AFTER, block, give_up, later, pause_after, wait_after
from bot.deliver.lines import Line
from bot.deliver.outbox import Outbox
from bot.safely import described
from storage import messages, taking_back
from storage.news import Queued
from storage.store import Store, StoreError

log = structlog.get_logger()
LONGEST_REST = 1.0
"""Seconds that everybody waits when a message was too much for the platform: perhaps it was for one person only."""
STALE_AFTER = timedelta(minutes=15)
"""A question that waited so long is not sent where a newer one follows it."""


class Settling:
    def __init__(self, store: Store, outbox: Outbox, clock: Clock) -> None:
        self.store, self.outbox, self.held, self.clock = store, outbox, outbox.held, clock

    def is_superseded(self, line: Line) -> bool:
        """An old question of the bot that a newer one follows: answering it would help nobody."""
        first = line.waiting[0]
        return (self.clock.now() - first.at > STALE_AFTER and _asks(first)
                and any(_asks(later) for later in list(line.waiting)[1:]))

    async def drop(self, line: Line, first: Queued) -> None:
        await self._end(line, first, lambda c: messages.mark_failed(c, first.id, first.attempts, "superseded"))

    async def undone(self, line: Line, first: Queued) -> None:
        """What it was to take back is gone."""
        now = self.clock.now()
        await self._end(line, first, lambda c: taking_back.note_done(c, first.id, messages.whose(c, first), now))

    async def failed(self, line: Line, first: Queued, error: SendError, together: Sequence[int]) -> None:
        """`together`: all that were tried with it."""
        tries, now = first.attempts + 1, self.clock.now()
        log.info("not sent", trace=logs.trace(first.cause), channel=line.channel, message=first.id,
                 kind=type(error).__name__, tries=tries)
        if isinstance(error, Blocked):
            await self._block(line, first, error)
        elif isinstance(error, Permanent) or now - first.at > GIVE_UP_AFTER:
            await self._end(line, first, lambda c: give_up(c, first, tries, str(error), now))
        else:
            await self._put_off(line, first, error, together)

    async def _end(self, line: Line, first: Queued, note: Callable[[Connection], bool]) -> None:
        if await self._has_fate(line, first, note):
            self.outbox.finish({line.done().id})
        self.held.free(line)

    async def _block(self, line: Line, first: Queued, error: Blocked) -> None:
        """Nobody is there any more: nothing of this line is sent."""
        now, channels = self.clock.now(), self.held.channels
        sessions = {name: channel.limits.session for name, channel in channels.items()}
        if await self._has_fate(line, first, lambda c: block(c, first, str(error), now, sessions)):
            self.outbox.finish({one.id for one in line.waiting})
            line.keep_only(())
        self.held.free(line)

    async def _put_off(self, line: Line, first: Queued, error: SendError, together: Sequence[int]) -> None:
        """It is tried again, and stays the first of its line until then."""
        tries = first.attempts + 1
        if isinstance(error, Retry) and error.seconds is not None:
            self.held.ready[line.channel].pace.rest(min(error.seconds, LONGEST_REST))
        due = self.clock.now() + wait_after(error, tries)
        if await self._has_fate(line, first, lambda c: later(c, first, tries, due, error, together)):
            line.waiting[0] = replace(first, attempts=tries, due_at=due)
        self.held.free(line)

    async def _has_fate(self, line: Line, first: Queued, note: Callable[[Connection], bool]) -> bool:
        """Store what became of the first of this line. Where that fails, it stays and is tried again after a pause;
        where it was withdrawn while it was being sent, it goes."""
        try:
            if await self.store.write(note):
                return True
            self.outbox.finish({line.done().id})
        except Exception as error:  # a line that nobody frees would be silent for ever
            if not isinstance(error, StoreError):
                log.error("what became of a message could not be stored", trace=logs.trace(first.cause),
                          message=first.id, **described(error))
            tries = first.attempts + 1
            line.waiting[0] = replace(first, attempts=tries, due_at=self.clock.now() + pause_after(tries))
        return False


def _asks(message: Queued) -> bool:
    """Whether it is a question of the bot, with answers to tap."""
    buttons = message.content["buttons"] if message.author == "bot" and message.content else ()
    return any(kind in ("answer", "line") for _, _, kind in buttons)
