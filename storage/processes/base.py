"""What a process needs to know about the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Processes(Protocol):
    def claim(self) -> None:
        """Keep others away where only one process may work; raises AlreadyRunning where one does."""

    async def start(self, hear: Callable[[str], None], missed: Callable[[], None]) -> None:
        """From now on `hear(payload)` is called in the event loop for every notification, in the order of the commits,
        this process's own included. `missed()` is called when some may have been lost: everybody should look again."""

    def lead(self, role: str, gained: Callable[[], Awaitable[None]], lost: Callable[[], Awaitable[None]]) -> None:
        """Wish to lead a role. `gained()` is awaited when this process has it, `lost()` when it has it no more.

        A `gained()` that raises, or is cancelled because the role is lost meanwhile, leaves nothing running behind:
        `lost()` follows only on a `gained()` that returned."""

    async def stop(self) -> None:
        """Give all roles back, each after its `lost()`, and hear nothing any more."""
