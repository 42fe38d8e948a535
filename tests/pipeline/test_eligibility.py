"""What follows from an answer about help: a step of the plan with its reminder, once; a task for who confirms."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.pipeline.world import Person, World

ANSWERS = ("I came back to Kosovo", "Germany", "1 November 2026", "I was sent back", "Berlin", "2 years", "2020",
           "Kosovo")
TAPPED = {"I came back to Kosovo", "I was sent back", "Kosovo"}


async def asks(anna: Person) -> None:
    await anna.says("menu")
    await anna.taps("Settling in again")
    await anna.taps("What may I ask for?")
    await anna.taps("Help after coming back")


async def answers(anna: Person, *said: str) -> None:
    for one in said or ANSWERS:
        await (anna.taps(one) if one in TAPPED else anna.says(one))


def steps(world: World, anna: Person) -> list[tuple[str, str, str]]:
    rows = world.rows("SELECT key, state, by FROM plan_steps WHERE contact_id = ? ORDER BY id", anna.id)
    return [(key, state, str(by)) for key, state, by in rows]


async def test_a_date_is_in_the_plan_with_its_reminder_at_once(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    await answers(anna)
    assert steps(world, anna) == [("deadline.ura", "agreed", "2026-12-01")]
    due = world.reminder_due(anna, "check_in")
    first, last = datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 27, tzinfo=UTC)
    assert first < due.astimezone(UTC) <= last, "not on the morning after, and long before the day"
    assert any("This is in your plan now: Register with URA by 1 December 2026." in text for text in anna.texts)


async def test_it_is_there_once_however_often_it_is_asked_and_after_a_restart(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    await answers(anna)
    for _ in range(2):
        await asks(anna)
    world = await world.restart()
    again = world.person()
    await asks(again)
    assert steps(world, again) == [("deadline.ura", "agreed", "2026-12-01")]


async def test_what_was_done_or_dropped_does_not_come_again_and_is_not_said_to_be_planned(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    await answers(anna)
    world.change("UPDATE plan_steps SET state = 'dropped' WHERE contact_id = ?", anna.id)
    heard = len(anna.texts)
    await asks(anna)
    assert steps(world, anna) == [("deadline.ura", "dropped", "2026-12-01")]
    assert not any("in your plan now" in text for text in anna.texts[heard:])


async def test_another_day_moves_the_step(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    await answers(anna)
    world.change("UPDATE plan_steps SET by = ? WHERE contact_id = ?", "2026-12-24", anna.id)
    await asks(anna)
    assert steps(world, anna) == [("deadline.ura", "agreed", "2026-12-01")]


async def test_who_is_not_to_be_asked_has_the_step_and_no_reminder(world: World) -> None:
    anna = await world.person().agrees()
    await anna.says("my data")
    await anna.taps("What I agreed to")
    await anna.taps("Ask how it is going")
    await anna.taps("No, do not ask me")
    await asks(anna)
    await answers(anna)
    assert [key for key, _state, _by in steps(world, anna)] == ["deadline.ura"]
    assert world.rows("SELECT id FROM reminders WHERE contact_id = ? AND state = 'waiting'", anna.id) == []


async def test_one_task_stays_open_until_a_person_has_confirmed(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    await answers(anna)
    await asks(anna)
    open_ones = world.rows("SELECT key FROM tasks WHERE contact_id = ? AND done_at IS NULL", anna.id)
    assert [key for (key,) in open_ones] == ["confirm.reintegration"]
