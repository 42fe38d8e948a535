"""Any number of identical processes on one PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import random
from collections.abc import Awaitable, Callable

import psycopg
import structlog

from storage.processes.line import Line
from storage.processes.role import AGAIN_AFTER, LOST_WITHIN, Role

log = structlog.get_logger()
CHECK_EVERY = 2.0
TRY_EVERY = 1.0
"""Seconds, more or less, between two tries to take a role. Who leads one already waits twice as long: others may."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0
"""Seconds between two attempts to connect."""


class Together:
    """One connection hears the others and holds a lock for each role that this process leads.

    To lose the connection is to lose the roles: `lost()` is awaited for each before anything else. The server is asked
    every two seconds and has five to answer, so that a process whose server is out of reach knows within seven that it
    leads no more, and the server gives its roles to others after eight. Two processes can believe that they lead for as
    long as `lost()` takes after a broken connection, and where a process itself stood still for more than eight seconds
    until it notices, at its next step. What such a process sends is a repeat, never a loss.

    Needs PostgreSQL 14 or later, and a connection that is its own: no pooler that shares sessions in between.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._seats: list[_Seat] = []
        self._stopping = asyncio.Event()
        self._line: Line | None = None
        self._work: asyncio.Task[None] | None = None
        self._try_at = 0.0

    def claim(self) -> None:
        """Others are welcome."""

    async def start(self, hear: Callable[[str], None], missed: Callable[[], None]) -> None:
        """Returns when it hears. Raises psycopg.Error where the database cannot be reached."""
        self._hear, self._missed = hear, missed
        self._line = await Line.open(self._url, hear)
        self._work = asyncio.create_task(self._live(self._line))

    def lead(self, role: str, gained: Callable[[], Awaitable[None]], lost: Callable[[], Awaitable[None]]) -> None:
        self._seats.append(_Seat(Role(role, gained, lost)))
        if not self._holds_any():
            self._try_at = 0.0
        self._wake()

    async def stop(self) -> None:
        self._stopping.set()
        self._wake()
        if self._work is not None:
            await self._work

    def _wake(self) -> None:
        if self._line is not None:
            self._line.wake()

    # ------------------------------------------------------------- one connection after the other

    async def _live(self, first: Line) -> None:
        line: Line | None = first
        while line is not None:
            try:
                await self._serve(line)
            except Exception as error:
                log.warning("the connection to the other processes is lost", **_reason(error))
            finally:
                await asyncio.gather(*(seat.leave() for seat in self._seats))
                await line.close()
            line = self._line = await self._again()

    async def _again(self) -> Line | None:
        """A new connection as soon as there is one; None when it is time to stop."""
        wait = FIRST_WAIT
        while not await self._stops_within(wait * random.uniform(0.5, 1.0)):
            try:
                line = await Line.open(self._url, self._hear)
            except (psycopg.Error, OSError) as error:
                log.warning("no connection to the other processes yet", **_reason(error))
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                self._look_again()
                return line
        return None

    async def _stops_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    def _look_again(self) -> None:
        self._try_at = 0.0
        try:
            self._missed()
        except Exception as error:
            log.error("what was missed could not be looked up", **_reason(error))

    # ------------------------------------------------------------- while it lasts

    async def _serve(self, line: Line) -> None:
        """Until the stop; raises where the connection is lost."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            if failed := [seat for seat in self._seats if seat.failed()]:
                await self._give_back(line, failed)
            elif self._wishes() and loop.time() >= self._try_at:
                await self._try(line)
            elif loop.time() >= line.answered_at + CHECK_EVERY:
                await line.ask("SELECT 1")
            else:
                await line.listen(self._next_step(line) - loop.time())

    def _next_step(self, line: Line) -> float:
        return min(line.answered_at + CHECK_EVERY, self._try_at if self._wishes() else math.inf)

    async def _try(self, line: Line) -> None:
        """Take one role that nobody has, if there is one."""
        now = asyncio.get_running_loop().time()
        for seat in self._wishes():
            if seat.not_before <= now and await line.ask("SELECT pg_try_advisory_lock(%s)", seat.key):
                seat.take(line.wake)
                break
        self._try_at = now + TRY_EVERY * (random.uniform(0.75, 1.25) + (1 if self._holds_any() else 0))

    async def _give_back(self, line: Line, failed: list[_Seat]) -> None:
        """The work could not be taken up here: another process may be luckier."""
        for seat in failed:
            seat.empty(not_before=asyncio.get_running_loop().time() + AGAIN_AFTER)
            await line.ask("SELECT pg_advisory_unlock(%s)", seat.key)

    def _wishes(self) -> list[_Seat]:
        return [seat for seat in self._seats if seat.gaining is None]

    def _holds_any(self) -> bool:
        return len(self._wishes()) < len(self._seats)


class _Seat:
    """A role and the lock that stands for it."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.key = lock_key(role.name)
        self.gaining: asyncio.Task[None] | None = None
        """Set while this process has the lock."""
        self.not_before = 0.0
        self._late = False

    def take(self, done: Callable[[], None]) -> None:
        """Apart from the line, which must go on asking and hearing however long it takes."""
        self._late = False
        self.gaining = asyncio.create_task(self._gain())
        self.gaining.add_done_callback(lambda _gaining: done())

    def failed(self) -> bool:
        """A cancelled one has failed too."""
        return self.gaining is not None and self.gaining.done() and not self.role.leads

    def empty(self, not_before: float = 0.0) -> None:
        self.gaining, self.not_before = None, not_before

    async def leave(self) -> None:
        """The lock is gone, or will be in a moment. A `gained()` that does not end is undone when it does."""
        if self.gaining is not None and not self.gaining.done():
            self._late = True
            self.gaining.cancel()
            await asyncio.wait({self.gaining}, timeout=LOST_WITHIN)
        await self.role.give_up()
        if self.gaining is not None and self.gaining.done():
            self.empty()

    async def _gain(self) -> None:
        if await self.role.gain() and self._late:
            await self.role.give_up()


def lock_key(role: str) -> int:
    """The same in every process and version; what else locks by number in this database will hardly meet it."""
    return int.from_bytes(hashlib.sha256(f"returnee-bot:{role}".encode()).digest()[:8], "big", signed=True)


def _reason(error: Exception) -> dict[str, str]:
    """A failed connection speaks of hosts and ports, not of people."""
    return {"reason": str(error) if isinstance(error, psycopg.Error) else type(error).__name__}
