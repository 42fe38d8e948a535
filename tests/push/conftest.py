from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.push import Places
from tests.fakes.push_service import PushService, push_service
from tests.hostile.conftest import prepared_ground
from tests.hostile.ground import Ground, open_ground

__all__ = ["prepared_ground"]


@pytest_asyncio.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as fake:
        yield fake


@pytest_asyncio.fixture
async def ground(tmp_path: Path, prepared_ground: str) -> AsyncIterator[Ground]:
    """Browsers may be woken, and tests look for them by themselves."""
    async with open_ground(tmp_path, prepared_ground, web_push=True, public_url="http://localhost:8080") as made:
        assert made.app.push is not None
        await made.app.push.stop()
        made.app.push.places = Places(this_machine=True)
        yield made
