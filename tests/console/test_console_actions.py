"""What counsellors do, and what they are told when it does not work."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.console.actions import NOT_STORED
from storage import desk
from storage.store import StoreError
from storage.tables import Contact, Message, Note, Task, Ticket
from tests.support.rows import put

from .conftest import NOW, World


def post(world: World, name: str, action: str, **form: str) -> Any:
    path = f"/console/tickets/{world.tickets[name]}/{action}"
    return world.client.post(path, data=form, follow_redirects=False)


def said_by_counsellors(world: World) -> list[str]:
    return list(world.change(lambda connection: connection.scalars(
        select(Message.text).where(Message.author == "counsellor")).all()))


def test_claim_makes_the_chat_mine(desk_of_mira: World) -> None:
    world = desk_of_mira
    assert 'id="reply"' not in world.page(f"/console/tickets/{world.tickets['agon']}")
    assert post(world, "agon", "claim").status_code == 303
    html = world.page(f"/console/tickets/{world.tickets['agon']}")
    assert 'id="reply"' in html and "With you" in html


def test_who_loses_a_claim_is_told_who_has_it(desk_of_mira: World) -> None:
    answer = post(desk_of_mira, "besa", "claim")
    assert answer.status_code == 409
    assert "Arben Gashi already has this chat." in answer.text
    assert 'id="reply"' not in answer.text


def test_reply_sent_twice_is_stored_once(desk_of_mira: World) -> None:
    world = desk_of_mira
    key = re.search(r'name="key" value="([^"]+)"', world.page(f"/console/tickets/{world.tickets['vesna']}"))
    assert key
    for _ in range(2):
        answer = post(world, "vesna", "reply", text="Good\r\nmorning", key=key[1])
        assert answer.status_code == 303
    assert said_by_counsellors(world) == ["Good\nmorning"]


def test_refused_reply_says_why_and_keeps_text_and_key(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.desk.fails = "The person has blocked the bot. Try to call."
    answer = post(world, "vesna", "reply", text="A long <answer>", key="k1")
    assert answer.status_code == 409
    assert "The person has blocked the bot. Try to call." in answer.text
    assert "A long &lt;answer&gt;</textarea>" in answer.text
    assert 'value="k1"' in answer.text


def test_reply_to_a_chat_taken_over_meanwhile_keeps_the_text(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.desk.fails = "Arben Gashi has this chat now."
    answer = post(world, "besa", "reply", text="My answer", key="k1")
    assert answer.status_code == 409
    assert "Arben Gashi has this chat now." in answer.text and "My answer</textarea>" in answer.text


@pytest.mark.parametrize(("text", "says"), [("  ", "Write something first."), ("a" * 8001, "takes 8000")])
def test_a_reply_that_cannot_be_sent_is_explained(desk_of_mira: World, text: str, says: str) -> None:
    answer = post(desk_of_mira, "vesna", "reply", text=text, key="k1")
    assert answer.status_code == 422
    assert says in answer.text
    assert said_by_counsellors(desk_of_mira) == []


def test_a_full_disk_loses_no_text(desk_of_mira: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreError("OperationalError")

    monkeypatch.setattr(desk_of_mira.desk, "reply", full)
    answer = post(desk_of_mira, "vesna", "reply", text="My answer", key="k1")
    assert answer.status_code == 409
    assert NOT_STORED in answer.text and "My answer</textarea>" in answer.text


def test_note_is_for_colleagues(desk_of_mira: World) -> None:
    world = desk_of_mira
    assert post(world, "besa", "note", text="Call first").status_code == 303
    assert world.change(lambda connection: connection.scalars(select(Note.text)).all()) == ["Call first"]
    assert said_by_counsellors(world) == []
    assert "Note for colleagues, the person does not see it" in world.page(f"/console/tickets/{world.tickets['besa']}")


def test_close_needs_an_outcome(desk_of_mira: World) -> None:
    world = desk_of_mira
    answer = post(world, "vesna", "close", outcome="nonsense")
    assert answer.status_code == 422 and "Choose how the chat ended" in answer.text
    assert post(world, "vesna", "close", outcome="advised").status_code == 303
    state = world.change(lambda connection: connection.execute(
        select(Ticket.state, Ticket.outcome).where(Ticket.id == world.tickets["vesna"])).one())
    assert tuple(state) == ("closed", "advised")
    assert "Outcome: Advised." in world.page(f"/console/tickets/{world.tickets['vesna']}")


def test_done_tasks_leave_the_list(desk_of_mira: World) -> None:
    world = desk_of_mira
    task = world.change(lambda connection: connection.scalar(select(Task.id)))
    back = f"/console/people/{world.people['vesna']}"
    answer = world.client.post(f"/console/tasks/{task}/done", data={"back": back}, follow_redirects=False)
    assert answer.headers["location"] == back
    assert "Nothing is to do." in world.page("/console/tasks")
    again = world.change(lambda connection: desk.finish_task(connection, task, world.arben, world.clock.now()))
    assert again is None


def test_a_wrong_age_is_put_right_by_who_looks_after_it(desk_of_mira: World) -> None:
    world, besa = desk_of_mira, desk_of_mira.people["besa"]
    said = update(Contact).where(Contact.id == besa).values(is_minor=True)
    world.change(lambda connection: connection.execute(said))
    task = world.change(lambda connection: put(
        connection, Task, contact_id=besa, key="minor", kind="minor", area="general", about="Under age", opened_at=NOW))
    other = world.change(lambda connection: connection.scalar(select(Task.id).where(Task.kind == "question")))
    assert world.page("/console/tasks").count("Not under age") == 1
    for number in (task, other):
        assert world.client.post(f"/console/tasks/{number}/of-age", follow_redirects=False).status_code == 303
    page = world.page("/console/tasks")
    assert "Under age" not in page and "Is the school place sure?" in page
    young = select(Contact.is_minor).where(Contact.id == besa)
    assert world.change(lambda connection: connection.scalar(young)) is False


def test_a_refused_task_says_why(desk_of_mira: World) -> None:
    desk_of_mira.desk.fails = "This task is gone."
    answer = desk_of_mira.client.post("/console/tasks/1/done")
    assert answer.status_code == 409 and "This task is gone." in answer.text
