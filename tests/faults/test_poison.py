"""A message that always makes us fail, in a process of its own: set aside, shown to the staff; nobody else waits."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from storage.tables import Message, Task
from tests.faults.campaign import a_bot
from tests.faults.databases import Database
from tests.faults.people import BEFORE, Desk, Talk

POISON = "an apple that breaks it"
TO_THE_NAME = BEFORE[:3]
FROM_THE_NAME = [*BEFORE[3:6], ("What do you need first?", "", "")]


@pytest.mark.slow
async def test_it_is_set_aside_and_the_rest_goes_on(database: Database) -> None:
    async with a_bot(database, poison=POISON) as bot:
        await bot.starts()
        anna, *others = [Talk(bot.telegram.person(number)) for number in range(1, 7)]
        for one in (anna, *others):
            one.starts()
        await asyncio.gather(*(one.goes_through(TO_THE_NAME) for one in (anna, *others)))
        await asyncio.gather(*(one.sees("What may we call you?") for one in (anna, *others)))
        anna.says(POISON)
        for one in (anna, *others):
            one.seen -= 1
        await asyncio.gather(*(one.goes_through(FROM_THE_NAME) for one in others))
        await anna.person.waits_for(lambda messages: "went wrong on our side" in messages[-1].text)
        await bot.telegram.waits_for(lambda telegram: not telegram.unconfirmed)
        assert await kept(database) == (1, ["failed"])
        assert "could not be handled" in await tasks_page(Desk(database, bot.port, bot.now))
        await anna.goes_through(FROM_THE_NAME)
        assert await bot.stops() == 0, bot.tail()


async def kept(database: Database) -> tuple[int, list[str]]:
    """How often the message is stored, and what the staff are given to do."""
    said = [words for (words,) in await database.rows(select(Message.text))]
    return said.count(POISON), [kind for (kind,) in await database.rows(select(Task.kind))]


async def tasks_page(desk: Desk) -> str:
    try:
        async with desk.http.get(f"{desk.at}/tasks") as page:
            assert page.status == 200
            return await page.text()
    finally:
        await desk.close()
