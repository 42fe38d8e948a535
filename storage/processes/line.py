"""One connection to PostgreSQL that hears, and that notices when nobody answers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from typing import Any, LiteralString

import structlog
from psycopg import AsyncConnection
from sqlalchemy import make_url

from storage.notify import CHANNEL

log = structlog.get_logger()
ANSWER_WITHIN = 5.0
"""Seconds after which a server that has not answered counts as lost."""
IDLE_AT_MOST = 8.0
"""Seconds after which the server ends the session of a process that has not asked anything: it hangs, or is gone."""

OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "application_name": "returnee-bot processes",
}


class Line:
    def __init__(self, connection: AsyncConnection, hear: Callable[[str], None]) -> None:
        self._connection = connection
        self._hear = hear
        self._listening: asyncio.Task[None] | None = None
        self.answered_at = 0.0
        """When the server answered last, in the event loop's time."""

    @classmethod
    async def open(cls, url: str, hear: Callable[[str], None]) -> Line:
        """Raises psycopg.Error where there is no server, or none that answers."""
        line = cls(await AsyncConnection.connect(**(_arguments(url) | OPTIONS)), hear)
        try:
            await line.ask("SELECT set_config('idle_session_timeout', %s, false)", f"{IDLE_AT_MOST * 1000:.0f}ms")
            await line.ask(f"LISTEN {CHANNEL}")
        except BaseException:
            await line.close()
            raise
        return line

    async def ask(self, statement: LiteralString, *arguments: object) -> Any:
        """The first value of the answer, if it has one. Raises psycopg.Error where the server is lost."""
        loop = asyncio.get_running_loop()
        patience = loop.call_later(ANSWER_WITHIN, self._cut)
        try:
            cursor = await self._connection.execute(statement, arguments or None)
            row = await cursor.fetchone() if cursor.description else None
        finally:
            patience.cancel()
        self.answered_at = loop.time()
        return row[0] if row else None

    async def listen(self, seconds: float) -> None:
        """Pass on what is notified, for so long or until `wake`. Raises psycopg.Error where the server is lost."""
        self._listening = asyncio.create_task(self._pass_on(seconds))
        await asyncio.wait({self._listening})
        if not self._listening.cancelled():
            self._listening.result()

    def wake(self) -> None:
        """End `listen` now; nothing that was notified gets lost by it."""
        if self._listening is not None:
            self._listening.cancel()

    async def close(self) -> None:
        await self._connection.close()

    async def _pass_on(self, seconds: float) -> None:
        async with contextlib.aclosing(self._connection.notifies(timeout=seconds)) as notices:
            async for notice in notices:
                self._tell(notice.payload)

    def _tell(self, payload: str) -> None:
        try:
            self._hear(payload)
        except Exception as error:
            log.error("a notification could not be followed", error=type(error).__name__)

    def _cut(self) -> None:
        """Whoever waits for this connection learns at once that it is over."""
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def _arguments(url: str) -> dict[str, Any]:
    parsed = make_url(url)
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    return dict(arguments)
