"""A plan that both change at the same moment: whatever comes first, nothing that either was told is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
import pytest_asyncio
from sqlalchemy import Connection

from storage import case, changes, steps
from storage.case import TooLate
from storage.steps import StepView
from tests.support.world import World, new_world

pytestmark = pytest.mark.database


@pytest_asyncio.fixture
async def world(databases: None) -> AsyncIterator[World]:
    async with new_world() as made:
        await made.starts("ana")
        for choice in ("en", "yes", "later"):
            await made.picks("ana", choice)
        await made.plans("ana", "Write the CV", "2026-12-10")
        yield made


async def the_step(world: World) -> StepView:
    [step] = await world.read(lambda connection: steps.all_of(connection, 1))
    assert isinstance(step, StepView)
    return step


async def changes_it(world: World, seen: StepView, state: str) -> bool:
    """A colleague's form, made from what they saw. False: they were told that somebody was quicker."""

    def work(connection: Connection) -> None:
        case.set_step(connection, 1, seen.id, seen.version, state, "", world.counsellor, world.clock.now())

    try:
        await world.app.store.write(work)
    except TooLate:
        return False
    return True


async def test_a_tap_and_a_form_at_the_same_moment(world: World) -> None:
    seen = await the_step(world)
    said, done = await asyncio.gather(world.taps("ana", "Yes, into my plan"), changes_it(world, seen, "dropped"))
    now, told = await the_step(world), " ".join(one.text for one in said)
    if done:
        assert now.state == "dropped" and "changed meanwhile" in told
    else:
        assert now.state == "agreed" and "It is in your plan now" in told
    assert now.version == 2, "one of the two was made"


async def test_two_forms_and_a_tap_one_after_the_other_leave_a_whole_history(world: World) -> None:
    seen = await the_step(world)
    await world.taps("ana", "Another day")
    results = await asyncio.gather(
        changes_it(world, seen, "under_way"), changes_it(world, seen, "stuck"), world.taps("ana", "In one month"))
    now = await the_step(world)
    told = " ".join(one.text for one in results[2])
    made = sum(one is True for one in results) + ("It is in your plan now" in told)
    assert made == 1 and now.version == 2
    if "It is in your plan now" in told:
        assert (now.state, now.by) == ("agreed", date(2026, 12, 23))
    kept = await world.read(lambda connection: changes.history(connection, 1))
    assert [one.what for one in kept] == [f"step:{now.key}"] * 2


async def test_the_same_tap_from_two_phones_counts_once(world: World) -> None:
    button = world.button("ana", "Yes, into my plan")
    await world.taps_at_once("ana", button.label, button.label)
    now = await the_step(world)
    assert (now.state, now.version) == ("agreed", 2)
