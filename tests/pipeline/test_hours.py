"""Office hours: several spans a day, holidays, closures; what people are told; how long they waited meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import office
from bot.hours import Closure, OfficeHours
from tests.pipeline.world import World

ZONE = ZoneInfo("Europe/Belgrade")
BREAK = ["09:00-12:00, 13:00-16:00"] * 5 + ["", ""]
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """Local time where the centre is."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def hours(*closures: Closure, days: list[str] | None = None) -> OfficeHours:
    return OfficeHours.with_days(days or BREAK, ZONE, closures=closures)


@pytest.mark.parametrize(("when", "opens"), [
    (at(23, 12, 30), at(23, 13)), (at(23, 16), at(24, 9)), (at(27, 17), at(30, 9)),
    (at(24, 23, month=12), at(28, 9, month=12)),
])
def test_the_next_opening_is_after_the_break_the_night_the_weekend_the_holiday(when: datetime, opens: datetime) -> None:
    assert not hours().is_open(when) and hours().next_opening(when) == opens


def test_a_closure_moves_the_next_opening() -> None:
    shut = hours(Closure(date(2026, 11, 30), date(2026, 12, 4), "training"))
    assert shut.next_opening(at(27, 17)) == at(7, 9, month=12)
    assert not shut.is_open(at(1, 10, month=12)) and shut.closes(at(1, 10, month=12)) is None


def test_a_text_is_read_as_it_is_written() -> None:
    assert [hours().day_as_text(day) for day in range(7)] == BREAK


@pytest.mark.parametrize(("text", "says"), [
    ("9-12", "cannot read"), ("12:00-09:00", "before it closes"), ("09:00-12:00, 11:00-13:00", "overlap"),
    ("25:00-26:00", "written as 09:00"), ("<b>", "cannot read"),
])
def test_what_is_no_time_is_explained(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        OfficeHours.with_days([text, *[""] * 6], ZONE)


def test_closures_without_an_end_are_refused() -> None:
    long = [Closure(date(2026 + year, 12, 1), date(2027 + year, 12, 1)) for year in range(4)]
    with pytest.raises(ValueError, match="nobody would read"):
        office.check(hours(*long), MONDAY)
    office.check(hours(long[0]), MONDAY)


def test_what_was_due_in_a_long_closure_still_has_a_time() -> None:
    """A closure of half a year: a sign of distress is not left without a day."""
    shut = hours(Closure(date(2026, 11, 23), date(2027, 5, 30)))
    assert shut.due(MONDAY, "working_day") > MONDAY and shut.due(MONDAY, "today") > MONDAY


moments = st.integers(0, 60 * 24 * 40).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@given(moments, moments, moments)
def test_waiting_in_office_hours(one: datetime, other: datetime, third: datetime) -> None:
    """It grows with the time, adds up, and is never more than the clock says; who came first has waited longest."""
    first, middle, last = sorted((one, other, third))
    shut = hours(Closure(date(2026, 12, 1), date(2026, 12, 3)))
    parts = shut.open_between(first, middle) + shut.open_between(middle, last)
    assert parts == shut.open_between(first, last) <= last - first
    assert shut.open_between(middle, last) <= shut.open_between(first, last)
    if not shut.is_open(first) and (opening := shut.next_opening(first)) is not None and opening >= last:
        assert shut.open_between(first, last) == timedelta(0)


def test_over_the_night_in_which_the_clock_goes_back_an_hour() -> None:
    """25 October 2026, 3:00 becomes 2:00: a night shift works one hour more, and nobody waits a negative time."""
    night = OfficeHours.with_days(["00:00-06:00"] * 7, ZONE, holidays=False)
    assert night.open_between(at(25, 0, month=10).astimezone(UTC), at(25, 6, month=10).astimezone(UTC)) == timedelta(
        hours=7)
    assert hours().open_between(MONDAY, MONDAY - timedelta(hours=1)) == timedelta(0)


async def test_what_the_coordinator_sets_is_what_people_are_told(world: World) -> None:
    """It holds at once, for every process, without a restart."""
    closed = Closure(date(2026, 11, 23), date(2026, 11, 24), "moving")
    await world.app.store.write(lambda connection: office.save(connection, hours(closed)))
    await world.until(lambda: world.app.office.hours.known, "the new hours are not heard of")
    anna = await world.person().agrees()
    heard = await anna.taps("Talk to a counsellor")
    assert any("Wednesday" in one.text and "9:00" in one.text for one in heard), [one.text for one in heard]


async def test_who_is_in_danger_is_not_left_to_office_hours(world: World) -> None:
    """At night and in a closure: 112 at once, an urgent chat that everybody is alerted to, and the true time."""
    closed = Closure(date(2026, 11, 23), date(2026, 11, 24))
    await world.app.store.write(lambda connection: office.save(connection, hours(closed)))
    await world.until(lambda: world.app.office.hours.known, "the new hours are not heard of")
    anna = await world.person().begins_intake()
    heard = await anna.says("I want to kill myself")
    said = "\n".join(one.text for one in heard)
    assert "112" in said and "marked as urgent" in said and "Wednesday" in said
    assert world.rows("SELECT state, urgent FROM tickets") == [("waiting", 1)]
