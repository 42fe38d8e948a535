"""A channel is down for a day. When it comes back, all that still matters arrives, in order, at the usual pace."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Retry
from tests.pipeline.world import Person, World

COUNSELLOR = 1
OWN_PACE = 20.0
"""Messages a second to one person, for these tests."""


async def a_day_passes(world: World) -> None:
    """In steps, as the sweeps come; everything is tried again and again."""
    for _ in range(24):
        world.clock.turn(timedelta(hours=1))
        await world.app.deliver.reload()
        await a_round(world)


async def a_round(world: World) -> None:
    """Whatever may be tried now has been tried."""
    await world.until(lambda: not due(world), "not everything that is due was tried")


def due(world: World) -> list[object]:
    return [row for row in world.may_go() if row]


def goes_down(world: World) -> None:
    world.channel.outage = lambda: Retry("no connection")


async def comes_back(world: World) -> None:
    world.channel.outage = None
    world.clock.turn(timedelta(hours=1))
    await world.app.deliver.reload()
    await world.settle()


async def in_a_talk(world: World, name: str = "anna") -> Person:
    person = await world.person(name).agrees()
    await person.says("/human")
    await world.staff.claim(person.ticket(), COUNSELLOR)
    return person


async def writes(world: World, person: Person, *texts: str) -> None:
    for text in texts:
        await world.staff.reply(person.ticket(), COUNSELLOR, text, f"{person.address}-{text}")


async def test_a_counsellors_words_of_a_whole_day_arrive_in_order(world: World) -> None:
    people = [await in_a_talk(world, name) for name in ("anna", "ben", "cleo")]
    counts = [len(one.heard) for one in people]
    goes_down(world)
    for hour in range(24):
        for one in people:
            await writes(world, one, f"hour {hour:02d}")
        world.clock.turn(timedelta(hours=1))
        await world.app.deliver.reload()
        await a_round(world)
    assert [len(one.heard) for one in people] == counts
    await comes_back(world)
    for one, count in zip(people, counts, strict=True):
        assert [text[:7] for text in one.texts[count:]] == [f"hour {hour:02d}" for hour in range(24)]
    assert world.one("SELECT count(*) FROM messages WHERE state = 'queued'") == 0
    assert world.one("SELECT count(*) FROM tasks") == 0


async def test_of_old_menus_only_the_last_is_sent(world: World) -> None:
    """Somebody tried again and again. Ten menus of this morning help nobody; the newest one does."""
    anna = await world.person().agrees()
    before = len(anna.heard)
    goes_down(world)
    for _ in range(10):
        await world.handle(anna.message("menu"))
        await a_round(world)
        world.clock.turn(timedelta(minutes=20))
    await a_day_passes(world)
    await comes_back(world)
    assert len(anna.heard) == before + 1
    assert "What would you like to do?" in anna.last.text
    states = world.rows("SELECT state, error, count(*) FROM messages WHERE author = 'bot' AND state != 'sent'"
                        " GROUP BY state, error")
    assert [tuple(one) for one in states] == [("failed", "superseded", 9)]
    assert world.one("SELECT count(*) FROM tasks") == 0, "a menu that nobody misses is nobody's task"


async def test_a_stale_menu_goes_and_the_counsellors_words_around_it_stay(world: World) -> None:
    anna = await world.person().agrees()
    before = len(anna.heard)
    goes_down(world)
    await world.handle(anna.message("menu"))
    await world.handle(anna.message("/human"))
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await writes(world, anna, "first", "second")
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")
    await a_day_passes(world)
    await world.handle(anna.message("menu"))
    await comes_back(world)
    texts = anna.texts[before:]
    assert [text.split("\n")[0] for text in texts if text.startswith(("first", "second"))] == ["first", "second"]
    assert sum("What would you like to do?" in text for text in texts) == 1, texts
    assert "What would you like to do?" in texts[-1]


async def test_nobody_is_flooded_when_it_returns(world: World) -> None:
    """The pace for one person holds for the backlog too."""
    world.channel.limits = replace(world.channel.limits, a_second_each=OWN_PACE)
    await world.restart()
    anna = await in_a_talk(world)
    goes_down(world)
    await writes(world, anna, *(f"word {number:02d}" for number in range(15)))
    await a_day_passes(world)
    count = len(anna.heard)
    world.channel.outage = None
    world.clock.turn(timedelta(hours=1))
    began = time.monotonic()
    await world.app.deliver.reload()
    arrived = []
    for number in range(count + 1, count + 16):
        await world.until(lambda number=number: len(anna.heard) >= number, "not sent")
        arrived.append(time.monotonic() - began)
    assert arrived[-1] >= (15 - 4) / OWN_PACE, f"15 messages within {arrived[-1]:.2f} s"
    assert [text[:7] for text in anna.texts[count:]] == [f"word {number:02d}" for number in range(15)]


async def test_the_first_of_many_does_not_hold_up_other_people(world: World) -> None:
    """One address that does not answer, others that do."""
    anna, ben = await in_a_talk(world, "anna"), await world.person("ben").agrees()
    world.channel.fails("anna", *[Retry("later")] * 20)
    await writes(world, anna, "one", "two")
    heard = await ben.says("menu")
    assert len(heard) == 1
    for _ in range(24):
        await world.turn(hours=1)
    assert [text[:3] for text in anna.texts[-2:]] == ["one", "two"]


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_full_outbox_survives_the_process(world: World, restarts: bool) -> None:
    anna = await in_a_talk(world)
    count = len(anna.heard)
    goes_down(world)
    await writes(world, anna, *(f"word {number:02d}" for number in range(30)))
    await a_round(world)
    if restarts:
        await world.restart()
    await a_day_passes(world)
    await comes_back(world)
    assert [text[:7] for text in anna.texts[count:]] == [f"word {number:02d}" for number in range(30)]
    await asyncio.sleep(0)
    assert world.one("SELECT count(*) FROM messages WHERE state = 'queued'") == 0
