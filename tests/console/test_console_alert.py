"""Somebody needs a person now: every open page says so, loudly, and names nobody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from storage import desk, staff
from storage.tables import Run, Task, Ticket
from tests.support.rows import put

from .conftest import NOW, World, ago, handed_off, say, someone


def alert(world: World) -> str:
    return world.page("/console/alert")


def test_an_urgent_chat_that_nobody_has_is_on_every_page(desk_of_mira: World) -> None:
    world = desk_of_mira
    for path in ("/console", f"/console/tickets/{world.tickets['vesna']}"):
        page = world.page(path)
        assert "somebody needs you now" in page
        assert f'href="/console/tickets/{world.tickets["luan"]}">Open the chat' in page
    for path in ("/console/tasks", f"/console/people/{world.people['vesna']}"):
        page = world.page(path)
        assert 'id="alert"' in page and 'data-events="/console/events"' in page, "the script fetches it"


def test_nobody_is_sent_from_the_chat_to_itself(desk_of_mira: World) -> None:
    """It says so there too, and has no button: on a phone that takes the room of the chat."""
    world = desk_of_mira
    luan, vesna = world.tickets["luan"], world.tickets["vesna"]
    for path in (f"/console/tickets/{luan}", f"/console/alert?ticket={luan}"):
        page = world.page(path)
        assert "somebody needs you now" in page and ">Open the chat<" not in page
    assert f'href="/console/tickets/{luan}">Open the chat' in world.page(f"/console/alert?ticket={vesna}")


def test_it_says_neither_who_nor_why(desk_of_mira: World) -> None:
    found = alert(desk_of_mira)
    for word in ("Luan", "Message of", "psychosocial", "Psychosocial", "Albanian", "Asked"):
        assert word not in found


def test_it_counts_and_points_at_who_waits_longest(desk_of_mira: World) -> None:
    world = desk_of_mira

    def another(connection: object) -> int:
        person = someone(connection, "Teuta")
        return handed_off(connection, person, "psychosocial", ago(hours=1), urgent=True)

    teuta = world.change(another)
    found = alert(world)
    assert "2 people need you now" in found and f"/console/tickets/{teuta}" in found
    assert "1 h 0 min" in found


def test_it_goes_when_somebody_takes_the_chat(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.client.post(f"/console/tickets/{world.tickets['luan']}/claim")
    assert "you now" not in alert(world) and 'data-urgent="0"' in alert(world)


def test_it_comes_back_where_the_counsellor_does_not_look(desk_of_mira: World) -> None:
    """Taken and left alone: after two minutes everybody is asked again."""
    world = desk_of_mira
    luan = world.tickets["luan"]
    world.client.post(f"/console/tickets/{luan}/claim")
    world.change(lambda c: say(c, world.people["luan"], "counsellor", "Here", world.clock.now()))
    world.change(lambda c: say(c, world.people["luan"], "person", "Please", world.clock.now()))
    world.change(lambda c: c.execute(update(Ticket).where(Ticket.id == luan).values(
        unread=1, waiting_since=world.clock.now())))
    assert "you now" not in alert(world)
    world.clock.turn(timedelta(minutes=2))
    assert "somebody needs you now" in alert(world)
    world.page(f"/console/tickets/{luan}")
    assert "you now" not in alert(world)


def test_nobody_hears_of_it_without_signing_in(world: World) -> None:
    assert world.client.get("/console/alert", follow_redirects=False).status_code == 303


# ------------------------------------------------------------------ who comes first


def test_who_needs_somebody_today_comes_after_the_urgent_and_before_the_others(world: World) -> None:
    def care(connection: Connection) -> None:
        put(connection, Task, contact_id=world.people["agon"], key="care:1", kind="care", area="psychosocial",
            about="x", opened_at=NOW, due_at=NOW + timedelta(hours=6))

    world.change(care)
    items = world.change(lambda connection: desk.queue(connection, world.mira, "waiting")).items
    assert [one.name for one in items] == ["Luan", "Agon", "Dita"]
    world.sign_in()
    assert re.search(r"Agon.*?Until today, ", world.page("/console"), re.DOTALL)


# ------------------------------------------------------------------ the five questions


@pytest.mark.parametrize(("answer", "says"), [
    ("always", "100 of 100</dd>"), ("under_half", "40 of 100: low</dd>"), ("sometimes", "20 of 100: very low</dd>"),
])
def test_the_score_is_for_counsellors(desk_of_mira: World, answer: str, says: str) -> None:
    world = desk_of_mira
    world.change(lambda connection: staff.set_work(connection, world.mira, [staff.WALLED], ()))
    answers = dict.fromkeys(("mood", "calm", "energy", "rest", "interest"), answer)
    path = f"/console/tickets/{world.tickets['vesna']}"
    assert "Five questions" not in world.page(path)
    world.change(lambda connection: put(
        connection, Run, contact_id=world.people["vesna"], conversation="wellbeing", answers=answers, touched=2,
        started_at=ago(days=1), updated_at=ago(days=1), ended_at=ago(days=1)))
    for page in (world.page(path), world.page(f"/console/people/{world.people['vesna']}")):
        assert says in page and "Read by a human" in page
