"""The machine's clock jumps: nothing is lost, nobody is asked twice, nothing comes as a storm."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from bot.channels.base import Retry
from tests.pipeline.world import NOW, Person, World

QUESTION = "We have a short question for you."
JUMPS = [timedelta(hours=1), timedelta(days=1)]


def asked(person: Person) -> int:
    return sum(QUESTION in text for text in person.texts)


async def jumps(world: World, by: timedelta) -> None:
    """The clock is set; the timers go on sweeping."""
    world.clock.turn(by)
    for _ in range(3):
        await world.app.deliver.reload()
        await world.sweep()


async def crowd(world: World, count: int) -> list[Person]:
    """People whose reminders are due three hours apart from each other, beginning in half an hour."""
    people = [await world.person(f"p{number}").agrees() for number in range(count)]
    for number, one in enumerate(people):
        await world.remind_at(one, NOW + timedelta(minutes=30, hours=3 * number))
    return people


@pytest.mark.parametrize("jump", JUMPS)
async def test_forward_and_back_asks_each_person_once(world: World, jump: timedelta) -> None:
    people = await crowd(world, 12)
    await jumps(world, jump)
    early = Counter(asked(one) for one in people)
    due = sum(timedelta(minutes=30, hours=3 * number) <= jump for number in range(12))
    assert early[1] == due and set(early) <= {0, 1}, "not those, and only those, whose time it is by the clock"
    await jumps(world, -jump)
    assert Counter(asked(one) for one in people) == early, "the way back asked somebody"
    for _ in range(48):
        await jumps(world, timedelta(hours=1))
    assert [asked(one) for one in people] == [1] * 12, "lost, or asked twice"


@pytest.mark.parametrize("jump", JUMPS)
async def test_back_and_forward_loses_no_reminder(world: World, jump: timedelta) -> None:
    people = await crowd(world, 4)
    await jumps(world, -jump)
    assert [asked(one) for one in people] == [0] * 4
    for _ in range(48):
        await jumps(world, timedelta(hours=1))
    assert [asked(one) for one in people] == [1] * 4


@pytest.mark.parametrize("jump", [*JUMPS, *(-one for one in JUMPS)])
async def test_a_talk_goes_on(world: World, jump: timedelta) -> None:
    """Also with the clock behind the time at which the person was last seen."""
    anna = await world.person().begins_intake()
    await jumps(world, jump)
    heard = await anna.says("Agon")
    assert "Which of these is you?" in heard[-1].text
    await jumps(world, -jump)
    heard = await anna.taps("I live here")
    assert "In which municipality" in heard[-1].text
    assert anna.answers("intake") == {"name": "Agon", "situation": "resident"}


@pytest.mark.parametrize("jump", [*JUMPS, *(-one for one in JUMPS)])
async def test_what_waits_for_another_try_is_sent_within_the_hour(world: World, jump: timedelta) -> None:
    """Its time was written down by a clock that is wrong now."""
    anna = await world.person().agrees()
    world.channel.fails("anna", Retry("later", seconds=30))
    before = len(anna.heard)
    await world.handle(anna.message("menu"))
    await world.until(lambda: world.one("SELECT max(attempts) FROM messages") == 1, "not tried")
    world.clock.turn(jump)
    await world.turn(minutes=61)
    await world.until(lambda: len(anna.heard) == before + 1, "it waits for a time that is long past")
    await world.until(lambda: world.one("SELECT count(*) FROM messages WHERE state = 'queued'") == 0, "not noted")


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_hand_off_over_a_jump(world: World, jump: timedelta) -> None:
    """The person's words reach the counsellor and the counsellor's the person, in order, whatever the clock says."""
    anna = await world.person().agrees()
    await anna.says("/human")
    await world.staff.claim(anna.ticket(), 1)
    for by, number in ((jump, 1), (-jump, 2), (-jump, 3), (jump, 4)):
        world.clock.turn(by)
        await anna.says(f"question {number}")
        await world.staff.reply(anna.ticket(), 1, f"answer {number}", f"key{number}")
        await world.settle()
    assert anna.texts[-4:] == [f"answer {number}" for number in range(1, 5)]
    stored = world.rows("SELECT text FROM messages WHERE text LIKE 'question%' OR text LIKE 'answer%' ORDER BY id")
    assert [text for (text,) in stored] == [f"{who} {n}" for n in range(1, 5) for who in ("question", "answer")]
