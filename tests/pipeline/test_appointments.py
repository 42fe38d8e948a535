"""Appointments through the whole bot: two who want one time, a file for the calendar, and who cannot be written to."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.receive.arranging import Offer
from storage import appointments, staff
from storage.desk import DeskError
from tests.pipeline.world import NOW, Person, World

DAY = NOW + timedelta(days=3)
TEN, ELEVEN = DAY.replace(hour=9), DAY.replace(hour=10)
"""10:00 and 11:00 in Kosovo, on a Thursday."""
AT_TEN, AT_ELEVEN = "Thursday, 26 November 2026, 10:00", "Thursday, 26 November 2026, 11:00"


async def mira(world: World) -> int:
    return await world.app.store.write(
        lambda connection: staff.add_counsellor(connection, "mira", "Mira", "counsellor", "kept in a blue folder", NOW))


async def offers(world: World, person: Person, by: int, *times: datetime, key: str = "k", minutes: int = 60) -> None:
    await world.staff.offer_times(person.id, by, Offer(times, minutes, "By phone", ""), key)
    await world.settle()


def states(world: World) -> list[str]:
    return [row[0] for row in world.rows("SELECT state FROM appointments ORDER BY id")]


async def test_of_two_who_want_one_time_the_second_chooses_another(world: World) -> None:
    by = await mira(world)
    anna, ben = await world.person("anna").agrees(), await world.person("ben").agrees()
    for one in (anna, ben):
        await offers(world, one, by, TEN, ELEVEN, key=one.address)
    await anna.taps(AT_TEN)
    said = await ben.taps(AT_TEN)
    assert any("Somebody else has taken this time meanwhile" in one.text for one in said)
    assert AT_TEN not in [one.label for one in ben.last.buttons]
    await ben.taps(AT_ELEVEN)
    assert states(world) == ["agreed", "agreed"]


async def test_both_taps_in_one_batch(world: World) -> None:
    by = await mira(world)
    anna, ben = await world.person("anna").agrees(), await world.person("ben").agrees()
    for one in (anna, ben):
        await offers(world, one, by, TEN, key=one.address)
    await world.handle(anna.tap(AT_TEN), ben.tap(AT_TEN))
    await world.settle()
    assert states(world) == ["agreed", "offered"]
    said = "\n".join(ben.texts)
    assert "Somebody else has taken this time meanwhile" in said and "offers you other times here" in said
    about = [row[0] for row in world.rows("SELECT about FROM tasks WHERE kind = 'appointment'")]
    assert about == ["Would like another time, and none is on offer. Please offer some."]


async def test_a_second_counsellor_cannot_offer_what_the_first_has_given_away_of_hers(world: World) -> None:
    by, anna, ben = await mira(world), await world.person("anna").agrees(), await world.person("ben").agrees()
    await offers(world, anna, by, TEN)
    await anna.taps(AT_TEN)
    with pytest.raises(DeskError, match="given away already"):
        await offers(world, ben, by, TEN + timedelta(minutes=30), key="k2")


async def test_the_counsellor_reads_which_time_was_tapped(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await offers(world, anna, by, TEN)
    await anna.taps(AT_TEN)
    await anna.taps("Good")
    await anna.says("my appointment")
    await anna.taps(AT_TEN)
    said = [row[0] for row in world.rows("SELECT text FROM messages WHERE author = 'person' ORDER BY id")]
    assert said[-4:] == [AT_TEN, "Good", "my appointment", AT_TEN]


async def test_the_same_form_twice_asks_once(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    for _ in range(2):
        await offers(world, anna, by, TEN)
    assert sum("Which time suits you?" in text for text in anna.texts) == 1


async def test_who_cannot_be_written_to_is_offered_nothing(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await anna.says("stop")
    with pytest.raises(DeskError, match="write no more"):
        await offers(world, anna, by, TEN)
    assert states(world) == []


async def test_who_wants_no_questions_of_ours_is_promised_no_reminder(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await anna.says("my data")
    for label in ("What I agreed to", "Ask how it is going", "No, do not ask me"):
        await anna.taps(label)
    await offers(world, anna, by, TEN)
    await anna.taps(AT_TEN)
    assert "We remind you" not in "\n".join(anna.texts)
    assert world.one("SELECT count(*) FROM reminders WHERE state = 'waiting'") == 0


async def test_a_reminder_moves_with_its_appointment_and_goes_with_it(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    later = TEN + timedelta(days=5)
    await offers(world, anna, by, TEN, later)
    await anna.taps(AT_TEN)
    due = "SELECT due_at FROM reminders WHERE opens = 'appointment_soon' AND state = 'waiting'"
    first = world.one(due)
    for label in ("Good",):
        await anna.taps(label)
    await anna.says("my appointment")
    for label in (AT_TEN, "Another time", "Tuesday, 1 December 2026, 10:00"):
        await anna.taps(label)
    assert world.one(due) - first == timedelta(days=5) // timedelta(microseconds=1)
    await anna.says("my appointment")
    for label in ("Tuesday, 1 December 2026, 10:00", "Cancel it", "Yes, cancel it"):
        await anna.taps(label)
    assert world.rows(due) == []
    assert world.one("SELECT count(*) FROM booked_times") == 0


async def test_nobody_is_missed_before_it_begins(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await offers(world, anna, by, TEN)
    await anna.taps(AT_TEN)
    key = int(world.one("SELECT id FROM appointments"))
    with pytest.raises(DeskError, match="not begun"):
        await world.staff.set_appointment(anna.id, key, 1, "missed", by)
    await world.turn(days=3, hours=1)
    await world.staff.set_appointment(anna.id, key, 1, "missed", by)
    await world.settle()
    assert "We missed you at our appointment" in "\n".join(anna.texts)
    with pytest.raises(DeskError, match="changed meanwhile"):
        await world.staff.set_appointment(anna.id, key, 1, "held", by)


async def test_everything_goes_when_the_person_deletes_it(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await offers(world, anna, by, TEN)
    await anna.taps(AT_TEN)
    await anna.says("delete")
    for label in ("Delete everything", "Yes, delete it"):
        await anna.taps(label)
    for table in ("appointments", "booked_times"):
        assert world.one(f"SELECT count(*) FROM {table}") == 0


async def test_somebody_who_is_at_something_goes_on_with_it(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await anna.begins("intake")
    asked = anna.awaits()
    await offers(world, anna, by, TEN)
    await anna.taps(AT_TEN)
    await anna.taps("Good")
    assert anna.awaits() == asked


async def test_the_times_of_an_offer_that_was_taken_back_are_nobodys(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await offers(world, anna, by, TEN)
    key = int(world.one("SELECT id FROM appointments"))
    await world.staff.set_appointment(anna.id, key, 0, "cancelled", by)
    await world.settle()
    assert "do not hold any more" in anna.last.text
    await anna.taps(AT_TEN)
    assert states(world) == ["cancelled"]
    found = await world.app.store.read(lambda connection: appointments.coming(connection, anna.id, NOW))
    assert found == []


async def test_it_is_said_who_asked_for_another_time(world: World) -> None:
    by = await mira(world)
    anna = await world.person("anna").agrees()
    await offers(world, anna, by, TEN)
    await anna.taps(AT_TEN)
    await world.turn(minutes=1)
    mine = world.one("SELECT id FROM appointments")

    async def others(*times: datetime) -> str:
        await world.staff.offer_other_times(anna.id, mine, times, by)
        await world.settle()
        return anna.last.text

    assert "A counsellor would like to move your appointment" in await others(ELEVEN)
    await world.turn(minutes=1)
    await anna.taps("None of these")
    assert "You asked for another time" in await others(ELEVEN + timedelta(hours=1))
    await world.turn(minutes=1)
    await anna.taps("Thursday, 26 November 2026, 12:00")
    assert "A counsellor would like to move your appointment" in await others(TEN)
