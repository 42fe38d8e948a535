"""Everyone's cases: the search page and the searches that one keeps."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import event, select, text

from storage import closings, drawers, people
from storage.tables import Contact, SavedView

from .conftest import NOW, World, someone
from .test_console_codes import another_browser


def look_for(world: World, **form: Any) -> str:
    answer = world.client.post("/console/people", data=form)
    assert answer.status_code == 200
    return str(answer.text)


def names(html: str) -> list[str]:
    return re.findall(r'<a href="/console/people/\d+"><strong>([^<]+)', html)


def file_all(world: World) -> None:
    """The people of the fixtures are put straight into the tables: into their drawers, too."""
    world.change(lambda connection: drawers.file(
        connection, connection.execute(select(Contact.id, Contact.known)).all()))


def test_everybody_and_those_who_are_looked_for(desk_of_mira: World) -> None:
    world = desk_of_mira
    file_all(world)
    assert names(world.page("/console/people")) == ["Person 6", "Besa", "Vesna", "Luan", "Dita", "Agon"]
    html = look_for(world, words="ves")
    assert names(html) == ["Vesna"] and 'value="ves"' in html and "1 step overdue" not in html
    assert "Chat with Mira Krasniqi" in html and "Reintegration" in html and "Serbian" in html
    assert names(look_for(world, area="employment")) == ["Besa", "Agon"]
    assert names(look_for(world, language="de")) == ["Dita"]
    assert "Nobody is found" in look_for(world, words="zzz")
    assert names(look_for(world)) == names(world.page("/console/people")), "nothing is looked for: everybody"
    assert names(look_for(world, municipality="' OR 1", area="king", quiet="7")) != []


def test_the_list_says_whose_case_is_closed(desk_of_mira: World) -> None:
    world = desk_of_mira
    file_all(world)
    assert "Case closed" not in world.page("/console/people")
    [who] = re.findall(r'people/(\d+)"><strong>Vesna', world.page("/console/people"))
    world.change(lambda connection: closings.close(connection, int(who), "goal", "", world.mira, NOW))
    assert "Case closed" in look_for(world, words="ves") and world.page("/console/people").count("Case closed") == 1
    world.change(lambda connection: closings.reopen(connection, int(who), NOW))
    assert "Case closed" not in world.page("/console/people")


def test_no_name_stands_in_an_address(desk_of_mira: World) -> None:
    answer = desk_of_mira.client.post("/console/people", data={"words": "Vesna"}, follow_redirects=False)
    assert answer.status_code == 303 and re.fullmatch(r"/console/people\?view=\d+", answer.headers["location"])
    stored = desk_of_mira.change(lambda connection: connection.scalar(text("SELECT wanted FROM saved_views")))
    assert "Vesna" not in stored and "esna" not in stored, "and none unlocked in the database"


def test_searches_are_kept_by_name_and_are_ones_own(desk_of_mira: World) -> None:
    world = desk_of_mira
    look_for(world, area="employment")
    [last] = world.change(lambda connection: people.views(connection, world.mira))
    kept = world.client.post("/console/people/views", data={"name": " Work  chats ", "view": last.id})
    assert "Work chats" in kept.text and names(kept.text) == ["Besa", "Agon"]
    look_for(world, language="de")
    assert 'aria-current="true">Work chats' not in world.page("/console/people")
    view = world.change(lambda connection: connection.scalar(select(SavedView.id).where(SavedView.name != "")))
    assert names(world.page(f"/console/people?view={view}")) == ["Besa", "Agon"]
    arben = another_browser(world)
    world.sign_in("arben", arben)
    assert "Work chats" not in arben.get(f"/console/people?view={view}").text
    arben.post(f"/console/people/views/{view}/drop")
    assert "Work chats" in world.page("/console/people"), "nobody takes away another's"
    world.client.post(f"/console/people/views/{view}/drop")
    assert "Work chats" not in world.page("/console/people")


def test_a_search_without_a_name_is_not_kept(desk_of_mira: World) -> None:
    look_for(desk_of_mira, area="employment")
    for name in ("", "x" * 61):
        answer = desk_of_mira.client.post("/console/people/views", data={"name": name, "view": 1})
        assert answer.status_code == 422 and "Give the search a name" in answer.text


def test_pages_of_people(desk_of_mira: World) -> None:
    world = desk_of_mira
    for number in range(people.PAGE):
        world.change(lambda c, n=number: someone(c, f"New {n}"))
    first = world.page("/console/people")
    [more] = re.findall(r'href="(/console/people\?before=\d+)"', first)
    second = world.page(more)
    assert len(names(first)) == people.PAGE and names(second)[-1] == "Agon"
    assert len(names(second)) == 6


def test_a_person_who_cannot_be_read_is_on_the_list(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.change(lambda connection: connection.execute(
        text("UPDATE contacts SET known = 'AAAA' || known WHERE id = :one"), {"one": world.people["dita"]}))
    world.change(lambda connection: connection.execute(text("UPDATE messages SET text = 'AAAA' || text")))
    for path in ("/console", "/console/tasks", "/console/day"):
        assert "Vesna" in world.page(path) or "Agon" in world.page(path), path
    html = world.page("/console/people")
    assert "cannot be read" in html and names(html)[-2:] == [f"Person {world.people['dita']}", "Agon"]


def test_more_people_need_no_more_questions(desk_of_mira: World) -> None:
    world, seen = desk_of_mira, []
    event.listen(world.store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    world.page("/console/people")
    first = len(seen)
    for number in range(30):
        world.change(lambda c, n=number: someone(c, f"New {n}"))
    seen.clear()
    world.page("/console/people")
    assert len(seen) == first
