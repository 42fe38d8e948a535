"""A process of its own: DATABASE_URL ROLE... It says on its output what it gains, loses and hears, and when.

It stops when its input ends.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import structlog
import uvloop

from storage.processes import together_or_alone


def say(what: str, detail: str = "") -> None:
    """Linux has one monotonic clock for all processes."""
    print(time.monotonic(), what, detail, flush=True)


def saying(what: str, role: str) -> Callable[[], Awaitable[None]]:
    async def said() -> None:
        say(what, role)

    return said


async def main(url: str, roles: list[str]) -> None:
    processes = together_or_alone(url)
    for role in roles:
        processes.lead(role, saying("gained", role), saying("lost", role))
    await processes.start(lambda payload: say("heard", payload), lambda: say("missed"))
    say("started")
    await asyncio.to_thread(sys.stdin.read)
    await processes.stop()
    say("stopped")


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    uvloop.run(main(sys.argv[1], sys.argv[2:]))
