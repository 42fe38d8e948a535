"""The terminal: one person at a keyboard. Buttons are numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime

from bot.channels.base import Button, Handle, Limits, Outgoing, OutgoingMessage
from conversations.events import FromPerson, Message, Started, Tap


class Terminal:
    name = "terminal"
    title = "terminal"
    limits = Limits(text=100_000, label=200, by_company=False, media="page")

    def __init__(self, show: Callable[[OutgoingMessage], None], now: Callable[[], datetime], person: str = "1") -> None:
        self.show, self.now, self.person = show, now, person
        self.buttons: tuple[Button, ...] = ()
        self._handle: Handle | None = None
        self._keys = itertools.count()
        self._session = f"{now().timestamp():.6f}"

    async def start(self, handle: Handle) -> None:
        self._handle = handle

    async def begin(self) -> None:
        """Nothing: the person types here."""

    async def cease(self) -> None:
        """Nothing, as there was nothing to begin."""

    async def stop(self) -> None:
        self._handle = None

    async def send(self, outgoing: Outgoing) -> str | None:
        self.buttons = outgoing.message.buttons
        self.show(outgoing.message)
        return None

    async def opened(self, language: str | None = None) -> None:
        """The person opened the chat."""
        await self._receive(Started(channel=self.name, address=self.person, key=self._key(), at=self.now(),
                                    language=language))

    async def typed(self, line: str) -> None:
        """What the person typed: `#3` taps the third button, anything else is said."""
        number = line[1:] if line.startswith("#") else ""
        if number.isdigit() and 1 <= int(number) <= len(self.buttons):
            data = self.buttons[int(number) - 1].data
            await self._receive(Tap(channel=self.name, address=self.person, key=self._key(), at=self.now(), data=data))
        else:
            await self._receive(Message(channel=self.name, address=self.person, key=self._key(), at=self.now(),
                                        text=line))

    def _key(self) -> str:
        return f"{self._session}-{next(self._keys)}"

    async def _receive(self, event: FromPerson) -> None:
        assert self._handle is not None, "start() comes first"
        await self._handle([event])
