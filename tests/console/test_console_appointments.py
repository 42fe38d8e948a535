"""Appointments on the page of a person and on the page of the day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from storage import appointments
from storage.tables import Appointment

from .conftest import NOW, World
from .test_console_person import words_of

FORM = {"at": ["2026-11-26T10:00", "", "2026-11-26T14:30"],
        "minutes": "60", "place": "Here", "bring": "ID card", "key": "k"}


def post(world: World, who: str, path: str = "", **form: Any) -> Any:
    return world.client.post(f"/console/people/{world.people[who]}/appointments{path}", data=form,
                             follow_redirects=False)


def agreed(world: World, who: str = "agon", by: int | None = None, hours: float = -2, key: str = "k") -> int:
    """One that has been picked; its number."""
    def work(connection: Connection) -> int:
        at, person = NOW + timedelta(hours=hours), world.people[who]
        appointments.offer(connection, person, key, by or world.mira, [at], 60, "Here", "", at - timedelta(days=1))
        asked = appointments.asking(connection, person)
        assert asked is not None
        appointments.book(connection, asked, at, at - timedelta(days=1))
        return asked.id

    return int(world.change(work))


def state(world: World, key: int) -> str:
    return str(world.change(lambda c: c.scalar(select(Appointment.state).where(Appointment.id == key))))


def test_times_are_offered_once_and_stand_on_the_page(desk_of_mira: World) -> None:
    world = desk_of_mira
    for _ in range(2):
        assert post(world, "agon", **FORM).status_code == 303
    words = words_of(world.page(f"/console/people/{world.people['agon']}"))
    assert words.count("Times offered waits for their choice") == 1
    assert "Offered: 26 November 2026, 10:00; 26 November 2026, 14:30" in words and "to bring: ID card" in words


@pytest.mark.parametrize(("form", "status"), [
    ({**FORM, "at": [""]}, 422), ({**FORM, "at": ["soon"]}, 422), ({**FORM, "place": " "}, 422),
    ({**FORM, "bring": "x" * 300}, 422), ({**FORM, "at": ["2026-11-20T10:00"]}, 409),
    ({**FORM, "at": ["2026-11-26T10:07"]}, 409),
])
def test_a_wrong_form_says_what_to_do(desk_of_mira: World, form: Any, status: int) -> None:
    answer = post(desk_of_mira, "agon", **form)
    assert answer.status_code == status and 'class="error"' in answer.text


def test_a_time_that_is_given_away_is_not_offered(desk_of_mira: World) -> None:
    agreed(desk_of_mira, "dita", hours=72)
    answer = post(desk_of_mira, "agon", at=["2026-11-26T11:30"], place="Here")
    assert answer.status_code == 409 and "given away already" in answer.text


def test_my_day_shows_todays_and_those_that_nobody_has_said_anything_about(desk_of_mira: World) -> None:
    world = desk_of_mira
    past, later = agreed(world, "agon", hours=-30), agreed(world, "dita", hours=3)
    agreed(world, "luan", hours=50, key="tomorrow")
    agreed(world, "besa", by=world.arben, hours=-2)
    html = world.page("/console/day")
    words = words_of(html)
    assert "Agon : 22 November 2026, 05:00" in words and "Dita : today, 14:00" in words
    assert "Luan" not in words.partition("Appointments")[2].partition("To do today")[0] and "Besa : today" not in words
    assert html.count("They did not come") == 1, "what has not begun cannot be missed"
    form = {"state": "missed", "changes": "1", "back": "/console/day"}
    answer = post(world, "agon", f"/{past}", **form)
    assert answer.status_code == 303 and answer.headers["location"] == "/console/day"
    assert state(world, past) == "missed" and state(world, later) == "agreed"
    assert "Agon : 22 November" not in words_of(world.page("/console/day"))


def test_coordinators_see_everybodys(world: World) -> None:
    agreed(world, "agon")
    world.sign_in("arben")
    assert "Mira Krasniqi" in words_of(world.page("/console/day")).partition("Appointments")[2]


def test_other_times_are_offered_for_one_that_stays(desk_of_mira: World) -> None:
    world, key = desk_of_mira, agreed(desk_of_mira, hours=72)
    assert post(world, "agon", f"/{key}/times", at=["2026-11-27T10:00"]).status_code == 303
    words = words_of(world.page(f"/console/people/{world.people['agon']}"))
    assert "Agreed waits for their choice" in words and state(world, key) == "agreed"


@pytest.mark.parametrize(("path", "form", "status"), [
    ("/999", {"state": "held"}, 409), ("/999/times", {"at": ["2026-11-27T10:00"]}, 409), ("/1", {"state": "king"}, 422),
])
def test_what_is_not_there(desk_of_mira: World, path: str, form: Any, status: int) -> None:
    assert post(desk_of_mira, "agon", path, **form).status_code == status


def test_of_somebody_else_nothing_is_changed(desk_of_mira: World) -> None:
    key = agreed(desk_of_mira)
    assert post(desk_of_mira, "dita", f"/{key}", state="missed", changes="1").status_code == 409
    assert state(desk_of_mira, key) == "agreed"


def test_the_appointments_of_a_colleague_who_leaves_are_tasks(world: World) -> None:
    key = agreed(world, "agon", hours=72)
    world.change(lambda c: appointments.offer(c, world.people["dita"], "o", world.mira, [NOW + timedelta(days=5)], 30,
                                              "Here", "", NOW))
    world.sign_in("arben")
    assert world.client.post(f"/console/team/{world.mira}/remove", follow_redirects=False).status_code == 303
    assert state(world, key) == "agreed"
    tasks = words_of(world.page("/console/tasks"))
    assert "Mira Krasniqi has left the team, and has an appointment with this person" in tasks
    offered = world.change(lambda c: appointments.of_person(c, world.people["dita"]))
    assert [one.state for one in offered] == ["cancelled"]
