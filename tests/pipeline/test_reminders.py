"""What we send by ourselves: in the person's own day, once, stopped by any answer, ended by a counsellor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours import public_holidays
from bot.receive.when import hours_of, next_allowed
from bot.timers import LEAST, LONG, MOST, SHORT, Portion
from storage.tables import Contact
from tests.pipeline.world import NOW, Person, World
from tests.support.rows import change

BELGRADE = ZoneInfo("Europe/Belgrade")
QUESTION = "Hello. We have a short question for you."
COUNSELLOR = 1


async def at_menu(world: World) -> Person:
    return await world.person().agrees()


def asked(person: Person) -> int:
    return sum(QUESTION in text for text in person.texts)


def set_clock(world: World, at: datetime) -> None:
    world.clock.at, world.clock.ahead = at, timedelta(0)


# ------------------------------------------------------------------ quiet hours


@pytest.mark.parametrize("day", ["2026-10-24", "2026-10-25", "2027-03-27", "2027-03-28"])
@pytest.mark.parametrize("zone", ["Europe/Belgrade", "Europe/London", "America/New_York"])
async def test_only_from_nine_to_seven_over_both_clock_changes(world: World, day: str, zone: str) -> None:
    """The sweep comes every half hour of two days; what is sent falls in the person's own day."""
    anna = await at_menu(world)
    world.change("UPDATE contacts SET time_zone = ?", zone)
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for hours in range(0, 48, 3):
        set_clock(world, start + timedelta(hours=hours))
        await world.remind_at(anna, world.clock.now())
        world.change("UPDATE contacts SET wrote_on = NULL")
        before = len(anna.heard)
        await world.sweep()
        local = world.clock.now().astimezone(ZoneInfo(zone))
        may_come = 9 <= local.hour < 19 and local.date() not in public_holidays(local.year)
        assert (len(anna.heard) > before) == may_come, f"at {local}"
        if len(anna.heard) == before:
            due = world.reminder_due(anna).astimezone(ZoneInfo(zone))
            assert (due.hour, due.minute) == (9, 0) and due > local
        await anna.says("menu")


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
ZONES = st.sampled_from(
    ["Europe/Belgrade", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe"])
WISHES = st.sampled_from([None, "any", "morning", "afternoon", "evening", 7])
SAFE = st.sampled_from([None, (9, 12), (19, 22)])


@given(MOMENTS, ZONES, WISHES, SAFE)
def test_the_next_allowed_moment(at: datetime, zone: str, wish: Any, safe: tuple[int, int] | None) -> None:
    """A wish is kept, and the hours that are safe come before any wish."""
    hours = hours_of({"contact_time": wish}, {"hours": list(safe)} if safe else None)
    found = next_allowed(at, zone, hours)
    wished = {"morning": (9, 12), "afternoon": (12, 16), "evening": (16, 19)}.get(wish, (9, 19))
    opens, closes = safe or wished
    assert found >= at
    assert opens <= found.astimezone(ZoneInfo(zone)).hour < closes
    assert found.date() not in public_holidays(found.year)
    days = (at.astimezone(ZoneInfo(zone)).date() + timedelta(days=ahead) for ahead in range(8))
    free = next(day for day in days if day not in public_holidays(day.year)
                and (day > at.astimezone(ZoneInfo(zone)).date() or at.astimezone(ZoneInfo(zone)).hour < closes))
    assert found.date() == free, "no day is left out without need"
    assert next_allowed(found.astimezone(UTC), zone, hours) == found
    local = at.astimezone(ZoneInfo(zone))
    if opens <= local.hour < closes and local.date() not in public_holidays(local.year):
        assert found.astimezone(UTC) == at


@pytest.mark.parametrize("change", ["2026-10-25", "2027-03-28"])
async def test_the_second_try_comes_in_the_day_too(world: World, change: str) -> None:
    """Asked at the edge of the day before a clock change: two days later it is another hour there."""
    anna = await at_menu(world)
    for local in ("09:00", "18:59"):
        eve = datetime.fromisoformat(f"{change}T{local}").replace(tzinfo=BELGRADE) - timedelta(days=1)
        set_clock(world, eve.astimezone(UTC))
        await world.remind_at(anna, world.clock.now())
        world.change("UPDATE contacts SET wrote_on = NULL")
        await world.sweep()
        assert world.reminder_state(anna) == ("waiting", 1)
        due = world.reminder_due(anna).astimezone(BELGRADE)
        assert 9 <= due.hour < 19
        closed = sum(1 for ahead in (2, 3) if (eve + timedelta(days=ahead)).date() in public_holidays(eve.year))
        longest = timedelta(days=2 + closed, hours=15)
        assert timedelta(days=2) <= due.astimezone(UTC) - world.clock.now() <= longest
        await anna.says("menu")


async def test_a_check_in_is_a_week_after_the_intake_in_the_day(world: World) -> None:
    """The wish for a time of day counts."""
    set_clock(world, datetime(2026, 10, 20, 20, 0, tzinfo=UTC))
    anna = await at_menu(world)
    await world.app.store.write(lambda connection: change(connection, Contact, anna.id,
                                                          known={"contact_time": "evening"}))
    await world.remind_at(anna, world.clock.now())
    await world.sweep()
    assert asked(anna) == 0
    due = world.reminder_due(anna).astimezone(BELGRADE)
    assert due == datetime(2026, 10, 21, 16, 0, tzinfo=BELGRADE)


# ------------------------------------------------------------------ the ladder


async def test_asked_then_gently_again_then_a_counsellor(world: World) -> None:
    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    await world.sweep()
    assert asked(anna) == 1
    await world.turn(days=1)
    assert await world.sweep() == 0
    await world.turn(days=1)
    before = len(anna.heard)
    await world.sweep()
    second = anna.texts[before:]
    assert len(second) == 1 and "We asked you something two days ago" in second[0] and QUESTION in second[0]
    assert anna.tasks() == []
    await world.turn(days=2)
    before = len(anna.heard)
    await world.sweep()
    assert anna.texts[before:] == [] and anna.tasks() == ["silent"]
    assert world.reminder_state(anna)[0] == "unanswered"
    await world.turn(days=30)
    assert await world.sweep() == 0 and len(anna.heard) == before


@pytest.mark.parametrize("answer", ["tap", "words", "photo", "command", "danger"])
@pytest.mark.parametrize("after_tries", [1, 2])
async def test_any_answer_stops_it(world: World, answer: str, after_tries: int) -> None:
    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    await world.sweep()
    for _ in range(after_tries - 1):
        await world.turn(days=2)
        await world.sweep()
    await {
        "tap": lambda: anna.taps("Go on"), "words": lambda: anna.says("all is well"),
        "command": lambda: anna.says("help"), "photo": lambda: anna.does(anna.photo()),
        "danger": lambda: anna.says("I want to die"),
    }[answer]()
    before = len(anna.heard)
    for _ in range(10):
        await world.turn(days=2)
        await world.sweep()
    assert anna.texts[before:] == [], "asked again after an answer"
    state = world.reminder_state(anna)[0]
    assert state != "waiting" or world.one("SELECT count(*) FROM tickets") == 1
    assert state != "unanswered" or "silent" in anna.tasks(), "begun, not finished, and nobody was told"


async def test_not_now_is_asked_again_in_two_days(world: World) -> None:
    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    await world.sweep()
    await anna.taps("Not now")
    assert world.reminder_state(anna) == ("waiting", 0)
    await world.turn(days=2)
    await world.sweep()
    assert asked(anna) == 2


async def test_to_block_the_bot_is_no_answer(world: World) -> None:
    """Asked, and gone: a counsellor must know."""
    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    await world.sweep()
    await anna.does(anna.stop())
    await world.turn(days=5)
    await world.sweep()
    assert anna.tasks() == ["silent"]


async def test_gone_before_it_is_due(world: World) -> None:
    anna = await at_menu(world)
    await anna.does(anna.stop())
    await world.remind_at(anna, NOW)
    await world.sweep()
    assert asked(anna) == 0 and anna.tasks() == ["silent"]


# ------------------------------------------------------------------ when not


async def test_never_during_an_open_ticket(world: World) -> None:
    anna = await at_menu(world)
    await anna.taps("Talk to a counsellor")
    await world.remind_at(anna, NOW)
    for _ in range(6):
        await world.sweep()
        await world.turn(hours=12)
    assert asked(anna) == 0
    assert world.reminder_state(anna)[0] == "waiting"
    ticket = anna.ticket()
    await world.staff.claim(ticket, COUNSELLOR)
    await world.staff.close(ticket, COUNSELLOR, "advised")
    await world.settle()
    for _ in range(4):
        await world.turn(hours=12)
        await world.sweep()
    assert asked(anna) == 1


async def test_a_pause_is_kept(world: World) -> None:
    anna = await at_menu(world)
    await anna.says("pause")
    await anna.taps("Two weeks")
    await world.remind_at(anna, NOW + timedelta(days=1))
    await world.turn(days=13)
    await world.sweep()
    assert asked(anna) == 0
    await world.turn(days=2)
    await world.sweep()
    assert asked(anna) == 1


async def test_stop_is_kept(world: World) -> None:
    anna = await at_menu(world)
    await world.remind_at(anna, NOW + timedelta(days=1))
    await anna.says("stop")
    before = len(anna.heard)
    await world.turn(days=30)
    await world.sweep()
    assert len(anna.heard) == before and anna.tasks() == []


async def test_stop_in_the_same_batch_as_the_reminder(world: World) -> None:
    from conversations.events import ReminderDue

    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    number = world.one("SELECT id FROM reminders")
    await world.handle(ReminderDue(reminder_id=number, at=NOW), anna.message("stop"))
    await world.settle()
    assert asked(anna) == 0


# ------------------------------------------------------------------ once


async def test_down_for_a_week_is_one_message(world: World) -> None:
    anna = await at_menu(world)
    await world.remind_at(anna, NOW + timedelta(hours=1))
    await world.stop()
    world.clock.turn(timedelta(days=7, hours=1))
    world.app = world.build()
    await world.app.deliver.start()
    for _ in range(7):
        await world.sweep()
    assert asked(anna) == 1


async def test_down_for_a_week_in_the_middle_of_the_ladder(world: World) -> None:
    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    await world.sweep()
    before = len(anna.heard)
    await world.restart()
    await world.turn(days=9)
    for _ in range(3):
        await world.sweep()
    assert len(anna.heard) == before + 1


async def test_the_same_reminder_twice_is_one_message(world: World) -> None:
    """Two sweeps, or two processes, find the same one."""
    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    number = world.one("SELECT id FROM reminders")
    await world.fire(number, number)
    await world.fire(number)
    assert asked(anna) <= 1
    assert world.reminder_state(anna) in {("waiting", 1), ("waiting", 2)}


async def test_many_people_are_due_at_once(world: World) -> None:
    people = [await world.person(f"p{number}").agrees() for number in range(12)]
    for person in people:
        await world.remind_at(person, NOW)
    assert await world.sweep() == 12
    assert [asked(person) for person in people] == [1] * 12
    assert await world.sweep() == 0


async def test_more_are_due_than_go_into_one_portion(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.timers.Portion", lambda: Portion(size=5))
    monkeypatch.setattr("bot.timers.MOST", 5)
    people = [await world.person(f"p{number}").agrees() for number in range(12)]
    for person in people:
        await world.remind_at(person, NOW)
    assert await world.sweep() == 12
    assert [asked(person) for person in people] == [1] * 12


def test_a_portion_is_as_large_as_the_time_for_it() -> None:
    portion = Portion(size=100)
    portion.took(SHORT / 2, 99)
    assert portion.size == 100, "it was not full, so it says nothing about a larger one"
    portion.took(SHORT / 2, 100)
    assert portion.size == 200
    portion.took((SHORT + LONG) / 2, 200)
    assert portion.size == 200
    portion.took(LONG * 2, 200)
    assert portion.size == 100
    for _ in range(20):
        portion.took(LONG * 2, portion.size)
    assert portion.size == LEAST
    for _ in range(20):
        portion.took(0, portion.size)
    assert portion.size == MOST


async def test_reminders_go_in_the_second_lane(world: World) -> None:
    anna = await at_menu(world)
    await world.remind_at(anna, NOW)
    await world.sweep()
    assert world.one("SELECT lane FROM messages WHERE text LIKE ?", f"%{QUESTION}%") == 1


async def test_the_check_in_returns_to_the_question_that_was_open(world: World) -> None:
    anna = await world.person().begins_intake()
    await world.remind_at(anna, NOW)
    await world.sweep()
    assert QUESTION in anna.last.text
    heard = await anna.taps("Not now")
    assert "What may we call you?" in heard[-1].text
    await anna.says("Agon")
    assert anna.answers("intake")["name"] == "Agon"


async def test_an_answer_to_the_old_question_is_not_an_answer_to_the_check_in(world: World) -> None:
    """The person answers the question of the intake by its button, though the check-in came in between."""
    anna = await world.person().begins_intake()
    await anna.taps("Skip")
    resident = anna.button("I live here").data
    await world.remind_at(anna, NOW)
    await world.sweep()
    await anna.does(anna.tap_data(resident))
    assert anna.answers("intake")["situation"] == "resident"
    assert anna.answers("check_in") == {}
