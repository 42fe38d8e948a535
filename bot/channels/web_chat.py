"""The web chat: the centre's own messenger, a page for people without an app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.channels.base import Gone, Handle, Limits, Outgoing
from bot.live import Live
from conversations.events import FromPerson


class WebChat:
    """A message is sent once it is stored: the page reads the stored thread when it is woken."""

    name = "web"
    title = "web chat"
    limits = Limits(text=8000, label=200, by_company=False, always_visible=True, own_page=True,
                    media="page", files=True, brings_files=True, takes_away=timedelta.max)

    def __init__(self, live: Live) -> None:
        self._live = live
        self._handle: Handle | None = None
        self.note_sent: Callable[[], None] = lambda: None
        """Told that something is new which a page may not show."""

    @property
    def open(self) -> bool:
        """Whether it has started and not stopped; pages that follow a chat let go when it has."""
        return self._handle is not None

    async def start(self, handle: Handle) -> None:
        self._handle = handle

    async def begin(self) -> None:
        """Nothing: a page sends to whichever process it reaches."""

    async def cease(self) -> None:
        """Nothing, as there was nothing to begin."""

    async def stop(self) -> None:
        self._handle = None
        self._live.wake_all()

    async def receive(self, events: Sequence[FromPerson]) -> None:
        """Pass on what a page sent. Returns once it is stored, or raises and nothing was."""
        if self._handle is None:
            raise RuntimeError("the web chat has not started")
        await self._handle(events)

    async def fetch(self, data: Mapping[str, Any], most: int) -> bytes:
        """A page brings a file right behind its message. What has not come in time never will."""
        raise Gone("the page did not bring it")

    async def send(self, outgoing: Outgoing) -> str | None:
        self._live.publish(topic(outgoing.address))
        if outgoing.message.takes_back is None:
            self.note_sent()
        return None


def topic(address: str) -> str:
    """The live topic of one page's chat."""
    return f"web:{address}"
