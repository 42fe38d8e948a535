"""What makes the outbox go: a step whenever there is news, or when the time that the last step named has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.safely import described

log = structlog.get_logger()


class Pump:
    """Steps are taken in the event loop, one a round of it at most, however often one is asked for."""

    def __init__(self, step: Callable[[float], float | None]) -> None:
        """`step(at)`: what can be done at this time of the loop; in how many seconds there is more, or None."""
        self._step = step
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next: asyncio.Handle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self.stepped = asyncio.Event()
        self.is_broken = False
        """The last step failed."""

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.ask()

    def stop(self) -> None:
        self._loop = None
        self._forget()

    @property
    def works(self) -> bool:
        return self._loop is not None

    def ask(self) -> None:
        """A step soon."""
        if self._loop is not None and self._next is None:
            self._next = self._loop.call_soon(self.now)

    def now(self) -> None:
        """A step at once."""
        loop = self._loop
        if loop is None:
            return
        self._forget()
        try:
            wait = self._step(loop.time())
            self.is_broken = False
        except Exception as error:
            self.is_broken, wait = True, None  # the next news tries again
            log.error("the sending failed", **described(error))
        self.stepped.set()
        if wait is not None and self._loop is not None:
            self._alarm = loop.call_later(wait, self.now)

    def _forget(self) -> None:
        for one in (self._next, self._alarm):
            if one is not None:
                one.cancel()
        self._next = self._alarm = None
