"""Links to hand out: made, counted, ended, and put on a poster in each language."""

from __future__ import annotations

import re

import pytest

from bot.console.links import GONE
from storage import ways

from .conftest import NOW, World


def make(world: World, name: str, language: str = "") -> int:
    answer = world.client.post("/console/links", data={"name": name, "language": language}, follow_redirects=False)
    assert answer.status_code == 303
    return max(one.id for one in known(world))


def known(world: World) -> list[ways.Way]:
    return world.change(ways.everything)


def test_a_link_is_made_shown_and_handed_out_no_more(desk_of_mira: World) -> None:
    world = desk_of_mira
    way_id = make(world, "Airport, poster", "sr")
    [way] = known(world)
    assert (way.name, way.language, way.people, way.ended_at) == ("Airport, poster", "sr", 0, None)
    assert re.fullmatch(f"[{ways.LETTERS}]{{8}}", way.code)
    assert f"https://t.me/centre_bot?start={way.code}" in world.page("/console/links")
    world.client.post(f"/console/links/{way_id}/end")
    assert known(world)[0].ended_at == NOW
    page = world.page("/console/links")
    assert "handed out until" in page
    assert way.code not in page, "nobody copies it any more"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines"])
def test_a_link_without_a_fit_name_is_not_made(desk_of_mira: World, name: str) -> None:
    answer = desk_of_mira.client.post("/console/links", data={"name": name})
    assert answer.status_code == 422
    assert "Say where it will be handed out" in answer.text
    assert known(desk_of_mira) == []


def test_a_language_that_we_do_not_speak_is_none(desk_of_mira: World) -> None:
    make(desk_of_mira, "Bus station", "xx")
    assert known(desk_of_mira)[0].language is None


@pytest.mark.parametrize(("language", "title"), [
    ("", "Jeni kthyer në Kosovë?"), ("sq", "Jeni kthyer në Kosovë?"), ("sr", "Vratili ste se na Kosovo?"),
    ("sr_Cyrl", "Вратили сте се на Косово?"), ("de", "Zurück in Kosovo?"), ("en", "Back in Kosovo?"),
])
def test_the_poster_is_in_the_wanted_language(desk_of_mira: World, language: str, title: str) -> None:
    way_id = make(desk_of_mira, "Reception centre", "sq")
    page = desk_of_mira.page(f"/console/links/{way_id}/poster" + (f"?language={language}" if language else ""))
    assert f"<h1>{title}</h1>" in page
    assert page.count("<svg") == 1 and "<script>" not in page
    assert f"t.me/centre_bot?start={known(desk_of_mira)[0].code}" in page


def test_a_poster_of_no_link_says_so(desk_of_mira: World) -> None:
    answer = desk_of_mira.client.get("/console/links/999/poster")
    assert answer.status_code == 404 and GONE in answer.text
