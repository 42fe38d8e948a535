"""The terminal under the contract: the person sits in front of it, so nothing is lost on a way and nothing fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.channels.base import OutgoingMessage
from bot.channels.terminal import Terminal
from tests.channels.rig import AT, Rig, Seen


class TerminalRig(Rig):
    name = "terminal"
    brings_again = False
    errors = ()

    @property
    def channel(self) -> Terminal:
        return self._terminal

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._shown: list[OutgoingMessage] = []
        self._terminal = Terminal(self._shown.append, lambda: AT, self.address)
        await self._terminal.start(self.inbox.handle)
        await self._terminal.begin()
        yield
        await self._terminal.stop()

    async def writes(self, text: str) -> None:
        await self._terminal.typed(text)

    async def taps(self, label: str) -> None:
        labels = [one.label for one in self._terminal.buttons]
        await self._terminal.typed(f"#{labels.index(label) + 1}")

    async def seen(self, count: int) -> list[Seen]:
        assert len(self._shown) >= count
        return [Seen(one.text, tuple(button.label for button in one.buttons)) for one in self._shown]

    def takes(self, message: OutgoingMessage) -> None:
        assert message.text.strip() and len(message.text) <= Terminal.limits.text


RIG = TerminalRig
