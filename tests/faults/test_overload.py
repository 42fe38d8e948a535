"""A short flood; the long one is `make soak`."""

from __future__ import annotations

import pytest

from tests.faults.databases import Database
from tests.faults.overload import overload


@pytest.mark.slow
async def test_twenty_times_too_much(database: Database) -> None:
    seen = await overload(database, "here", seconds=1.0)
    assert seen.beyond() == [], seen.as_line()
    assert seen.pushed_a_second > 10 * seen.rate, "that was no flood"
