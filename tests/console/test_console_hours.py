"""The page for office hours, and the queue that counts in them and shows only what somebody wants to see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from bot import office
from bot.hours import OfficeHours
from bot.settings import Settings
from storage import audit

from .conftest import World
from .test_console_codes import another_browser

WEEK = ["09:00-12:00, 13:00-16:00", "09:00-16:00", "", "9:00-12:00", "09:00-12:00", "", ""]


@pytest.fixture
def arben(world: World) -> TestClient:
    browser = another_browser(world)
    world.sign_in("arben", browser)
    return browser


def stored(world: World) -> OfficeHours:
    found: OfficeHours = world.change(lambda connection: office.load(connection, Settings()))
    return found


def post(browser: TestClient, path: str, **form: Any) -> Any:
    return browser.post(f"/console/hours{path}", data=form, follow_redirects=False)


def test_the_week_is_kept_and_shown(world: World, arben: TestClient) -> None:
    assert "No hours are set" in arben.get("/console/hours").text
    assert post(arben, "", days=WEEK, holidays="yes").status_code == 303
    page = arben.get("/console/hours").text
    assert 'value="09:00-12:00, 13:00-16:00"' in page and "Open now, until 12:00" in page
    assert stored(world).day_as_text(3) == "09:00-12:00" and stored(world).holidays
    actions = world.change(lambda connection: [one.action for one in audit.entries(connection)])
    assert "set_hours" in actions


@pytest.mark.parametrize(("days", "says"), [
    (["nine to five", *WEEK[1:]], "Cannot read"), (["09:00-12:00, 11:00-13:00", *WEEK[1:]], "overlap"),
    (WEEK[:3], "seven days"), (["16:00-09:00", *WEEK[1:]], "before it closes"),
])
def test_a_week_that_does_not_fit_keeps_what_was_typed(
    world: World, arben: TestClient, days: list[str], says: str
) -> None:
    answer = post(arben, "", days=days)
    assert answer.status_code == 422 and says in answer.text
    assert not stored(world).known
    if len(days) == 7:
        assert f'value="{days[0]}"' in answer.text


def test_a_closure_comes_and_goes(world: World, arben: TestClient) -> None:
    post(arben, "", days=WEEK, holidays="yes")
    assert post(arben, "/closures", first="2026-12-28", last="2026-12-31", why="stock <taking>").status_code == 303
    page = arben.get("/console/hours").text
    assert "28 December 2026 to 31 December 2026" in page and "stock &lt;taking&gt;" in page
    assert [one.last for one in stored(world).closures] == [date(2026, 12, 31)]
    assert stored(world).day_as_text(0) == WEEK[0], "a closure leaves the week as it is"
    for _ in range(2):
        assert post(arben, "/closures/remove", first="2026-12-28", last="2026-12-31").status_code == 303
    assert stored(world).closures == ()


@pytest.mark.parametrize(("first", "last"), [
    ("", ""), ("soon", ""), ("2026-12-31", "2026-12-28"), ("2026-12-01", "2028-12-01"),
])
def test_a_closure_that_does_not_fit_is_explained(world: World, arben: TestClient, first: str, last: str) -> None:
    answer = post(arben, "/closures", first=first, last=last, why="holidays")
    assert answer.status_code == 422 and 'role="alert"' in answer.text and 'value="holidays"' in answer.text
    assert stored(world).closures == ()


def test_who_waits_is_counted_in_office_hours(desk_of_mira: World) -> None:
    """Dita has waited since 11:00 yesterday: until 16:00, and today from 9:00 to 11:00. Luan is urgent."""
    world = desk_of_mira
    html = world.page("/console?tab=waiting")
    assert ">1 d<" in html
    world.book.hours = OfficeHours.parse("Mon-Sun 09:00-16:00", ZoneInfo("Europe/Belgrade"))
    html = world.page("/console?tab=waiting")
    assert ">7 h 0 min<" in html and ">1 d<" not in html and ">8 min<" in html
    world.book.hours = OfficeHours.parse("Mon 20:00-21:00", ZoneInfo("Europe/Belgrade"))
    html = world.page("/console?tab=waiting")
    assert html.count(">under 1 min<") == 2 and ">8 min<" in html, "an urgent chat never waits for office hours"


@pytest.mark.parametrize(("wanted", "names", "count"), [
    ("area=migration", ["Dita"], 1), ("language=sq", ["Luan", "Agon"], 2), ("urgent=true", ["Luan"], 1),
    ("area=employment&language=sq", ["Agon"], 1), ("area=employment&language=de", [], 0),
    ("area=nowhere&language=xx", ["Luan", "Dita", "Agon"], 3),
])
def test_only_what_is_wanted(desk_of_mira: World, wanted: str, names: list[str], count: int) -> None:
    html = desk_of_mira.page(f"/console/queue?tab=waiting&{wanted}")
    shown = [name for name in ("Luan", "Dita", "Agon") if f'class="name">{name}<' in html]
    assert sorted(shown) == sorted(names)
    assert f'Waiting <span class="count">{count}</span>' in html
    assert 'data-attention="4"' in html, "the title counts everything that needs somebody"


def test_the_choice_stays_from_page_to_page(desk_of_mira: World) -> None:
    html = desk_of_mira.page("/console?tab=waiting&area=migration&urgent=true")
    assert "tab=mine&amp;area=migration&amp;urgent=true" in html
    html = desk_of_mira.page("/console?tab=waiting&language=de")
    assert f'/console/tickets/{desk_of_mira.tickets["dita"]}?tab=waiting&amp;language=de"' in html
    html = desk_of_mira.page(f"/console/tickets/{desk_of_mira.tickets['dita']}?tab=waiting&language=de")
    assert 'data-query="tab=waiting&amp;language=de"' in html and "Agon" not in html


def test_the_clock_goes_back_an_hour(desk_of_mira: World) -> None:
    """The machine's clock goes back an hour: nobody has waited a negative time."""
    world = desk_of_mira
    world.clock.turn(-timedelta(hours=1))
    assert "-" not in world.page("/console/queue?tab=waiting").split('class="wait"')[1].split("<")[0].split(">")[1]
