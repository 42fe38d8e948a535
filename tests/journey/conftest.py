from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.channels.telegram import Telegram
from tests.journey.town import Town, open_town, prepare
from tests.support import database


@pytest.fixture(scope="session")
def prepared(databases: None) -> str:
    """A database as a new installation has it; made once, since that takes a moment."""
    return database.prepared(prepare)


@pytest_asyncio.fixture
async def impatient_town(tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """Here Telegram has four seconds to answer: a busy machine needs one now and then."""
    monkeypatch.setattr("bot.channels.telegram.Telegram", partial(Telegram, answer_within=4.0))
    async with open_town(tmp_path, prepared, monkeypatch) as made:
        yield made


@pytest_asyncio.fixture
async def town(tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    async with open_town(tmp_path, prepared, monkeypatch) as made:
        yield made


@pytest_asyncio.fixture(params=["polling", "webhook"])
async def either_town(
    request: pytest.FixtureRequest, tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Once where we ask Telegram, once where it posts to us."""
    async with open_town(tmp_path, prepared, monkeypatch, is_posted_to=request.param == "webhook") as made:
        yield made
        assert bool(made.fake.webhook) is (request.param == "webhook")
