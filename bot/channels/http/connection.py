"""One connection, and one call at a time on it."""

from __future__ import annotations

import asyncio
import math
from typing import cast

from httptools import HttpParserError, HttpResponseParser

from bot.channels.http.trouble import ConnectionLost, HttpTrouble, NoAnswer, NotSent, TooMuch, Unreadable

MOST_BYTES = 32_000_000
"""More than any platform answers; what is larger is not read to its end."""


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parts: list[bytes] = []
        self._size, self._most = 0, MOST_BYTES
        self.idle_since = 0.0
        self.due = math.inf
        """When the answer under way must be here, in the loop's time."""

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def exchange(self, request: bytes, due: float, most: int = MOST_BYTES) -> tuple[int, bytes]:
        """Send a request; the status and the body of its answer, of at most so many bytes.

        Raises HttpTrouble, and is closed then.

        Somebody must call `is_late` when the answer is due."""
        if self._transport is None or self._transport.is_closing():
            raise NotSent("the connection is closed")
        answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._answer, self.due, self._most = answer, due, most
        self._transport.write(request)
        try:
            return await answer
        except asyncio.CancelledError:
            self.close()  # whatever comes now is nobody's
            raise
        finally:
            self._answer, self.due = None, math.inf

    def is_late(self) -> None:
        """Nobody waits any longer for the answer under way."""
        self._fail(NoAnswer("it took too long"))

    def _fail(self, trouble: HttpTrouble) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(trouble)

    # asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none of asyncio's classes

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.close()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(Unreadable(f"no HTTP: {type(error).__name__}"))

    def connection_lost(self, error: Exception | None) -> None:
        kind = "closed" if error is None else type(error).__name__
        self._fail(ConnectionLost(f"connection lost: {kind}"))

    # httptools tells

    def on_message_begin(self) -> None:
        self._parts, self._size = [], 0

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)
        self._size += len(body)
        if self._size > self._most:
            self._fail(TooMuch("the answer is too large"))

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # the real one follows
            return
        if not self._parser.should_keep_alive():
            self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((status, b"".join(self._parts)))
