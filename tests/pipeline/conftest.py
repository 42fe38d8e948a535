"""A new world for each test, on a copy of one prepared database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from bot.app import first_account
from bot.clock import StoppedClock
from tests.pipeline.world import NOW, Recorder, World, build_app
from tests.support import database


@pytest.fixture(scope="session")
def prepared(databases: None) -> str:
    """A database as a new installation has it; made once, since that takes a moment."""

    def install(url: str) -> None:
        app = build_app(database.folder(), StoppedClock(NOW), Recorder(), database_url=url)
        first_account(app)
        app.store.close()

    return database.prepared(install)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No pretty tracebacks: those take longer than the tests."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture
async def world(tmp_path: Path, prepared: str) -> AsyncIterator[World]:
    url = database.new(tmp_path, prepared)
    clock, channel = StoppedClock(NOW), Recorder()
    made = World(tmp_path, clock, channel, build_app(tmp_path, clock, channel, database_url=url))
    await made.app.deliver.start()
    yield made
    await made.stop()
