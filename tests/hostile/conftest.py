from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.hostile.ground import Ground, open_ground, prepare, quick_hashes


@pytest.fixture(scope="session")
def prepared_ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with quick_hashes():
        return prepare(tmp_path_factory.mktemp("ground"))


@pytest_asyncio.fixture
async def ground(tmp_path: Path, prepared_ground: Path) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path, prepared_ground) as made:
        yield made
