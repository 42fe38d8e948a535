"""The register in the console: read by all, changed by coordinators, version by version, and told again."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from conversations.register import Fact, seed
from conversations.register_file import from_toml, to_toml
from storage import facts, told
from storage.tables import Audit
from storage.tables import Fact as Stored

from .conftest import NOW, World

ONE = "migration.am-i-banned"


@pytest.fixture
def coordinator(world: World) -> World:
    world.change(lambda connection: facts.seed(connection, seed()))
    world.sign_in("arben")
    return world


def stored(world: World) -> Fact:
    found: Fact = world.change(lambda connection: facts.load(connection, seed())).facts[ONE]
    return found


def form(fact: Fact, **changes: Any) -> dict[str, str]:
    typed = {f"{name}.{one}": getattr(fact, name)[one] for name in ("question", "answer") for one in fact.question}
    typed |= {f"papers.{one}": "\n".join(items) for one, items in fact.papers.items()}
    typed |= {name: str(getattr(fact, name) or "") for name in (
        "state", "confidence", "source", "seen", "checked", "expires", "partner", "note", "version")}
    return {**typed, "do": "save", **changes}


def send(world: World, **changes: Any) -> Any:
    return world.client.post(f"/console/facts/of/{ONE}", data=form(stored(world), **changes), follow_redirects=False)


def actions(world: World) -> list[str]:
    return list(world.change(lambda connection: connection.scalars(select(Audit.action).order_by(Audit.id)).all()))


def test_the_list_says_what_to_check_within_two_weeks(coordinator: World) -> None:
    assert "No fact expires within two weeks." in coordinator.page("/console/facts")
    soon = NOW.date() + timedelta(days=14)
    assert send(coordinator, expires=str(soon)).status_code == 303
    page = coordinator.page("/console/facts")
    part = page.split("To check again within two weeks")[1].split("</section>")[0]
    assert part.count("<li>") == 1 and f"/console/facts/of/{ONE}" in part
    coordinator.clock.at += timedelta(days=14)
    coordinator.sign_in("arben")
    part = coordinator.page("/console/facts").split("To check again within two weeks")[1].split("</section>")[0]
    assert "Expired" in part


def test_a_change_is_the_next_version_with_who_and_what(coordinator: World) -> None:
    before = stored(coordinator)
    answer = before.answer["en"]
    assert send(coordinator, **{"answer.en": f"{answer} Ask a lawyer.", "state": "verified"}).status_code == 303
    now = stored(coordinator)
    assert (now.version, now.state, now.answer["en"]) == (2, "verified", f"{answer} Ask a lawyer.")
    assert now.answer["sq"] == before.answer["sq"] and now.expires == before.expires
    page = unescape(coordinator.page(f"/console/facts/of/{ONE}"))
    assert "Version 2" in page and "Version 1" in page and "Arben Gashi" in page
    assert "<ins>verified</ins>" in page and "<del>verify</del>" in page and "Ask a lawyer.</ins>" in page
    assert "change_fact" in actions(coordinator)


def test_a_language_without_a_field_stays_until_something_is_said_otherwise(coordinator: World) -> None:
    question, answer = stored(coordinator).question["tr"], stored(coordinator).answer["tr"]
    send(coordinator, note="Call the embassy")
    assert (stored(coordinator).question["tr"], stored(coordinator).answer["tr"]) == (question, answer)
    send(coordinator, **{"answer.en": "No.", "version": "2"})
    assert stored(coordinator).question["tr"] == question and "tr" not in stored(coordinator).answer


def test_a_preview_shows_each_language_and_script_and_keeps_nothing(coordinator: World) -> None:
    answer = send(coordinator, do="preview", **{"answer.sr": "Nova rečenica o zabrani."})
    page = unescape(answer.text)
    assert answer.status_code == 200 and "Nothing is kept yet." in page
    assert "Nova rečenica o zabrani." in page and "Нова реченица о забрани." in page
    assert stored(coordinator).version == 1


@pytest.mark.parametrize(("changes", "says"), [
    ({"answer.sq": ""}, "missing in sq"), ({"source": ""}, "has no source"), ({"state": "sure"}, "Its state is"),
    ({"expires": "soon"}, "Write the day as it is in the calendar"), ({"expires": "2026-11-23"}, "It expired on"),
    ({"checked": "2027-01-01"}, "still to come"), ({"confidence": "very"}, "Its confidence is"),
    ({"answer.en": "x" * 601}, "Shorten it"), ({"partner": "gone"}, "There is no partner"),
])
def test_what_is_wrong_is_said_and_what_was_typed_stays(coordinator: World, changes: Any, says: str) -> None:
    answer = send(coordinator, note="Call the embassy", **changes)
    page = unescape(answer.text)
    assert answer.status_code == 422 and says in page and "Call the embassy" in page
    assert stored(coordinator).version == 1


def test_who_was_slower_loses_nothing_and_overwrites_nothing(coordinator: World) -> None:
    assert send(coordinator, note="The first").status_code == 303
    late = send(coordinator, note="The second", version="1")
    assert late.status_code == 409 and "Somebody else has changed this fact" in late.text
    assert "The second" in late.text and stored(coordinator).note == "The first"
    assert 'name="version" value="2"' in late.text


def test_nothing_new_is_no_version(coordinator: World) -> None:
    answer = send(coordinator)
    assert "Nothing is different" in answer.text and stored(coordinator).version == 1


def test_a_counsellor_reads_and_changes_nothing(world: World) -> None:
    world.change(lambda connection: facts.seed(connection, seed()))
    world.sign_in("mira")
    page = world.page(f"/console/facts/of/{ONE}")
    assert "As people see it now" in page and "Save as a new version" not in page
    assert send(world, note="Mine").status_code == 403 and stored(world).version == 1


def test_a_fact_that_is_not_there(coordinator: World) -> None:
    answer = coordinator.client.get("/console/facts/of/none.such")
    assert answer.status_code == 404 and "There is no such fact." in answer.text


def test_it_says_who_was_told_an_older_version(coordinator: World) -> None:
    agon, dita, luan = (coordinator.people[name] for name in ("agon", "dita", "luan"))
    coordinator.change(lambda connection: told.note(connection, agon, [(ONE, 1)], NOW - timedelta(days=3)))
    coordinator.change(lambda connection: told.note(connection, dita, [(ONE, 1)], NOW - timedelta(days=91)))
    coordinator.change(lambda connection: told.note(connection, luan, [("migration.blue-card", 1)], NOW))
    assert "Who was told an older version" not in coordinator.page(f"/console/facts/of/{ONE}")
    send(coordinator, note="Changed")
    page = coordinator.page(f"/console/facts/of/{ONE}")
    assert "1 person was told something else" in page and f"/console/people/{agon}" in page
    assert f"/console/people/{dita}" not in page and f"/console/people/{luan}" not in page


def test_out_as_a_file_and_in_again(coordinator: World) -> None:
    send(coordinator, note="Ours")
    answer = coordinator.client.get("/console/facts/file")
    assert "attachment" in answer.headers["content-disposition"]
    brought = from_toml(answer.text)
    assert {one.id for one in brought} == seed().facts.keys()
    same = coordinator.client.post("/console/facts/file", data={"text": answer.text})
    assert f"0 of {len(brought)} facts were new or different" in same.text
    other = [one for one in brought if one.id == ONE]
    changed = to_toml(other).replace('note = "Ours"', 'note = "Theirs"')
    assert "1 of 1 facts" in coordinator.client.post("/console/facts/file", data={"text": changed}).text
    assert stored(coordinator).note == "Theirs" and stored(coordinator).version == 3
    assert "import_facts" in actions(coordinator)


@pytest.mark.parametrize("text", ["", "[[fact]", "[[fact]]\nid = 'x'\n", "nothing = 1"])
def test_a_file_that_is_wrong_changes_nothing(coordinator: World, text: str) -> None:
    answer = coordinator.client.post("/console/facts/file", data={"text": text})
    assert answer.status_code == 422 and "Nothing was kept." in answer.text
    assert coordinator.change(lambda connection: connection.scalars(select(Stored.id).where(Stored.edited)).all()) == []


# ------------------------------------------------------------------ how people ask, and new facts


def test_how_people_ask_is_kept_with_the_fact_and_shown_as_a_change(coordinator: World) -> None:
    before = stored(coordinator)
    assert send(coordinator, **{"asked.en": "entry  ban\n\nflumph*\nentry ban", "asked.sq": ""}).status_code == 303
    now = stored(coordinator)
    assert now.asked == {**{one: lines for one, lines in before.asked.items() if one != "sq"},
                         "en": ("entry ban", "flumph*")}
    page = unescape(coordinator.page(f"/console/facts/of/{ONE}"))
    assert "<dt>how people ask, en</dt>" in page and "flumph*</ins>" in page


def test_a_line_that_cannot_be_is_said_and_stays_in_the_form(coordinator: World) -> None:
    answer = send(coordinator, **{"asked.en": "how\nentry ban", "asked.de": "*sperre"})
    page = unescape(answer.text)
    assert answer.status_code == 422 and stored(coordinator).version == 1
    assert "“how” stands in nearly every message" in page and "“*sperre”: the star stands at the end" in page
    assert ">how\nentry ban</textarea>" in page


@pytest.mark.parametrize(("sentence", "says"), [
    ("zzyzx?", "It leads to no fact."), ("my flumph came", "(this fact)"), ("hello", "taken for a wish: to greet"),
    ("I want to kill myself", "a sign of danger"), ("resume", "It is answered with this:"),
])
def test_a_sentence_is_tried_with_what_stands_in_the_form(coordinator: World, sentence: str, says: str) -> None:
    answer = send(coordinator, do="try", **{"asked.en": "flumph*", "try": sentence, "try_in": "en", "note": "Stays"})
    page = unescape(answer.text).split('id="try-it"')[1].split("</fieldset>")[0]
    assert answer.status_code == 200 and says in page and f'value="{sentence}"' in page
    assert ("because of flumph" in page) == ("flumph" in sentence)
    assert 'value="Stays"' in answer.text and stored(coordinator).version == 1


def new(world: World, **changes: Any) -> Any:
    typed = {**form(seed().facts[ONE]), "area": "psychosocial", "name": "Bees & Bans", "seen": "2026", **changes}
    return world.client.post("/console/facts/new", data=typed, follow_redirects=False)


def test_a_new_fact_is_named_by_its_area_and_short_name(coordinator: World) -> None:
    assert "Half a year is usual" in coordinator.page("/console/facts/new")
    answer = new(coordinator, **{"question.en": "What of bees?"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/facts/of/psychosocial.bees-bans")
    page = coordinator.page("/console/facts/of/psychosocial.bees-bans")
    assert "What of bees?" in page and "Version 1" in page and "Arben Gashi" in page
    again = new(coordinator, note="Another")
    assert again.status_code == 422 and "There is a fact “psychosocial.bees-bans” already." in again.text
    assert 'value="Another"' in again.text and 'value="Bees &amp; Bans"' in again.text


@pytest.mark.parametrize(("changes", "says"), [
    ({"area": ""}, "Choose what it is about."), ({"name": "!"}, "Give it a short name"),
    ({"name": "x" * 60}, "short name is too long"), ({"answer.sr": ""}, "missing in sr"), ({"source": ""}, "no source"),
    ({"asked.en": "visa*", "asked.sq": "si"}, "“si” stands in nearly every message"),
    ({"seen": ""}, "Write the date"), ({"expires": ""}, "in the calendar"),
])
def test_a_new_fact_that_is_not_whole_is_not_kept_and_not_lost(coordinator: World, changes: Any, says: str) -> None:
    answer = new(coordinator, **{"answer.de": "Ein langer Entwurf", "settles": "7", **changes})
    page = unescape(answer.text)
    assert answer.status_code == 422 and says in page
    assert "Ein langer Entwurf</textarea>" in page and 'name="settles" value="7"' in page
    facts_now = coordinator.change(lambda connection: facts.load(connection, seed())).facts
    assert facts_now.keys() == seed().facts.keys()


def test_a_preview_and_a_trial_of_a_new_fact_keep_nothing(coordinator: World) -> None:
    shown = new(coordinator, do="preview")
    assert shown.status_code == 200 and "Nothing is kept yet." in shown.text and "As people see it then" in shown.text
    tried = new(coordinator, do="try", **{"asked.en": "flumph", "try": "my flumph", "try_in": "en"})
    assert "because of flumph" in tried.text and "(this fact)" in tried.text
    assert coordinator.client.get("/console/facts/of/psychosocial.bees-bans").status_code == 404


def test_what_each_language_lacks_is_listed_for_coordinators(coordinator: World) -> None:
    assert "Nothing is missing." in coordinator.page("/console/facts/languages")
    assert send(coordinator, **{"question.bs": "", "answer.bs": ""}).status_code == 303
    page = unescape(coordinator.page("/console/facts/languages"))
    bosnian = page[page.index("Bosanski"):page.index("Deutsch")]
    assert "1 fact lacks it" in bosnian and f"/console/facts/of/{ONE}" in bosnian
    assert page.count("lacks it") == 1 and "/console/facts/languages" in coordinator.page("/console/facts")
