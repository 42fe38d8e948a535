"""Taking over, handing on, asking a colleague, letting sleep: what pages offer, do, and say where it is not done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.receive.moves import Moves
from storage import moves, tickets
from storage.tables import Audit, Ticket, TicketMove

from .conftest import NOW, World
from .test_console_codes import another_browser


def post(world: World, name: str, action: str, **form: object) -> Any:
    path = f"/console/tickets/{world.tickets[name]}/{action}"
    return world.client.post(path, data={key: str(value) for key, value in form.items()}, follow_redirects=False)


def row(world: World, name: str) -> Any:
    columns = Ticket.__table__.columns
    return world.change(lambda connection: connection.execute(
        select(*columns).where(Ticket.id == world.tickets[name])).one())


def kinds(world: World, name: str) -> list[str]:
    return list(world.change(lambda connection: connection.scalars(
        select(TicketMove.kind).where(TicketMove.ticket_id == world.tickets[name]).order_by(TicketMove.id)).all()))


def chat(world: World, name: str) -> str:
    return world.page(f"/console/tickets/{world.tickets[name]}")


def test_take_over_says_why_and_stands_in_the_history(desk_of_mira: World) -> None:
    world = desk_of_mira
    assert "take it over" in chat(world, "besa")
    assert post(world, "besa", "take-over", seen=world.arben, reason="Arben is ill <today>").status_code == 303
    html = chat(world, "besa")
    assert "With you" in html and "Mira Krasniqi took the chat over" in html and "Arben is ill &lt;today&gt;" in html
    assert kinds(world, "besa") == ["take_over"]


def test_who_takes_over_from_an_old_page_is_told_who_has_it(desk_of_mira: World) -> None:
    """The page showed it with Arben; meanwhile Jeta has taken it."""
    world = desk_of_mira
    other = world.mira + 100
    answer = post(world, "besa", "take-over", seen=other)
    assert answer.status_code == 409 and "Arben Gashi has this chat now." in answer.text
    assert row(world, "besa").counsellor_id == world.arben and kinds(world, "besa") == []


def test_hand_on_to_a_colleague(desk_of_mira: World) -> None:
    world = desk_of_mira
    form = {"seen": world.mira, "to": f"colleague:{world.arben}", "reason": "You know the school"}
    assert post(world, "vesna", "transfer", **form).status_code == 303
    html = chat(world, "vesna")
    assert "With Arben Gashi" in html and "handed the chat to Arben Gashi" in html and "You know the school" in html
    assert row(world, "vesna").unread > 0, "nobody would see that it is new"
    again = post(world, "vesna", "transfer", **form)
    assert again.status_code == 409 and "Arben Gashi has this chat now." in again.text


def test_hand_on_to_an_area_makes_it_wait(desk_of_mira: World) -> None:
    world = desk_of_mira
    answer = post(world, "vesna", "transfer", seen=world.mira, to="area:migration", reason="It is about a visa")
    assert answer.status_code == 303
    now = row(world, "vesna")
    assert (now.state, now.area, now.counsellor_id) == ("waiting", "migration", None)
    assert "Vesna" in world.page("/console?tab=waiting")
    assert world.change(lambda connection: tickets.claim(connection, world.tickets["vesna"], world.arben, NOW))


@pytest.mark.parametrize(("form", "says"), [
    ({"to": "", "reason": "x"}, "Choose to whom"), ({"to": "area:nowhere", "reason": "x"}, "Choose to whom"),
    ({"to": "area:migration", "reason": " "}, "Write something first."),
    ({"to": "colleague:99", "reason": "x"}, "not in the team any more"),
    ({"to": "colleague:" + "9" * 40, "reason": "x"}, "Choose to whom"),
    ({"to": "area:migration", "reason": "y" * 501}, "501 characters"),
])
def test_a_hand_over_that_does_not_fit_is_explained(desk_of_mira: World, form: dict[str, str], says: str) -> None:
    world = desk_of_mira
    answer = post(world, "vesna", "transfer", seen=world.mira, **form)
    assert answer.status_code in (409, 422) and says in answer.text
    assert row(world, "vesna").counsellor_id == world.mira and kinds(world, "vesna") == []


def test_only_who_distributes_hands_on_what_is_not_theirs(desk_of_mira: World) -> None:
    """Mira may not; Arben, the coordinator, gives a waiting chat to her."""
    world = desk_of_mira
    refused = post(world, "besa", "transfer", seen=world.arben, to=f"colleague:{world.mira}", reason="mine")
    assert refused.status_code == 409 and "or a coordinator" in refused.text
    arben = another_browser(world)
    world.sign_in("arben", arben)
    path = f"/console/tickets/{world.tickets['agon']}/transfer"
    form = {"seen": "0", "to": f"colleague:{world.mira}", "reason": "You speak with him"}
    assert arben.post(path, data=form, follow_redirects=False).status_code == 303
    assert row(world, "agon").counsellor_id == world.mira
    late = arben.post(path, data={**form, "to": f"colleague:{world.arben}"}, follow_redirects=False)
    assert late.status_code == 409 and "Mira Krasniqi has this chat now." in late.text


def test_a_colleague_is_asked_and_the_chat_stays(desk_of_mira: World) -> None:
    world = desk_of_mira
    answer = post(world, "vesna", "consult", colleague=world.arben, text="Is a school place free?")
    assert answer.status_code == 303 and row(world, "vesna").counsellor_id == world.mira
    arben = another_browser(world)
    world.sign_in("arben", arben)
    queue = arben.get("/console?tab=mine").text
    assert "Vesna" in queue and "You are asked" in queue and 'data-attention="4"' in queue
    page = arben.get(f"/console/tickets/{world.tickets['vesna']}").text
    assert "asks you: Is a school place free?" in page and 'id="reply"' not in page
    again = post(world, "vesna", "consult", colleague=world.arben, text="And now?")
    assert again.status_code == 409 and "asked Arben Gashi already" in again.text


def test_the_answer_of_a_colleague_is_something_new(desk_of_mira: World) -> None:
    world = desk_of_mira
    post(world, "vesna", "consult", colleague=world.arben, text="Is a school place free?")
    chat(world, "vesna")
    assert row(world, "vesna").unread == 0
    world.change(lambda connection: moves.answered(connection, world.tickets["vesna"], world.arben, NOW))
    assert row(world, "vesna").unread == 1
    assert world.change(lambda connection: moves.consults(connection, world.tickets["vesna"])) == []


EIGHT_IN_PRISTINA = datetime(2026, 12, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(("until", "wakes"), [("", None), ("2026-12-01", EIGHT_IN_PRISTINA)])
def test_a_chat_sleeps(desk_of_mira: World, until: str, wakes: datetime | None) -> None:
    world = desk_of_mira
    assert post(world, "vesna", "sleep", until=until).status_code == 303
    now = row(world, "vesna")
    assert (now.asleep_at, now.wakes_at) == (world.clock.now(), wakes)
    assert "Asleep" in chat(world, "vesna") and "asleep" in world.page("/console?tab=mine")
    assert post(world, "vesna", "wake").status_code == 303
    assert row(world, "vesna").asleep_at is None and kinds(world, "vesna") == ["sleep", "wake"]


@pytest.mark.parametrize("until", ["yesterday", "2026-11-23", "2026-01-01", "2099-01-01", "2026-13-40"])
def test_a_day_that_does_not_fit_is_explained(desk_of_mira: World, until: str) -> None:
    world = desk_of_mira
    answer = post(world, "vesna", "sleep", until=until)
    assert answer.status_code == 422 and "Choose a day from tomorrow on" in answer.text
    assert row(world, "vesna").asleep_at is None


@pytest.mark.asyncio
async def test_the_clock_wakes_what_is_due(desk_of_mira: World) -> None:
    world = desk_of_mira
    rounds = Moves(world.store, world.clock)
    post(world, "vesna", "sleep", until="2026-11-25")
    world.clock.turn(timedelta(days=1))
    assert await rounds.wake_who_is_due() == 0
    world.clock.turn(timedelta(days=1))
    assert await rounds.wake_who_is_due() == 1 and await rounds.wake_who_is_due() == 0
    now = row(world, "vesna")
    assert now.asleep_at is None and now.unread == 1 and kinds(world, "vesna") == ["sleep", "wake"]


def test_what_sleeps_comes_last(desk_of_mira: World) -> None:
    world = desk_of_mira
    post(world, "besa", "take-over", seen=world.arben)
    post(world, "vesna", "sleep")
    html = world.page("/console?tab=mine")
    assert html.index("Besa") < html.index("Vesna")


def test_the_chats_of_a_removed_colleague_come_back_with_notice(world: World) -> None:
    world.sign_in("arben")
    world.change(lambda connection: moves.note(
        connection, tickets.get(connection, world.tickets["besa"]), "consult", NOW, world.arben, world.mira))
    world.client.post(f"/console/team/{world.mira}/remove")
    assert row(world, "vesna").state == "waiting"
    html = chat(world, "vesna")
    assert "The chat waits again" in html and "Mira Krasniqi left the team" in html
    assert world.change(lambda connection: moves.consults(connection, world.tickets["besa"])) == []


def test_the_moves_are_in_the_record(desk_of_mira: World) -> None:
    world = desk_of_mira
    post(world, "besa", "take-over", seen=world.arben)
    post(world, "besa", "consult", colleague=world.arben, text="Why?")
    post(world, "besa", "sleep")
    post(world, "besa", "transfer", seen=world.mira, to="area:general", reason="x")
    actions = world.change(lambda connection: connection.scalars(
        select(Audit.action).where(Audit.contact_id == world.people["besa"])).all())
    assert [one for one in actions if not one.startswith("see_")] == ["take_over", "consult", "sleep", "transfer"]


def test_a_reason_to_close_is_kept_when_the_outcome_is_missing(desk_of_mira: World) -> None:
    answer = post(desk_of_mira, "vesna", "close", outcome="", reason="She has all papers")
    assert answer.status_code == 422 and 'value="She has all papers"' in answer.text
