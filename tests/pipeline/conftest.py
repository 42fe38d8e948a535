"""A new world for each test, on a copy of one prepared database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from bot.clock import StoppedClock
from tests.pipeline.world import NOW, Recorder, World, build_app


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as a new installation has it; made once, since that takes a moment."""
    folder = tmp_path_factory.mktemp("prepared")

    async def make() -> None:
        app = build_app(folder, StoppedClock(NOW), Recorder())
        await asyncio.to_thread(app.store.close)

    asyncio.run(make())
    return folder / "returnee-bot.db"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No pretty tracebacks: those take longer than the tests."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture
async def world(tmp_path: Path, prepared: Path) -> AsyncIterator[World]:
    shutil.copy(prepared, tmp_path / "returnee-bot.db")
    clock, channel = StoppedClock(NOW), Recorder()
    made = World(tmp_path, clock, channel, build_app(tmp_path, clock, channel))
    await made.app.deliver.start()
    yield made
    await made.stop()
