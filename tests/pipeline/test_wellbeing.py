"""The five questions: who must look by when, what is kept, and that nobody is asked again without agreeing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.hours import OfficeHours
from storage import desk
from tests.pipeline.world import Person, World, moment

HERE = ZoneInfo("Europe/Belgrade")


async def begun(world: World) -> Person:
    """Monday, 10:00, office hours known; at the first of the five questions."""
    turns = world.app.receive.turns
    world.app.receive.turns = replace(turns, hours=OfficeHours.parse("Mon-Fri 09:00-16:00", HERE))
    anna = await world.person().agrees()
    for label in ("How I feel", "I do not feel well", "Five short questions", "Yes, begin", "Yes, keep them"):
        await anna.taps(label)
    return anna


async def answered(world: World, *labels: str) -> Person:
    anna = await begun(world)
    for label in labels:
        await anna.taps(label)
    return anna


@pytest.mark.parametrize(("label", "due"), [
    ("Never", "2026-11-23 16:00"), ("Now and then", "2026-11-23 16:00"),
    ("Less than half the time", "2026-11-24 10:00"),
])
async def test_a_low_score_asks_a_counsellor_in_time(world: World, label: str, due: str) -> None:
    anna = await answered(world, *[label] * 5)
    [[kind, at]] = world.rows("SELECT kind, due_at FROM tasks")
    assert kind == "wellbeing" and f"{moment(at).astimezone(HERE):%Y-%m-%d %H:%M}" == due
    assert world.one("SELECT count(*) FROM tickets") == 0
    assert "A counsellor reads your answers." in anna.last.text
    assert not any(word in one.text for one in anna.heard for word in ("score", "low", "points", "of 100"))


@pytest.mark.parametrize("label", ["More than half the time", "Always"])
async def test_another_score_asks_nobody(world: World, label: str) -> None:
    await answered(world, *[label] * 5)
    assert world.one("SELECT count(*) FROM tasks") == 0


async def test_the_counsellor_sees_the_score_and_the_notes_of_the_person_do_not(world: World) -> None:
    anna = await answered(world, *["Less than half the time"] * 5, "No, thank you")
    seen = await world.app.store.read(lambda connection: desk.person(connection, anna.id))
    assert [points for _at, points in seen.wellbeing] == [40]
    assert not {"mood", "calm", "energy", "rest", "interest"} & seen.known.keys()


async def test_nobody_is_asked_again_without_agreeing(world: World) -> None:
    anna = await answered(world, *["Always"] * 5, "No, thank you")
    before = len(anna.heard)
    for _ in range(8):
        await world.turn(days=7)
        await world.sweep()
    assert anna.heard[before:] == [] and world.one("SELECT count(*) FROM reminders") == 0


async def test_after_agreeing_it_is_asked_once_in_two_weeks_without_naming_the_topic(world: World) -> None:
    anna = await answered(world, *["Always"] * 5, "Yes, you may ask")
    before = len(anna.heard)
    await world.turn(days=13)
    assert await world.sweep() == 0
    await world.turn(days=1)
    await world.sweep()
    assert [one.text for one in anna.heard[before:]] == ["Hello. We have a short question for you."]
    await anna.taps("Not now")
    before = len(anna.heard)
    for _ in range(8):
        await world.turn(days=7)
        await world.sweep()
    assert anna.heard[before:] == []


async def test_the_answers_go_with_the_consent(world: World) -> None:
    anna = await answered(world, *["Never"] * 5, "No, thank you")
    assert anna.answers("wellbeing")["mood"] == "never"
    await anna.begins("my_data")
    world.clock.turn(timedelta(minutes=1))
    await anna.taps("Delete everything")
    await anna.taps("Yes, delete it")
    assert world.one("SELECT count(*) FROM runs WHERE conversation = 'wellbeing'") == 0


async def test_where_nothing_may_be_kept_nothing_is_asked(world: World) -> None:
    ben = world.person("ben")
    await ben.starts()
    for label in ("English", "No, do not keep it", "How I feel", "I do not feel well"):
        await ben.taps(label)
    assert "Five short questions" not in [one.label for one in ben.last.buttons]
