"""The coordinator's list of what nobody could answer: grouped, by week, without names, until it is settled."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from conversations.register import seed
from storage import contacts, facts, unanswered
from storage.tables import Audit, Unanswered

from .conftest import NOW, World
from .test_console_facts import form


@pytest.fixture
def coordinator(world: World) -> World:
    world.sign_in("arben")
    return world


def asked(world: World, text: str, language: str = "en", area: str | None = None, days: float = 0) -> None:
    when = NOW - timedelta(days=days)
    world.change(lambda c: unanswered.add(c, world.people["agon"], language, area, text, when))


def lines(page: str) -> list[str]:
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows if "<td" in row]


def settle(world: World, ids: list[int]) -> int:
    return world.client.post("/console/questions", data={"ids": ids}, follow_redirects=False).status_code


def test_nothing_is_open(coordinator: World) -> None:
    assert "No open questions." in coordinator.page("/console/questions")


def test_what_says_nearly_the_same_is_one_line_and_the_most_asked_stands_first(coordinator: World) -> None:
    asked(coordinator, "may I keep bees in the town", area="employment")
    asked(coordinator, "where is the swimming pool")
    asked(coordinator, "can I keep bees in town?", area="employment")
    found = lines(coordinator.page("/console/questions"))
    assert [line.split()[0] for line in found] == ["2×", "1×"]
    assert "bees" in found[0] and "Employment" in found[0] and "swimming" in found[1]


def test_each_week_stands_alone_the_newest_first(coordinator: World) -> None:
    asked(coordinator, "may I keep bees", days=7)
    asked(coordinator, "may I keep bees")
    page = coordinator.page("/console/questions")
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["Week of 23 November 2026", "Week of 16 November 2026"]


def test_what_is_settled_is_off_the_list_and_who_did_it_is_noted(coordinator: World) -> None:
    asked(coordinator, "may I keep bees")
    asked(coordinator, "where is the swimming pool")
    ids = coordinator.change(lambda c: list(c.scalars(select(Unanswered.id).order_by(Unanswered.id))))
    assert settle(coordinator, ids[:1]) == 303
    assert [line.split()[0] for line in lines(coordinator.page("/console/questions"))] == ["1×"]
    assert "bees" not in coordinator.page("/console/questions")
    noted = coordinator.change(lambda c: c.execute(select(Audit.action, Audit.detail)
                                                   .where(Audit.action == "settle_questions")).one())
    assert noted.detail == {"count": 1}


def test_settling_twice_or_nothing_changes_nothing(coordinator: World) -> None:
    asked(coordinator, "may I keep bees")
    ids = coordinator.change(lambda c: list(c.scalars(select(Unanswered.id))))
    assert settle(coordinator, []) == 303 and "bees" in coordinator.page("/console/questions")
    assert settle(coordinator, ids) == settle(coordinator, ids) == 303
    counts = coordinator.change(lambda c: [one["count"] for one in c.scalars(
        select(Audit.detail).where(Audit.action == "settle_questions").order_by(Audit.id))])
    assert counts == [0, 1, 0]


def test_who_is_forgotten_takes_their_questions_along(coordinator: World) -> None:
    asked(coordinator, "may I keep bees")
    coordinator.change(lambda c: contacts.forget(c, coordinator.people["agon"], NOW))
    assert "No open questions." in coordinator.page("/console/questions")


def test_the_words_are_locked(coordinator: World) -> None:
    asked(coordinator, "may I keep bees")
    stored = coordinator.change(lambda c: c.exec_driver_sql("SELECT text FROM unanswered").scalar_one())
    assert "bees" not in stored


# ------------------------------------------------------------------ a question becomes a fact


def areas(page: str, name: str) -> str:
    [found] = re.findall(rf'name="{name}"[^>]*>([^<]*)</textarea>', page)
    return unescape(found)


def test_a_group_fills_the_form_of_a_new_fact(coordinator: World) -> None:
    asked(coordinator, "Arı besleyebilir miyim", "tr")
    for text, language in (("Can I keep bees?", "en"), ("can I keep bees in town", "de"), ("Can I keep bees?", "en"),
                           ("Могу ли да држим пчеле у граду?", "sr")):
        asked(coordinator, text, language, area="employment")
    ids = coordinator.change(lambda c: list(c.scalars(select(Unanswered.id))))
    page = coordinator.page("/console/facts/new?" + "&".join(f"question={one}" for one in [*ids, 99, "x"]))
    assert areas(page, "question.en") == "Can I keep bees?" and areas(page, "question.sr") == ""
    assert areas(page, "asked.en") == "keep bees\nkeep bees town", "also what somebody wrote who has chosen German"
    assert areas(page, "asked.sr") == "držim pčele gradu" and areas(page, "asked.de") == ""
    assert '<option value="employment" selected>' in page and "The words of 5 open questions" in page
    assert page.count('name="settles"') == 5 and "asked.tr" not in page


def test_a_fact_that_is_there_is_chosen_by_its_question(coordinator: World) -> None:
    coordinator.change(lambda connection: facts.seed(connection, seed()))
    asked(coordinator, "flumph my life story please")
    [number] = coordinator.change(lambda c: list(c.scalars(select(Unanswered.id))))
    cv = seed().facts["employment.cv-help"]
    assert f'<option value="{cv.question["en"]}">' in coordinator.page("/console/questions")
    page = coordinator.client.get("/console/questions/belongs", params={
        "fact": cv.question["sq"].upper(), "question": number}).text
    assert areas(page, "asked.en").splitlines() == [*cv.asked["en"], "flumph life story"]
    typed = {**form(cv), "question.bs": "", "note": "Without Bosnian"}
    assert coordinator.client.post(f"/console/facts/of/{cv.id}", data=typed).status_code == 200
    for fact in ("bees", " "):
        nothing = coordinator.client.get("/console/questions/belongs", params={"fact": fact, "question": number})
        assert nothing.status_code == 404 and "Choose one from the list" in nothing.text and "flumph" in nothing.text


def test_words_that_are_there_already_settle_the_question_and_make_no_version(coordinator: World) -> None:
    coordinator.change(lambda connection: facts.seed(connection, seed()))
    asked(coordinator, "where is my resume")
    [number] = coordinator.change(lambda c: list(c.scalars(select(Unanswered.id))))
    fact = seed().facts["employment.cv-help"]
    done = coordinator.client.post(f"/console/facts/of/{fact.id}", data=form(fact, settles=str(number)),
                                   follow_redirects=False)
    assert done.status_code == 303 and "No open questions." in coordinator.page("/console/questions")
    assert coordinator.change(lambda c: facts.load(c, seed())).facts[fact.id].version == 1
