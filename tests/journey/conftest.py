from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journey.town import Town, open_town, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as a new installation has it; made once, since that takes a moment."""
    return prepare(tmp_path_factory.mktemp("journey"))


@pytest_asyncio.fixture
async def town(tmp_path: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    async with open_town(tmp_path, prepared, monkeypatch) as made:
        yield made
