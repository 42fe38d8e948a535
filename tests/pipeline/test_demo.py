"""The demo's people say what their conversations ask, also after these have changed."""

from __future__ import annotations

import pytest

from bot import demo
from tests.support.world import Paper, new_world


@pytest.mark.usefixtures("databases")
async def test_each_is_called_what_they_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "CHANNEL", Paper.name)
    async with new_world() as world:
        await demo.invent(world.app)
        for address, _, lines in demo.PEOPLE:
            assert (await world.known(address))["name"] == next(line for line in lines if "(" in line)
            assert [run["conversation"] for run in await world.runs(address) if run["awaiting"] == "summary"] == []
