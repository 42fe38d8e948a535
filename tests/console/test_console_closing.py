"""The end of a case in the console: with a reason, undone, and counted in the reports."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from storage import closings
from storage.reports import Period, load
from storage.tables import CaseClosing

from .conftest import NOW, World, ago
from .test_console_person import words_of


def post(world: World, path: str = "", **form: Any) -> Any:
    return world.client.post(f"/console/people/{world.people['agon']}/closing{path}", data=form,
                             follow_redirects=False)


def test_a_case_is_closed_with_a_reason_and_open_again(desk_of_mira: World) -> None:
    world, page = desk_of_mira, f"/console/people/{desk_of_mira.people['agon']}"
    assert "The case is open." in words_of(world.page(page))
    assert post(world, why="goal", note="Works as a welder now", tell="yes").status_code == 303
    words = words_of(world.page(page))
    assert "Closed: The goal is reached 23 November 2026 Mira Krasniqi Works as a welder now" in words
    assert "The case was closed: The goal is reached (Mira Krasniqi)" in words and "It is open again" in words
    assert post(world, "/undo").status_code == 303
    assert "open again since 23 November 2026" in words_of(world.page(page))


@pytest.mark.parametrize(("path", "form"), [
    ("", {"why": ""}), ("", {"why": "king"}), ("", {"why": "goal", "note": "x" * 300}), ("/announce", {"day": "soon"}),
])
def test_a_wrong_form_says_what_to_do(desk_of_mira: World, path: str, form: dict[str, str]) -> None:
    answer = post(desk_of_mira, path, **form)
    assert answer.status_code == 422 and 'class="error"' in answer.text
    assert desk_of_mira.change(lambda c: c.execute(select(CaseClosing.id)).all()) == []


def test_the_end_is_announced(desk_of_mira: World) -> None:
    assert post(desk_of_mira, "/announce", day="2026-12-31").status_code == 303
    assert desk_of_mira.desk.announced == [date(2026, 12, 31)]


def test_why_it_could_not_be_closed_is_said_with_what_was_typed(desk_of_mira: World) -> None:
    desk_of_mira.desk.fails = "Their chat is open. Close it first."
    answer = post(desk_of_mira, why="goal", note="Works now")
    assert answer.status_code == 409 and "Close it first" in answer.text and 'value="Works now"' in answer.text


def test_reasons_are_counted_in_the_reports(world: World) -> None:
    for name, why in (("agon", "goal"), ("dita", "leaves"), ("luan", "leaves")):
        world.change(lambda c, n=name, w=why: closings.close(c, world.people[n], w, "", world.mira, NOW))
    world.change(lambda c: closings.say_why_leaves(c, world.people["dita"], "work"))
    period = Period(ago(days=1), NOW.replace(hour=23))
    found = world.change(lambda c: load(c, period, lambda begin, end: end - begin))
    assert found.closed == {"goal": 1, "leaves": 2} and found.left_why == {"work": 1}
    world.sign_in("arben")
    assert "Cases closed, and why" in words_of(world.page("/console/reports"))
