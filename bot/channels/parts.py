"""A message that goes out in several calls: after a failure in the middle, the next try goes on where it stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

Call: TypeAlias = dict[str, Any]
MOST_REMEMBERED = 1000
"""Messages that were begun and not finished; a process that ends forgets them, and repeats what it must."""


class Parts:
    def __init__(self) -> None:
        self._arrived: dict[int, list[str]] = {}

    async def send(self, message: int, calls: Sequence[Call], send: Callable[[Call], Awaitable[str]]) -> list[str]:
        """The platform's id of each part. What `send` raises comes through; what has arrived is not sent again."""
        ids = self._arrived.pop(message, [])
        for call in calls[len(ids) :]:
            try:
                ids.append(await send(call))
            except BaseException:
                self._remember(message, ids)
                raise
        return ids

    def arrived(self, message: int) -> list[str]:
        """The platform's ids of those parts of a message that was begun and not finished."""
        return list(self._arrived.get(message, ()))

    def _remember(self, message: int, ids: list[str]) -> None:
        if ids:
            self._arrived[message] = ids
        if len(self._arrived) > MOST_REMEMBERED:
            del self._arrived[next(iter(self._arrived))]
