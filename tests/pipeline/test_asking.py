"""When we write by ourselves: on the days that were agreed, at the time on the person's clock, once a day at most."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from bot.hours import public_holidays
from storage import plans, reminders
from storage.tables import Address
from tests.pipeline.world import CHANNEL, NOW, WIDE, Person, World, moment
from tests.support.rows import put

KOSOVO = ZoneInfo("Europe/Belgrade")
QUESTION = "Hello. We have a short question for you."
ANNOUNCED = "Hello. We have a short reminder for you."


def begin_at(world: World, at: datetime) -> None:
    world.clock.at, world.clock.ahead = at, timedelta(0)


async def wants_to_be_asked(world: World, address: str = "anna") -> Person:
    """Somebody who has agreed, at the menu."""
    person = await world.person(address).agrees()
    await person.begins("consents")
    for label in ("Ask how it is going", "Yes, ask me"):
        await person.taps(label)
    await person.says("menu")
    return person


async def has_step(world: World, person: Person, what: str, day: date) -> None:
    """As somebody would who adds it in the chat."""
    await person.says("my plan")
    await person.taps("Add a step")
    await person.says(what)
    await person.says(f"{day.day} {day:%B} {day.year}")
    await person.says("menu")


def ours(world: World, person: Person) -> list[datetime]:
    """When we wrote by ourselves."""
    rows = world.rows("SELECT DISTINCT at FROM messages WHERE lane = 1 AND contact_id = ? ORDER BY at", person.id)
    return [moment(at) for (at,) in rows]


async def answers_all(person: Person) -> None:
    """Go through the open check-in to its end."""
    for _ in range(20):
        awaits = person.awaits()
        if awaits is None or awaits[0] not in ("check_in", "step_soon"):
            return
        taps = {"ready": "Show it" if awaits[0] == "step_soon" else "Go on", "how": "I am on it", "mood": "Good",
                "money": "Good", "people": "Good", "news": "Nothing new",
                "someone": "No, thank you", "next": "As planned", "well": "Yes"}
        await person.taps(taps[str(awaits[1]).rpartition("/")[2]])


# ------------------------------------------------------------------ a year


async def test_a_year_with_both_clock_changes_restarts_at_each_hour_and_two_workers(world: World) -> None:
    """A week, then one, three, six and twelve months after it was agreed, at ten o'clock on the person's own clock."""
    start = datetime(2026, 9, 15, 10, 0, tzinfo=KOSOVO)
    begin_at(world, start.astimezone(UTC))
    anna = await wants_to_be_asked(world)
    hours = iter(range(24))
    for days in range(370):
        day = start.date() + timedelta(days=days)
        if days % 15 == 7 and (hour := next(hours, None)) is not None:
            begin_at(world, datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=24 - hour))
            await world.restart()
        for at in ("07:59", "09:59", "10:00", "10:01", "23:00"):
            begin_at(world, datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=KOSOVO).astimezone(UTC))
            await asyncio.gather(world.app.timers.remind(), world.app.timers.remind())
        await world.settle()
        await answers_all(anna)
    asked = [at.astimezone(KOSOVO) for at in ours(world, anna)]
    assert [at.date().isoformat() for at in asked] == [
        "2026-09-22", "2026-10-15", "2026-12-15", "2027-03-15", "2027-09-15"]
    assert {(at.hour, at.minute) for at in asked} == {(10, 0)}
    assert next(hours, None) is None, "there was a restart at each hour"


@pytest.mark.parametrize("change", [date(2026, 10, 25), date(2026, 3, 29)])
async def test_the_hour_that_is_there_twice_or_not_at_all(world: World, change: date) -> None:
    """Each hour of the day on which the clock changes, with a restart at each."""
    begin_at(world, (datetime(change.year, change.month, change.day, 18, 30, tzinfo=KOSOVO)
                     - timedelta(days=7)).astimezone(UTC))
    anna = await wants_to_be_asked(world)
    for hour in range(30):
        begin_at(world, datetime(change.year, change.month, change.day, tzinfo=UTC) + timedelta(hours=hour, minutes=30))
        await world.restart()
        await world.sweep()
    [at] = ours(world, anna)
    assert at.astimezone(KOSOVO).date() == change
    assert (at.astimezone(KOSOVO).hour, at.astimezone(KOSOVO).minute) == (18, 30)


async def test_no_message_of_ours_on_a_public_holiday(world: World) -> None:
    """Due on 17 February 2027, the day of independence."""
    holiday = date(2027, 2, 17)
    assert holiday in public_holidays(2027)
    begin_at(world, datetime(2027, 2, 10, 10, 0, tzinfo=KOSOVO).astimezone(UTC))
    anna = await wants_to_be_asked(world)
    for days in range(6, 10):
        begin_at(world, datetime(2027, 2, 10, 18, 0, tzinfo=KOSOVO).astimezone(UTC) + timedelta(days=days))
        await world.sweep()
    assert [at.astimezone(KOSOVO).date() for at in ours(world, anna)] == [date(2027, 2, 18)]


# ------------------------------------------------------------------ one a day


@pytest.mark.parametrize("seed", range(4))
async def test_nobody_gets_two_messages_of_ours_a_day(world: World, seed: int) -> None:
    """Whatever is planned for whom and whenever we look: people who answer, and people who do not, in many zones."""
    chance = random.Random(seed)
    zones = ("Europe/Belgrade", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")
    people = [await wants_to_be_asked(world, f"p{number}") for number in range(6)]
    for person in people:
        world.change("UPDATE contacts SET time_zone = ? WHERE id = ?", chance.choice(zones), person.id)
        for number in range(chance.randrange(4)):
            await has_step(world, person, f"Step {number}", NOW.date() + timedelta(days=chance.randrange(1, 25)))
    for _ in range(100):
        begin_at(world, world.clock.now() + timedelta(hours=chance.randrange(1, 15)))
        person = chance.choice(people)
        if chance.random() < 0.2:
            opens = chance.choice(["wellbeing_again", "check_in"])
            await world.remind_at(person, world.clock.now() + timedelta(hours=chance.randrange(48)), opens)
        if chance.random() < 0.2:
            await answers_all(person)
        await world.sweep()
    heard = 0
    for person in people:
        zone = ZoneInfo(world.one("SELECT time_zone FROM contacts WHERE id = ?", person.id))
        days = [at.astimezone(zone).date() for at in ours(world, person)]
        assert len(days) == len(set(days)), days
        heard += len(days)
    assert heard >= 2 * len(people), "too little was due to show anything"


async def test_seven_that_were_missed_are_one_message(world: World) -> None:
    """The process was down for a week in which seven steps had their days, and two more are to come."""
    anna = await wants_to_be_asked(world)
    for ahead in range(4, 13):
        await has_step(world, anna, f"Step number {ahead}", NOW.date() + timedelta(days=ahead))
    await world.stop()
    begin_at(world, NOW + timedelta(days=10, hours=3))
    world.app = world.build()
    await world.app.deliver.start()
    for _ in range(7):
        await world.sweep()
    assert len(ours(world, anna)) == 1 and QUESTION in anna.last.text
    await answers_all(anna)
    await world.turn(days=1)
    await world.sweep()
    assert len(ours(world, anna)) == 2 and ANNOUNCED in anna.last.text, "what is still to come is announced"


async def test_what_cannot_wait_goes_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something due at five in the afternoon of its day: the check-in of that morning comes a day later."""
    monkeypatch.setattr("bot.receive.daily.CANNOT_WAIT", ("wellbeing_again",))
    anna = await wants_to_be_asked(world)
    await world.remind_at(anna, NOW + timedelta(days=1))
    await world.remind_at(anna, NOW + timedelta(days=1, hours=7), "wellbeing_again")
    await world.turn(days=1)
    await world.sweep()
    assert ours(world, anna) == []
    await world.turn(hours=7)
    await world.sweep()
    assert len(ours(world, anna)) == 1 and anna.awaits() == ("wellbeing_again", "ready")
    await world.turn(days=1, hours=-7)
    await world.sweep()
    assert len(ours(world, anna)) == 2 and anna.awaits() == ("check_in", "ready")


# ------------------------------------------------------------------ it moves with the plan


def due(world: World, person: Person) -> dict[str, str]:
    """What is planned, by the day on the person's clock."""
    rows = world.rows("SELECT key, wall FROM reminders WHERE contact_id = ? AND state = 'waiting'", person.id)
    return {key: wall[:10] for key, wall in rows}


async def test_before_and_after_a_step_and_together_with_the_rhythm(world: World) -> None:
    anna = await wants_to_be_asked(world)
    assert due(world, anna) == {"check_in": "2026-11-30"}
    await has_step(world, anna, "Go to the office", date(2026, 11, 30))
    assert due(world, anna) == {"check_in": "2026-12-01", "step_soon": "2026-11-29"}
    await has_step(world, anna, "Write to the school", date(2026, 11, 26))
    assert due(world, anna) == {"check_in": "2026-11-27", "step_soon": "2026-11-25"}


async def test_a_step_that_is_done_is_neither_announced_nor_asked_about(world: World) -> None:
    anna = await wants_to_be_asked(world)
    await has_step(world, anna, "Write to the school", date(2026, 11, 27))
    await anna.says("my plan")
    await anna.taps("Write to the school")
    await anna.taps("Done")
    assert due(world, anna) == {"check_in": "2026-11-30"}


async def test_a_step_that_went_behind_our_back_is_not_announced(world: World) -> None:
    anna = await wants_to_be_asked(world)
    await has_step(world, anna, "Write to the school", date(2026, 11, 27))
    world.change("UPDATE plan_steps SET state = 'dropped'")
    await world.turn(days=3)
    await world.sweep()
    assert ours(world, anna) == [] and due(world, anna) == {"check_in": "2026-11-30"}


async def test_an_announcement_is_not_repeated_and_nobody_is_told(world: World) -> None:
    anna = await wants_to_be_asked(world)
    await has_step(world, anna, "Write to the school", date(2026, 11, 28))
    for _ in range(5):
        await world.turn(days=1)
        await world.sweep()
    assert [ANNOUNCED in one or QUESTION in one for one in anna.texts].count(True) == 1
    assert anna.tasks() == []


async def test_the_plan_changes_while_a_question_waits_for_its_answer(world: World) -> None:
    """The ladder that has begun goes on: a step that a colleague adds does not ask anew."""
    anna = await wants_to_be_asked(world)
    await world.turn(days=7)
    await world.sweep()
    before = world.reminder_due(anna)

    def add(connection: Connection) -> None:
        plans.put(connection, anna.id, "x", "Go to the office", date(2026, 12, 20), world.clock.now())

    await world.app.store.write(add)
    await world.turn(days=2)
    await world.sweep()
    assert before < world.reminder_due(anna) and world.reminder_state(anna) == ("waiting", 2)


# ------------------------------------------------------------------ the ladder


async def linked(world: World, anna: Person, **more: Any) -> None:
    """A second way to her, used long ago."""
    turns = world.app.receive.turns
    world.app.receive.turns = replace(turns, limits={CHANNEL: WIDE, "web": replace(WIDE, **more)})
    who = anna.id
    await world.app.store.write(lambda connection: put(
        connection, Address, contact_id=who, channel="web", address="anna-web",
        last_used_at=NOW - timedelta(days=1)))


def where(world: World) -> list[str]:
    rows = world.rows("SELECT channel, at FROM messages WHERE lane = 1 GROUP BY channel, at ORDER BY at")
    return [channel for channel, _ in rows]


async def test_the_third_try_goes_where_else_they_can_be_reached_then_a_counsellor(world: World) -> None:
    anna = await wants_to_be_asked(world)
    await linked(world, anna)
    for days in (7, 2, 2):
        world.clock.turn(timedelta(days=days))
        await world.app.timers.remind()
    assert where(world) == [CHANNEL, CHANNEL, "web"] and anna.tasks() == []
    world.clock.turn(timedelta(days=2))
    await world.app.timers.remind()
    assert where(world) == [CHANNEL, CHANNEL, "web"] and anna.tasks() == ["silent"]


async def test_who_shares_a_phone_is_not_written_to_elsewhere(world: World) -> None:
    """We know of the one place only that they are alone with it."""
    anna = await wants_to_be_asked(world)
    await linked(world, anna)
    await anna.begins("discreet")
    for label in ("Switch it on", "Yes, without a sound", "9:00 to 19:00"):
        await anna.taps(label)
    for days in (7, 2, 2):
        await world.turn(days=days)
        await world.app.timers.remind()
    assert where(world) == [CHANNEL, CHANNEL] and anna.tasks() == ["silent"]


async def test_the_task_has_a_time_and_the_rhythm_goes_on(world: World) -> None:
    anna = await wants_to_be_asked(world)
    for days in (7, 2, 2):
        await world.turn(days=days)
        await world.sweep()
    [(due_at,)] = world.rows("SELECT due_at FROM tasks WHERE kind = 'silent'")
    assert timedelta(0) < moment(due_at) - world.clock.now() <= timedelta(days=4)
    assert due(world, anna) == {"check_in": "2026-12-23"}


# ------------------------------------------------------------------ another zone


async def test_who_moves_is_asked_at_the_same_time_on_their_own_clock(world: World) -> None:
    anna = await wants_to_be_asked(world)
    assert world.reminder_due(anna).astimezone(KOSOVO).hour == 10
    world.change("UPDATE contacts SET time_zone = ?", "America/New_York")
    await world.app.store.write(lambda connection: reminders.moved_to(connection, anna.id, "America/New_York"))
    assert world.reminder_due(anna) == datetime(2026, 11, 30, 10, 0, tzinfo=ZoneInfo("America/New_York"))


async def test_who_is_still_abroad_goes_by_the_clock_there_until_the_return(world: World) -> None:
    """The rhythm counts anew from the return."""
    anna = await wants_to_be_asked(world)
    await anna.begins("intake")
    await anna.taps("Skip")
    await anna.taps("I am abroad, coming back")
    await anna.says("United States")
    assert world.one("SELECT time_zone FROM contacts") == "America/New_York"
    assert world.reminder_due(anna) == datetime(2026, 11, 30, 10, 0, tzinfo=ZoneInfo("America/New_York"))
    await world.turn(days=3)
    await anna.says("back")
    await anna.says("back")
    await anna.taps("I came back to Kosovo")
    assert world.one("SELECT time_zone FROM contacts") == "Europe/Belgrade"
    assert world.reminder_due(anna).astimezone(KOSOVO).hour == 10
    assert world.one("SELECT rhythm_from FROM contacts") == "2026-11-26"


# ------------------------------------------------------------------ fewer messages


def planned(world: World, person: Person) -> list[Any]:
    """All that says when this person is written to."""
    [contact] = world.rows("SELECT rhythm_days, rhythm_from, ask_on, paused_until, stopped_at FROM contacts"
                           " WHERE id = ?", person.id)
    return [contact, sorted(due(world, person).items())]


@pytest.mark.parametrize("words", ["less often", "pause for two weeks", "stop"])
async def test_what_is_taken_back_is_as_it_was(world: World, words: str) -> None:
    anna = await wants_to_be_asked(world)
    await has_step(world, anna, "Go to the office", date(2026, 12, 10))
    before = planned(world, anna)
    await anna.says(words)
    assert planned(world, anna) != before
    await anna.taps("Undo")
    assert planned(world, anna) == before


async def test_less_often_means_a_longer_wait(world: World) -> None:
    anna = await wants_to_be_asked(world)
    assert due(world, anna) == {"check_in": "2026-11-30"}
    await anna.says("less often")
    assert due(world, anna) == {"check_in": "2027-02-22"}


async def test_after_stop_a_new_step_does_not_bring_the_rhythm_back(world: World) -> None:
    """Whoever says stop and later adds a step is asked about the step: the bot says so. Nothing else comes."""
    anna = await wants_to_be_asked(world)
    await anna.says("stop")
    await has_step(world, anna, "Go to the office", date(2026, 12, 10))
    assert due(world, anna) == {"check_in": "2026-12-11", "step_soon": "2026-12-09"}


async def test_in_a_talk_stop_is_only_said(world: World) -> None:
    anna = await wants_to_be_asked(world)
    await anna.taps("Talk to a counsellor")
    heard = await anna.says("stop")
    assert ["We will not write to you by ourselves any more" in one.text for one in heard] == [True]
    assert due(world, anna) == {}


# ------------------------------------------------------------------ news


async def test_news_answers_a_check_in_and_keeps_the_interval_that_was_chosen(world: World) -> None:
    """Nobody is said to be silent, its questions do not come back, and who then changes an answer is not asked again
    in a week."""
    anna = await wants_to_be_asked(world)
    world.change("UPDATE contacts SET rhythm_days = 91")
    await world.turn(days=8)
    await world.sweep()
    assert QUESTION in anna.last.text
    await anna.says("I found work!")
    assert "bring your answers and your plan up to date" in anna.last.text
    assert anna.answers("check_in")["news"] == "work"
    await anna.taps("Change my answers")
    while (anna.awaits() or ("", ""))[1] != "summary":
        await (anna.taps("I live here") if (anna.awaits() or ("", ""))[1] == "situation" else anna.says("skip"))
    await anna.taps("Yes, that is right")
    assert "In a week we ask" not in "".join(anna.texts)
    due = world.reminder_due(anna) - world.clock.now()
    assert timedelta(days=80) < due < timedelta(days=95), due
    for _ in range(20):
        await world.turn(days=1)
        await world.sweep()
    assert anna.tasks() == [] and sum(QUESTION in one for one in anna.texts) == 1
