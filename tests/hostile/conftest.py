from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.hostile.ground import Ground, open_ground, prepare, quick_hashes
from tests.support import database


@pytest.fixture(scope="session")
def prepared_ground(databases: None) -> str:
    with quick_hashes():
        return database.prepared(prepare)


@pytest_asyncio.fixture
async def ground(tmp_path: Path, prepared_ground: str) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path, prepared_ground) as made:
        yield made
