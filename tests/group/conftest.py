from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.group.team import GROUP, Team, open_team
from tests.journey.town import prepare
from tests.support import database


@pytest.fixture(scope="session")
def prepared(databases: None) -> str:
    """A database as a new installation has it; made once, since that takes a moment."""
    return database.prepared(prepare)


@pytest_asyncio.fixture
async def team(tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Team]:
    async with open_team(tmp_path, prepared, monkeypatch, telegram_staff_group=GROUP) as made:
        yield made
