"""Telegram under the contract: polled, on the fake over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from bot.channels.base import Blocked, Outgoing, OutgoingMessage, Permanent, Retry, SendError, Unknown
from bot.channels.telegram import Telegram
from bot.channels.telegram.compose import requests_for
from tests.channels.rig import AT, Rig, Seen
from tests.fakes.telegram_api import FakeTelegram, _checked_rows, _checked_text

TROUBLES = {
    Retry: {"retry_after": 1}, Permanent: {"status": 400, "description": "Bad Request: message is too long"},
    Blocked: {"status": 403, "description": "Forbidden: bot was blocked by the user"}, Unknown: {"how": "drop"},
}


class TelegramRig(Rig):
    name = "telegram"
    media: ClassVar = {
        "photo": {"file_id": "photo-1280"}, "voice": {"seconds": 4}, "document": {"name": "certificate.pdf"},
        "sticker": {"emoji": "👍"}, "location": {"latitude": 42.66}, "contact": {"phone": "+38344000001"},
    }

    @property
    def channel(self) -> Telegram:
        return self._telegram

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with FakeTelegram() as self.fake:
            self.person = self.fake.person(int(self.address))
            self._telegram = Telegram(self.fake.token, self.fake.url, lambda: AT, sleep=_at_once, answer_within=2.0)
            await self._telegram.start(self.inbox.handle)
            await self._telegram.begin()
            yield
            await self._telegram.stop()

    async def writes(self, text: str) -> None:
        self.person.says(text)

    async def taps(self, label: str) -> None:
        self.person.taps(label)

    async def seen(self, count: int) -> list[Seen]:
        await self.person.waits_for(lambda messages: len(messages) >= count)
        return [Seen(one.text, tuple(one.buttons)) for one in self.person.messages]

    def takes(self, message: OutgoingMessage) -> None:
        for call in requests_for(Outgoing(1, self.address, message)):
            _checked_text(call)
            _checked_rows(call)

    async def repeats(self) -> None:
        await self.fake.waits_for(lambda fake: not fake.unconfirmed)
        self.fake.redeliver()

    async def sends(self, kind: str) -> None:
        getattr(self.person, f"sends_{kind}")()

    async def leaves(self) -> None:
        self.person.blocks()

    def fails_next(self, error: type[SendError]) -> None:
        self.fake.fail_next("sendMessage", **TROUBLES[error])


async def _at_once(_: float) -> None: ...


RIG = TelegramRig
