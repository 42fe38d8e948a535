"""What a channel brings to be held to the contract: itself, a platform to talk to, and a person on it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from bot.channels.base import Blocked, Channel, Outgoing, OutgoingMessage, Permanent, Retry, SendError, Unknown
from conversations.events import FromPerson
from tests.support.patience import PATIENCE

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ERRORS: tuple[type[SendError], ...] = (Retry, Permanent, Blocked, Unknown)


class Inbox:
    """Stands where the bot's receive stands: keeps what it is given, or refuses as often as told."""

    def __init__(self) -> None:
        self.events: list[FromPerson] = []
        self.refusals = 0
        self._came = asyncio.Event()

    async def handle(self, events: Sequence[FromPerson]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("cannot store")
        self.events.extend(events)
        self._came.set()

    async def gets(self, count: int) -> list[FromPerson]:
        async with asyncio.timeout(PATIENCE):
            while len(self.events) < count:
                self._came.clear()
                await self._came.wait()
        return self.events


@dataclass(frozen=True)
class Seen:
    """A message as the person sees it."""

    text: str
    buttons: tuple[str, ...]


class Rig(ABC):
    """One channel under the contract. What it cannot do on its platform it says with None or False."""

    name: str
    brings_again = True
    """The platform brings again what could not be stored."""
    errors: ClassVar[Sequence[type[SendError]]] = ERRORS
    """What sending can end with."""
    media: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Kind of media -> what its event must have in its data; the kinds that people can send here."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.address = "7"
        """The person's."""

    @property
    @abstractmethod
    def channel(self) -> Channel: ...

    @abstractmethod
    def running(self) -> Any:
        """An async context manager: the channel is started, and what people do arrives."""

    @abstractmethod
    async def writes(self, text: str) -> None:
        """The person writes; it is on its way to `inbox`."""

    @abstractmethod
    async def taps(self, label: str) -> None:
        """The person taps a button of the last message that has it."""

    @abstractmethod
    async def seen(self, count: int) -> list[Seen]:
        """So many messages have come: all of them, oldest first."""

    @abstractmethod
    def takes(self, message: OutgoingMessage) -> None:
        """Compose it as if to send it. Raises where the platform would not take it."""

    async def repeats(self) -> None:
        """What the person did last comes once more, as it does when an answer was lost."""
        raise NotImplementedError

    async def sends(self, kind: str) -> None:
        """The person sends one of `media`."""
        raise NotImplementedError

    async def leaves(self) -> None:
        """The person blocks the bot."""
        raise NotImplementedError

    def fails_next(self, error: type[SendError]) -> None:
        """The next message ends with one of `errors`."""
        raise NotImplementedError

    async def send(self, message: OutgoingMessage, number: int = 1) -> str | None:
        return await self.channel.send(Outgoing(number, self.address, message))
