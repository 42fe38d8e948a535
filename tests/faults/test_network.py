"""The network to the platform breaks in the middle of requests, in both directions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import bot.channels.telegram.channel as channel
from bot.app import build, running
from bot.channels import telegram as product
from bot.clock import Clock
from bot.deliver import failures
from bot.settings import Settings
from storage.tables import Address, Message
from tests.faults.campaign import Break
from tests.faults.databases import Database
from tests.faults.invariants import not_shown_in_order, not_stored_once
from tests.faults.people import BEFORE, Talk, Telegram

SCRIPT = [*BEFORE[:6], ("What do you need first?", "", "")]
PEOPLE = 8
LATE = 0.5


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tries, closer to each other."""
    monkeypatch.setattr(channel, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(failures, "pause_after", lambda tries: timedelta(seconds=0.05))


class Quick(product.Telegram):
    """No pace, and no patience with a platform that does not answer."""

    limits = replace(product.Telegram.limits, a_second=1e6, a_second_each=1e6)

    def __init__(self, telegram: Telegram) -> None:
        super().__init__(telegram.token, telegram.url, Clock().now, answer_within=0.3)


@asynccontextmanager
async def talking(database: Database) -> AsyncIterator[tuple[Telegram, list[Talk]]]:
    """People in the middle of their first contact; at the end all have come to the end of it."""
    telegram = Telegram()
    async with telegram:
        app = build(Settings(data_dir=database.folder, database_url=database.url), Clock(), [Quick(telegram)])
        talks = [Talk(telegram.person(number)) for number in range(1, PEOPLE + 1)]
        async with running(app):
            for one in talks:
                one.starts()
            on_their_way = [asyncio.create_task(one.goes_through(SCRIPT)) for one in talks]
            await telegram.waits_for(lambda one: len(one.called("sendMessage")) > PEOPLE)
            yield telegram, talks
            await asyncio.gather(*on_their_way)
            await telegram.waits_for(lambda one: not one.unconfirmed)


async def lost(database: Database, telegram: Telegram, talks: list[Talk], breaks: list[Break]) -> list[str]:
    """What is not as it should be; what was broken off may have come twice."""
    found = []
    for one in talks:
        rows = await database.rows(
            select(Message.author, Message.kind, Message.text).join(Address, Address.contact_id == Message.contact_id)
            .where(Address.address == str(one.number)).order_by(Message.id))
        came = [(kind, text) for author, kind, text in rows if author == "person"]
        went = [text for author, _, text in rows if author == "bot"]
        shown = [each.text for each in one.person.messages]
        found += not_stored_once(one.did, came)
        found += not_shown_in_order(went, shown, telegram.arrivals[one.number], breaks)
    return found


async def breaks_off(telegram: Telegram, method: str, times: int, **how: Any) -> list[Break]:
    """The next calls go wrong; says when they did."""
    at = []
    for _ in range(times):
        telegram.fail_next(method, **how)
        await telegram.waits_for(lambda one: not one._troubles[method.lower()])
        at.append(Break(time.monotonic(), LATE))
    return at


@pytest.mark.parametrize("how", [{"how": "drop"}, {"how": "hang"}, {"status": 502}], ids=lambda how: str(how))
async def test_a_message_that_did_not_get_through_comes_later_and_once(database: Database, how: Any) -> None:
    async with talking(database) as (telegram, talks):
        await breaks_off(telegram, "sendMessage", 6, arrives=False, **how)
    assert await lost(database, telegram, talks, []) == []


async def test_a_message_whose_answer_was_lost_may_come_twice_and_no_more(database: Database) -> None:
    async with talking(database) as (telegram, talks):
        breaks = await breaks_off(telegram, "sendMessage", 6, how="drop", arrives=True)
    assert await lost(database, telegram, talks, breaks) == []


@pytest.mark.parametrize("arrives", [True, False])
async def test_what_people_write_comes_once_whatever_breaks(database: Database, arrives: bool) -> None:
    async with talking(database) as (telegram, talks):
        await breaks_off(telegram, "getUpdates", 6, how="drop", arrives=arrives)
    assert await lost(database, telegram, talks, []) == []


async def test_the_platform_is_gone_for_a_while(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there any more, then it does again."""
    noticed, wait = asyncio.Event(), channel._wait

    def notice(problem: Exception, failures: int) -> float:
        if failures == 3:
            noticed.set()
        return wait(problem, failures)

    monkeypatch.setattr(channel, "_wait", notice)
    async with talking(database) as (telegram, talks):
        port = int(telegram.url.rpartition(":")[2])
        gone = Break(time.monotonic(), LATE)
        await telegram.stop()
        await noticed.wait()
        await telegram.start(port)
    assert await lost(database, telegram, talks, [gone]) == []
