"""A short flood; the long one is `make soak`."""

from __future__ import annotations

import pytest

from tests.faults.databases import Database
from tests.faults.overload import MOST_GROWTH, RECOVERED, WORST_PAGE, overload


@pytest.mark.slow
async def test_twenty_times_too_much(database: Database) -> None:
    seen = await overload(database, "here", seconds=1.0)
    assert seen.losses == []
    assert seen.worst_page <= WORST_PAGE, seen.as_line()
    assert seen.growth <= MOST_GROWTH, seen.as_line()
    assert seen.rate_after >= RECOVERED * seen.rate, seen.as_line()
