"""PostgreSQL dies, stays away for a while and comes back; the bot's process lives through it."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import func, select

from storage.tables import Message
from tests.faults.campaign import Bot, Break, a_bot
from tests.faults.databases import Database
from tests.faults.invariants import not_shown_in_order
from tests.faults.overload import status_of
from tests.faults.people import BEFORE, Desk, Talk
from tests.support.patience import PATIENCE

SCRIPT = [*BEFORE[:6], ("What do you need first?", "", "")]
AWAY = 3.0
"""Seconds for which there is no server, at the least."""


async def notices(bot: Bot) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(b"polling failed" in line or b"connection to the other" in line for line in bot.log):
            await asyncio.sleep(0.02)


@pytest.mark.slow
@pytest.mark.postgresql_only
async def test_a_server_that_is_away_is_waited_for(database: Database) -> None:
    """Pages say something at once; nothing is acknowledged; afterwards all goes on without a restart of ours."""
    async with a_bot(database) as bot:
        await bot.starts()
        desk = Desk(database, bot.port, bot.now)
        talks = [Talk(bot.telegram.person(number)) for number in range(1, 9)]
        for one in talks:
            one.starts()
        on_their_way = [asyncio.create_task(one.goes_through(SCRIPT)) for one in talks]
        await asyncio.gather(*(one.person.hears(2) for one in talks))
        server = database.server
        assert server is not None
        died = time.monotonic()
        await asyncio.to_thread(server.kill)
        await notices(bot)
        while time.monotonic() < died + AWAY:
            assert await status_of(desk.http, desk.at) in (500, 503), "neither a page nor a refusal"
            assert await status_of(desk.http, desk.at.replace("/console", "/healthz")) == 200
        await asyncio.to_thread(server.start)
        await asyncio.gather(*on_their_way)
        assert await status_of(desk.http, desk.at) == 200
        await desk.close()
        await bot.telegram.waits_for(lambda telegram: not telegram.unconfirmed)
        assert await bot.stops() == 0, bot.tail()
        assert await lost(bot, talks, Break(died, AWAY + 12)) == []


async def lost(bot: Bot, talks: list[Talk], gone: Break) -> list[str]:
    [[stored]] = await bot.database.rows(select(func.count()).where(Message.author == "person"))
    said = sum(len(one.did) for one in talks)
    found = [] if stored == said else [f"{said} said, {stored} stored"]
    for one in talks:
        shown = [each.text for each in one.person.messages]
        went = await bot.database.rows(select(Message.text).where(
            Message.address == str(one.number), Message.author == "bot").order_by(Message.id))
        found += not_shown_in_order([text for (text,) in went], shown, bot.telegram.arrivals[one.number], [gone])
    return found
