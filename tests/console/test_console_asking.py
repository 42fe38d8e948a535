"""When somebody is asked, as a counsellor sets it on the person's page."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from storage import plans, staff
from storage.tables import Audit, Contact, PlanStep, Reminder, Run
from tests.support.rows import put

from .conftest import NOW, World, handed_off, someone

BELGRADE = ZoneInfo("Europe/Belgrade")


@pytest.fixture
def drin(desk_of_mira: World) -> int:
    def add(connection: Any) -> int:
        new = someone(connection, None, known={"name": "Drin"}, consents={"check_in": True, "keep": True})
        plans.put(connection, new, "p1", "Go to the office", date(2026, 12, 20), NOW)
        return new

    return int(desk_of_mira.change(add))


def send(world: World, drin: int, **form: str) -> int:
    return int(world.client.post(f"/console/people/{drin}/asking", data=form, follow_redirects=False).status_code)


def contact(world: World, drin: int) -> Any:
    return world.change(lambda connection: connection.execute(
        select(Contact.rhythm_days, Contact.paused_until, Contact.time_zone).where(Contact.id == drin)).one())


def due(world: World, drin: int) -> dict[str, str]:
    rows = world.change(lambda connection: connection.execute(select(Reminder.key, Reminder.wall).where(
        Reminder.contact_id == drin, Reminder.state == "waiting")).all())
    return {key: wall[:10] for key, wall in rows}


def test_how_often(desk_of_mira: World, drin: int) -> None:
    assert send(desk_of_mira, drin, rhythm="14") == 303
    assert contact(desk_of_mira, drin).rhythm_days == 14
    assert due(desk_of_mira, drin)["check_in"] == (NOW.astimezone(BELGRADE).date() + timedelta(days=14)).isoformat()
    page = desk_of_mira.page(f"/console/people/{drin}")
    assert "Every two weeks." in page and 'value="14" selected' in page
    actions = desk_of_mira.change(lambda connection: connection.execute(select(Audit.action)).scalars().all())
    assert "change_asking" in actions


def test_the_next_day_is_that_day_and_not_before(desk_of_mira: World, drin: int) -> None:
    day = NOW.date() + timedelta(days=36)
    assert send(desk_of_mira, drin, rhythm="0", on=day.isoformat()) == 303
    assert due(desk_of_mira, drin)["check_in"] == day.isoformat()


def test_a_pause(desk_of_mira: World, drin: int) -> None:
    day = NOW.date() + timedelta(days=21)
    assert send(desk_of_mira, drin, rhythm="0", paused=day.isoformat()) == 303
    assert contact(desk_of_mira, drin).paused_until == datetime(day.year, day.month, day.day, tzinfo=BELGRADE)
    assert due(desk_of_mira, drin)["check_in"] >= day.isoformat()
    assert send(desk_of_mira, drin, rhythm="0", paused="") == 303
    assert contact(desk_of_mira, drin).paused_until is None


def test_another_clock_keeps_the_time_on_it(desk_of_mira: World, drin: int) -> None:
    send(desk_of_mira, drin, rhythm="14")
    before = due(desk_of_mira, drin)
    assert send(desk_of_mira, drin, zone="America/New_York") == 303
    assert contact(desk_of_mira, drin).time_zone == "America/New_York" and due(desk_of_mira, drin) == before


@pytest.mark.parametrize("form", [
    {"rhythm": "0", "on": "2020-01-01"}, {"rhythm": "0", "paused": "tomorrow"}, {"rhythm": "often"},
    {"zone": "Mars/Phobos"}])
def test_what_is_not_taken(desk_of_mira: World, drin: int, form: dict[str, str]) -> None:
    before = contact(desk_of_mira, drin)
    assert send(desk_of_mira, drin, **form) == 422
    assert contact(desk_of_mira, drin) == before and due(desk_of_mira, drin) == {}


def test_nobody_is_asked_who_does_not_want_it(desk_of_mira: World, drin: int) -> None:
    desk_of_mira.change(lambda connection: connection.execute(
        update(Contact).where(Contact.id == drin).values(consents={"check_in": False})))
    assert "They do not want to be asked." in desk_of_mira.page(f"/console/people/{drin}")
    assert send(desk_of_mira, drin, rhythm="7") == 409
    assert due(desk_of_mira, drin) == {}


def test_a_step_that_a_colleague_marks_as_done_is_not_asked_about(desk_of_mira: World, drin: int) -> None:
    send(desk_of_mira, drin, rhythm="91")
    assert due(desk_of_mira, drin) == {"check_in": "2026-12-21", "step_soon": "2026-12-19"}
    step, version = desk_of_mira.change(lambda connection: connection.execute(
        select(PlanStep.id, PlanStep.version).where(PlanStep.contact_id == drin)).one())
    desk_of_mira.client.post(f"/console/people/{drin}/steps/{step}", data={"state": "done", "version": str(version)})
    assert "step_soon" not in due(desk_of_mira, drin) and due(desk_of_mira, drin)["check_in"] > "2026-12-21"


def check_in(connection: Any, drin: int, days: int, **answers: str) -> None:
    at = NOW - timedelta(days=days)
    put(connection, Run, contact_id=drin, conversation="check_in", touched=days, started_at=at, updated_at=at,
        ended_at=at, answers={"ready": "now", **answers})


def test_the_curve_has_each_side_and_what_happened_meanwhile(desk_of_mira: World, drin: int) -> None:
    def add(connection: Any) -> None:
        check_in(connection, drin, 40, money="bad", people="good", mood="bad")
        handed_off(connection, drin, "employment", NOW - timedelta(days=30))
        check_in(connection, drin, 20, money="good", people="good", mood="good")

    assert "<polyline" not in desk_of_mira.page(f"/console/people/{drin}")
    desk_of_mira.change(add)
    page = desk_of_mira.page(f"/console/people/{drin}")
    assert page.count("<polyline") == 2 and "How I am" not in page, "how they feel stands behind the wall"
    assert re.search(r"<li>\d+ Oct 2026: Wanted a person: ", page)
    assert "style=" not in page[page.index("<polyline"):][:2000]
    desk_of_mira.change(lambda connection: staff.set_work(connection, desk_of_mira.mira, [staff.WALLED], ()))
    page = desk_of_mira.page(f"/console/people/{drin}")
    assert page.count("<polyline") == 3 and "How I am" in page


def test_one_check_in_is_no_curve(desk_of_mira: World, drin: int) -> None:
    desk_of_mira.change(lambda connection: check_in(connection, drin, 40, money="bad"))
    assert "<polyline" not in desk_of_mira.page(f"/console/people/{drin}")
