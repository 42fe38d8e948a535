"""One process, which does everything: on SQLite."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Awaitable, Callable
from io import FileIO
from pathlib import Path

from sqlalchemy import make_url

from storage.processes.role import AGAIN_AFTER, Role


class AlreadyRunning(Exception):
    """Another process works on this database; the text says what to do."""


class Alone:
    """Leads every role at once and hears nothing: whatever happens, happens here.

    From the start to the stop, or to the end of the process however it ends, it holds a lock on a file beside the
    database, so that a second process is refused. A database in memory is not locked.
    """

    def __init__(self, url: str) -> None:
        self._database = _file(url)
        self._lock: FileIO | None = None
        self._started = False
        self._roles: list[Role] = []
        self._later: set[asyncio.Task[None]] = set()

    def claim(self) -> None:
        """Keep others away, before anything is done. Raises AlreadyRunning where another process is at work."""
        if self._database is not None and self._lock is None:
            self._lock = _hold(self._database)

    async def start(self, hear: Callable[[str], None], missed: Callable[[], None]) -> None:
        self.claim()
        self._started = True
        for role in self._roles:
            if not await role.gain():
                self._gain_after(AGAIN_AFTER, role)

    def lead(self, role: str, gained: Callable[[], Awaitable[None]], lost: Callable[[], Awaitable[None]]) -> None:
        wished = Role(role, gained, lost, is_contested=False)
        self._roles.append(wished)
        if self._started:
            self._gain_after(0, wished)

    async def stop(self) -> None:
        self._started = False
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        await asyncio.gather(*(role.give_up() for role in self._roles))
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _gain_after(self, seconds: float, role: Role) -> None:
        task = asyncio.create_task(self._gain(seconds, role))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _gain(self, wait: float, role: Role) -> None:
        await asyncio.sleep(wait)
        if not await role.gain():
            self._gain_after(AGAIN_AFTER, role)


def _file(url: str) -> Path | None:
    name = make_url(url).database
    if not name or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name).resolve()


def _hold(database: Path) -> FileIO:
    """The lock is the open file: the system gives it back when the process is gone."""
    lock = FileIO(f"{database}.lock", "a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise AlreadyRunning(
            f"Another process already works on this database ({database}): "
            "stop it first, or use PostgreSQL for several processes."
        ) from None
    return lock
