"""Where a message that we begin costs: a check-in waits for the person, goes another way, or is within the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from storage import outside
from storage.tables import Address
from tests.pipeline.world import CHANNEL, NOW, WIDE, Person, World
from tests.support.rows import put

DAY = timedelta(hours=24)
QUESTION = "Hello. We have a short question for you."


async def at_menu(world: World) -> Person:
    """Anna, on a channel that asks money outside of a session."""
    world.app.receive.turns = replace(
        world.app.receive.turns, limits={CHANNEL: replace(WIDE, session=DAY), "web": WIDE})
    return await world.person().agrees()


async def budget(world: World, messages: int) -> None:
    await world.app.store.write(lambda connection: outside.set_budget(connection, messages))


async def spent(world: World) -> int:
    return (await world.app.store.read(lambda connection: outside.spending(connection, world.clock.now()))).spent


async def check_in(world: World, anna: Person, **later: float) -> bool:
    """Turn the clock, and let a check-in be due; whether it came."""
    before = sum(QUESTION in one for one in anna.texts)
    world.clock.turn(timedelta(**later))
    await world.remind_at(anna, world.clock.now())
    await world.sweep()
    return sum(QUESTION in one for one in anna.texts) > before


async def test_in_a_session_it_comes(world: World) -> None:
    anna = await at_menu(world)
    assert await check_in(world, anna, hours=1)
    assert await spent(world) == 0 and anna.tasks() == []


async def test_outside_it_waits_and_a_colleague_sees_why(world: World) -> None:
    anna = await at_menu(world)
    assert not await check_in(world, anna, days=2)
    assert anna.tasks() == ["costs"] and world.reminder_state(anna) == ("waiting", 0)
    assert world.reminder_due(anna) == world.clock.now() + timedelta(hours=1)
    await anna.says("menu")
    world.clock.turn(timedelta(hours=1))
    await world.sweep()
    assert QUESTION in anna.last.text, "it comes once the person has written"
    assert anna.tasks() == [] and await spent(world) == 0


async def test_within_the_budget_it_is_sent_and_counted(world: World) -> None:
    anna, ben = await at_menu(world), await world.person("ben").agrees()
    await budget(world, 1)
    assert await check_in(world, anna, days=2)
    assert await spent(world) == 1
    assert not await check_in(world, ben), "the budget is used up"
    assert ben.tasks() == ["costs"]


async def test_each_month_has_its_own(world: World) -> None:
    anna = await at_menu(world)
    await budget(world, 1)
    await world.app.store.write(lambda connection: outside.spend(connection, 1, world.clock.now()))
    assert not await check_in(world, anna, days=2)
    assert await check_in(world, anna, days=14)
    assert await spent(world) == 1


async def test_another_way_that_costs_nothing_is_taken(world: World) -> None:
    anna = await at_menu(world)
    person = anna.id

    def link(connection: Connection) -> None:
        put(connection, Address, contact_id=person, channel="web", address="anna-web", last_used_at=NOW - DAY)

    await world.app.store.write(link)
    world.clock.turn(timedelta(days=2))
    await world.remind_at(anna, world.clock.now())
    await world.app.timers.remind()
    [[channel]] = world.rows("SELECT channel FROM messages WHERE lane = 1")
    assert channel == "web" and anna.tasks() == [] and await spent(world) == 0


async def test_a_counsellors_words_are_sent_and_counted(world: World) -> None:
    anna = await at_menu(world)
    await anna.taps("Talk to a counsellor")
    ticket = anna.ticket()
    await world.staff.claim(ticket, 1)
    await world.staff.reply(ticket, 1, "Good morning", "k1")
    assert await spent(world) == 0
    world.clock.turn(timedelta(days=2))
    await world.staff.reply(ticket, 1, "Are you there?", "k2")
    await world.settle()
    assert "Are you there?" in anna.last.text and await spent(world) == 1


# ------------------------------------------------------------------ sessions

HOURS = st.lists(st.integers(0, 200), max_size=12).map(sorted)


@pytest.mark.sqlite_only
@given(said=HOURS, now=st.integers(0, 300))
def test_a_session_begins_with_the_first_word_and_lasts_a_day(said: list[int], now: int) -> None:
    """Against the rule as it is written: each word opens a session or falls into the one that is open."""
    start, ends = datetime(2026, 1, 1, tzinfo=UTC), -1
    for hour in (one for one in said if one <= now):
        if hour >= ends:
            ends = hour + 24
    found = _in_session([start + timedelta(hours=one) for one in said if one <= now], start + timedelta(hours=now))
    assert found is (now < ends)


def _in_session(said: list[datetime], now: datetime) -> bool:
    class Rows:
        """What a connection gives for these moments."""

        def execute(self, _: object) -> Rows:
            return self

        def scalars(self) -> list[datetime]:
            return said

    return outside.in_session(Rows(), 1, CHANNEL, DAY, now)


def test_shortly_before_its_end_it_counts_as_over() -> None:
    assert _in_session([NOW], NOW + timedelta(hours=23, minutes=45))
    assert not _in_session([NOW], NOW + timedelta(hours=23, minutes=55))


