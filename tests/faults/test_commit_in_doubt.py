"""A commit is done and its answer is lost: it is done again without an effect, and what it led to is sent soon."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.campaign import Fault, a_bot
from tests.faults.databases import Database
from tests.faults.people import BEFORE, Talk

SCRIPT = [*BEFORE[:6], ("What do you need first?", "", "")]
SOON = 30
"""Seconds for all of it; the next look at the whole outbox would come after sixty."""


@pytest.mark.slow
async def test_what_it_led_to_does_not_wait_for_the_next_look_at_the_outbox(database: Database) -> None:
    async with a_bot(database) as bot:
        await bot.starts([Fault("unsure", "store.committed", count) for count in (1, 2, 3, 2, 4)])
        talks = [Talk(bot.telegram.person(number)) for number in range(1, 4)]
        async with asyncio.timeout(SOON):
            for one in talks:
                one.starts()
            await asyncio.gather(*(one.goes_through(SCRIPT) for one in talks))
        assert await bot.stops() == 0, bot.tail()
        assert bot.done["store.committed", "unsure"] == 5
        assert [len(one.person.messages) for one in talks] == [len(talks[0].person.messages)] * 3
