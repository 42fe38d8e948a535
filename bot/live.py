"""Who waits for news: pages that follow a chat or the queue."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager

ALARM = "alarm"
"""The topic that wakes every way of alerting the team: somebody needs a person now. It never says who or why."""


class Live:
    """Says that something happened, never what: the listener looks for itself."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.spread: Callable[[str], None] = self.wake
        """How every process hears of it; where there is only one, by itself."""

    def publish(self, topic: str) -> None:
        """Wake everyone, in whichever process, who follows a topic: "queue", "contact:7", "web:<address>"."""
        self.spread(topic)

    def wake(self, topic: str) -> None:
        """Wake those in this process."""
        for event in self._listeners.get(topic, ()):
            event.set()

    @contextmanager
    def _listen(self, topics: tuple[str, ...]) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        for topic in topics:
            self._listeners[topic].add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._listeners[topic].discard(event)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    async def follow(self, *topics: str) -> AsyncGenerator[None, None]:
        """One item at once, then one each time something happened; several at once come as one."""
        with self._listen(topics) as event:
            while True:
                event.clear()
                yield
                await event.wait()

    def wake_all(self) -> None:
        for listeners in self._listeners.values():
            for event in listeners:
                event.set()
