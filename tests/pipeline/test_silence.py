"""A talk that nobody goes on with is asked about, and closed, both in office hours; danger never ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.hours import OfficeHours
from tests.pipeline.test_ticket import COUNSELLOR, with_ticket
from tests.pipeline.world import Person, World

STAYS = "Write here, and this talk stays open."


async def answered(world: World) -> Person:
    """Monday, 10:00 where the centre is: the last word is ours."""
    world.app.receive.keep_hours(OfficeHours.parse("Mon-Fri 09:00-17:00", world.app.receive.turns.hours.zone))
    anna = await with_ticket(world)
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await world.staff.reply(anna.ticket(), COUNSELLOR, "Which papers do you have?", "k1")
    await world.settle()
    return anna


async def passes(world: World, anna: Person, **by: float) -> list[str]:
    before = len(anna.heard)
    world.clock.turn(timedelta(**by))
    await world.app.timers.rounds.end_silence()
    await world.settle()
    return [one.text for one in anna.heard[before:]]


async def test_warned_after_two_working_days_closed_after_one_more(world: World) -> None:
    anna = await answered(world)
    assert await passes(world, anna, days=1, hours=6) == []
    assert await passes(world, anna, hours=10) == [], "at night nobody is written to"
    [warning] = await passes(world, anna, hours=10)
    assert STAYS in warning and world.one("SELECT state FROM tickets") == "assigned"
    assert await passes(world, anna, hours=6) == []
    said = await passes(world, anna, hours=20)
    assert "We end this talk here for now" in said[0] and "What may we call you?" in said[-1]
    assert world.rows("SELECT state, closed_by, outcome FROM tickets") == [("closed", "silence", "no_answer")]
    await anna.says("Agon")
    assert anna.answers("intake")["name"] == "Agon"


@pytest.mark.parametrize("who", ["person", "counsellor"])
async def test_a_word_begins_it_anew(world: World, who: str) -> None:
    anna = await answered(world)
    await passes(world, anna, days=3)
    assert world.one("SELECT warned_at IS NOT NULL FROM tickets") == 1
    if who == "person":
        await anna.says("I am still looking for them")
    else:
        await world.staff.reply(anna.ticket(), COUNSELLOR, "No hurry", "k2")
    assert world.one("SELECT warned_at IS NOT NULL FROM tickets") == 0
    await passes(world, anna, days=1)
    assert world.one("SELECT state FROM tickets") == "assigned"


async def test_who_waits_for_us_is_not_warned(world: World) -> None:
    anna = await answered(world)
    await anna.says("I have all of them")
    assert await passes(world, anna, days=7) == []


@pytest.mark.parametrize("change", ["urgent = 1", "asleep_at = 1"])
async def test_what_is_urgent_or_sleeps_does_not_end_by_itself(world: World, change: str) -> None:
    anna = await answered(world)
    world.change(f"UPDATE tickets SET {change}" if "urgent" not in change or "sqlite" in world.url
                 else "UPDATE tickets SET urgent = true")
    for _ in range(3):
        assert await passes(world, anna, days=4) == []


async def test_a_talk_about_danger_does_not_end_by_itself(world: World) -> None:
    anna = await answered(world)
    await anna.says("My husband beats me")
    await world.staff.reply(anna.ticket(), COUNSELLOR, "I am here", "k2")
    await world.settle()
    for _ in range(3):
        assert await passes(world, anna, days=4) == []


async def test_who_has_blocked_us_is_closed_without_a_word(world: World) -> None:
    anna = await answered(world)
    await anna.does(anna.stop())
    assert await passes(world, anna, days=4) == []
    assert await passes(world, anna, days=4) == []
    assert world.rows("SELECT state, closed_by FROM tickets") == [("closed", "silence")]
