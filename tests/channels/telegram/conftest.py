"""A Telegram channel of ours, talking to the fake over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.channels.telegram import Telegram
from conversations.events import FromPerson
from tests.fakes.telegram_api import FakeTelegram
from tests.support.patience import PATIENCE

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Inbox:
    """Stands where the bot's receive stands: keeps what it is given, or refuses as often as told."""

    def __init__(self) -> None:
        self.batches: list[list[FromPerson]] = []
        self.refused: list[list[FromPerson]] = []
        self.refusals = 0
        self._came = asyncio.Event()

    async def handle(self, events: Sequence[FromPerson]) -> None:
        if self.refusals:
            self.refusals -= 1
            self.refused.append(list(events))
            raise RuntimeError("cannot store: a secret that somebody wrote")
        self.batches.append(list(events))
        self._came.set()

    @property
    def events(self) -> list[FromPerson]:
        return [event for batch in self.batches for event in batch]

    async def gets(self, count: int) -> list[FromPerson]:
        async with asyncio.timeout(PATIENCE):
            while len(self.events) < count:
                self._came.clear()
                await self._came.wait()
        return self.events


class Naps:
    """Waits of the polling, written down and not slept."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.begun = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.begun.set()
        await asyncio.sleep(0)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest_asyncio.fixture
async def telegram(fake: FakeTelegram, naps: Naps) -> AsyncIterator[Telegram]:
    """Not started yet."""
    telegram = Telegram(fake.token, fake.url, lambda: NOW, sleep=naps)
    yield telegram
    await telegram.stop()


@pytest_asyncio.fixture
async def running(telegram: Telegram, inbox: Inbox) -> Telegram:
    await telegram.start(inbox.handle)
    await telegram.begin()
    return telegram
