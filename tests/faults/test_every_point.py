"""At every named point of a message's way the bot dies or its database fails, and nobody loses anything."""

from __future__ import annotations

import random

import pytest

from storage.points import POINTS
from tests.faults.campaign import Campaign, Fault, a_bot
from tests.faults.databases import Database
from tests.faults.invariants import lost

SEED = 20261122


def one_life(database: Database, point: str, chance: random.Random) -> list[Fault]:
    """Everything that can happen at this point, then death there."""
    return [Fault(kind, point, chance.randint(1, 3)) for kind in (*database.faults_at(point), "kill")]


@pytest.mark.slow
async def test_nothing_is_lost_at_any_point(database: Database) -> None:
    chance = random.Random(SEED)
    async with a_bot(database) as bot:
        campaign = Campaign(bot)
        await campaign.goes_through([one_life(database, point, chance) for point in POINTS])
        assert {point for point, kind in bot.done if kind == "kill"} == set(POINTS)
        losses = await lost(campaign)
    assert losses == [], "\n".join(losses[:20])
    assert len(campaign.talkers) >= 6, "nobody talked"
