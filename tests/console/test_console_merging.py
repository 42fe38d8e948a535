"""Two records that turn out to be one person's: looked at side by side, made one, taken apart; and who may."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from storage import drawers, merging
from storage.tables import Audit, Contact, Message
from tests.support.rows import change

from .conftest import World, say
from .test_console_codes import another_browser


def merge(world: World, kept: str, other: str, client: TestClient | None = None) -> int:
    answer = (client or world.client).post(f"/console/people/{world.people[kept]}/merge",
                                           data={"other": world.people[other]}, follow_redirects=False)
    return answer.status_code


def known(world: World, who: str, **answers: str) -> None:
    contact_id = world.people[who]
    world.change(lambda connection: change(connection, Contact, contact_id, known=answers))
    world.change(lambda connection: drawers.file(connection, [(contact_id, answers)]))


def test_both_are_looked_at_before(desk_of_mira: World) -> None:
    world = desk_of_mira
    known(world, "vesna", name="Vesna Petrović", phone="+38344123456")
    known(world, "agon", name="Vesna P.", municipality="peje")
    page = world.page(f"/console/people/{world.people['vesna']}/merge?other={world.people['agon']}")
    assert "Vesna Petrović" in page and "Vesna P." in page and "Pejë" in page and "They are one person" in page
    read = world.change(lambda connection: connection.scalars(
        select(Audit.contact_id).where(Audit.action == "see_person")).all())
    assert world.people["agon"] in read


@pytest.mark.parametrize("other", ["999", "abc", "", "１", "-1"])
def test_a_number_that_is_nobodys(desk_of_mira: World, other: str) -> None:
    answer = desk_of_mira.client.get(f"/console/people/{desk_of_mira.people['vesna']}/merge", params={"other": other})
    assert answer.status_code == 404 and "Nobody has this number." in answer.text
    answer = desk_of_mira.client.post(f"/console/people/{desk_of_mira.people['vesna']}/merge", data={"other": other})
    assert answer.status_code in (404, 409) and "They are one person" not in answer.text


def test_one_page_one_thread_and_back(desk_of_mira: World) -> None:
    world = desk_of_mira
    vesna, agon = world.people["vesna"], world.people["agon"]
    assert merge(world, "vesna", "agon") == 303
    page = world.page(f"/console/people/{vesna}")
    assert f"Number {agon} is this person too" in page and "Mira Krasniqi" in page
    answer = world.client.get(f"/console/people/{agon}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/people/{vesna}")
    chat = world.page(f"/console/tickets/{world.tickets['vesna']}")
    assert "Message of agon" in chat and "Message of vesna" in chat
    closed = world.page(f"/console/tickets/{world.tickets['agon']}")
    assert "it goes on in the other chat of this person" in closed
    [joined] = world.change(lambda c: c.exec_driver_sql("SELECT id FROM merges").scalars().all())
    answer = world.client.post(f"/console/people/{vesna}/merges/{joined}/undo", follow_redirects=False)
    assert answer.status_code == 303
    assert world.client.get(f"/console/people/{agon}").status_code == 200
    assert "Message of agon" not in world.page(f"/console/tickets/{world.tickets['vesna']}")
    assert "was taken apart again" in world.page(f"/console/people/{vesna}")
    noted = world.change(lambda c: c.execute(
        select(Audit.action, Audit.contact_id, Audit.detail).where(Audit.action.in_(("merge", "unmerge")))).all())
    assert noted == [("merge", vesna, {"other": agon}), ("unmerge", vesna, {"other": agon})]
    again = world.client.post(f"/console/people/{vesna}/merges/{joined}/undo")
    assert again.status_code == 409 and "cannot be taken apart any more" in again.text


def test_each_message_says_how_it_came_where_there_are_several_ways(desk_of_mira: World) -> None:
    world = desk_of_mira
    vesna, agon = world.people["vesna"], world.people["agon"]
    world.change(lambda c: c.exec_driver_sql(f"UPDATE addresses SET channel = 'web' WHERE contact_id = {agon}"))
    world.change(lambda c: c.exec_driver_sql(f"UPDATE messages SET channel = 'web' WHERE contact_id = {agon}"))
    assert '<span class="by">' not in world.page(f"/console/tickets/{world.tickets['vesna']}")
    merge(world, "vesna", "agon")
    chat = world.page(f"/console/tickets/{world.tickets['vesna']}")
    assert '<span class="by">Web chat</span>' in chat and '<span class="by">Telegram</span>' in chat
    world.change(lambda c: say(c, vesna, "person", "One more", world.clock.now()))
    newest = world.change(lambda c: c.scalar(select(Message.id).order_by(Message.id.desc())))
    part = world.page(f"/console/tickets/{world.tickets['vesna']}/messages?after={newest - 1}")
    assert '<span class="by">Telegram</span>' in part


def test_who_may(desk_of_mira: World) -> None:
    """The counsellor who has had a chat with one of them, or a coordinator."""
    world = desk_of_mira
    answer = world.client.post(f"/console/people/{world.people['agon']}/merge", data={"other": world.people["dita"]})
    assert answer.status_code == 409 and "by a counsellor who has had a chat with the person" in answer.text
    assert "They are one person" not in answer.text
    assert world.client.get(f"/console/people/{world.people['dita']}").url.path.endswith(str(world.people["dita"]))
    coordinator = another_browser(world)
    world.sign_in("arben", coordinator)
    assert merge(world, "agon", "dita", coordinator) == 303
    [joined] = world.change(lambda c: c.exec_driver_sql("SELECT id FROM merges").scalars().all())
    assert world.client.post(f"/console/people/{world.people['agon']}/merges/{joined}/undo").status_code == 409


def test_who_may_be_the_same_is_offered(desk_of_mira: World) -> None:
    world = desk_of_mira
    known(world, "vesna", name="Vesna Petrović")
    known(world, "agon", name="Petrovic Vesna")
    page = world.page(f"/console/people/{world.people['vesna']}")
    assert f"Petrovic Vesna, number {world.people['agon']}" in page


def test_who_has_joined_two_apps_themselves_is_said(desk_of_mira: World) -> None:
    world = desk_of_mira
    vesna, agon = world.people["vesna"], world.people["agon"]
    world.change(lambda c: merging.merge(c, vesna, agon, None, world.clock.now()))
    assert "joined by the person, with a code" in world.page(f"/console/people/{vesna}")
