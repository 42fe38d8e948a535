"""Who writes again soon after a talk goes on with the same counsellor; what sleeps wakes with the person's word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.receive.moves import Moves
from storage import contacts, dossier, staff
from tests.pipeline.test_ticket import COUNSELLOR, with_ticket
from tests.pipeline.world import Person, World


async def closed(world: World) -> Person:
    anna = await with_ticket(world)
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised", "the papers are complete")
    await world.settle()
    return anna


def moves(world: World) -> list[str]:
    return [kind for (kind,) in world.rows("SELECT kind FROM ticket_moves ORDER BY id")]


async def test_words_instead_of_a_rating_open_the_same_talk_again(world: World) -> None:
    anna = await closed(world)
    await anna.says("One more question")
    assert world.rows("SELECT state, counsellor_id, closed_at, closed_by, unread FROM tickets") == [
        ("assigned", COUNSELLOR, None, None, 1)]
    assert moves(world) == ["claim", "close", "reopen"]
    assert await anna.says("Are you there?") == [], "a human has the chat: the bot is silent"


async def test_so_does_asking_for_a_person(world: World) -> None:
    anna = await closed(world)
    await anna.taps("A little")
    await world.turn(hours=23)
    await anna.taps("Talk to a counsellor")
    assert world.rows("SELECT state, counsellor_id, rating FROM tickets") == [("assigned", COUNSELLOR, "partly")]


async def test_a_day_later_it_is_a_new_talk(world: World) -> None:
    anna = await closed(world)
    await world.turn(hours=25)
    await anna.says("One more question")
    assert world.rows("SELECT state, counsellor_id FROM tickets ORDER BY id") == [
        ("closed", COUNSELLOR), ("waiting", None)]


async def test_where_the_counsellor_has_left_it_waits_for_another(world: World) -> None:
    anna = await closed(world)
    now = world.clock.now()
    await world.app.store.write(lambda connection: staff.remove_counsellor(connection, COUNSELLOR, now))
    await anna.says("One more question")
    assert world.rows("SELECT state, counsellor_id FROM tickets") == [("waiting", None)]


async def test_a_talk_about_danger_is_not_opened_again(world: World) -> None:
    """The next talk begins with a card of its own."""
    anna = await with_ticket(world)
    await anna.says("I want to kill myself")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")
    await anna.says("I want to kill myself")
    assert "112" in anna.last.text or "112" in anna.heard[-2].text
    assert world.rows("SELECT state, urgent FROM tickets ORDER BY id") == [("closed", 1), ("waiting", 1)]


@pytest.mark.parametrize("words", ["hello again", "I want to kill myself"])
async def test_what_sleeps_wakes_with_the_persons_word(world: World, words: str) -> None:
    anna = await with_ticket(world)
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    me = await world.app.store.read(lambda connection: staff.get_counsellor(connection, COUNSELLOR))
    assert me is not None
    chats = Moves(world.app.store, world.clock)
    await chats.sleep(anna.ticket(), me, world.clock.now() + timedelta(days=3))
    assert world.one("SELECT asleep_at IS NOT NULL FROM tickets") == 1
    await anna.says(words)
    assert world.rows("SELECT asleep_at, wakes_at, unread, state FROM tickets") == [(None, None, 1, "assigned")]


async def test_what_was_done_with_a_chat_goes_with_the_person(world: World) -> None:
    anna = await closed(world)
    kept = world.rows("SELECT reason FROM ticket_moves ORDER BY id")
    assert kept == [("",), ("the papers are complete",)]
    file = await world.app.store.read(lambda connection: dossier.everything(connection, anna.id))
    assert [row["reason"] for row in file["ticket_moves"]] == ["", "the papers are complete"]
    names = {name for rows in file.values() for row in rows for name in row}
    assert not names & {"by_id", "to_id", "offered_to", "counsellor_id"}, "who of the team did it is about the team"
    now = world.clock.now()
    await world.app.store.write(lambda connection: contacts.forget(connection, anna.id, now))
    assert world.one("SELECT count(*) FROM ticket_moves") == 0


async def test_what_is_urgent_is_everybodys(world: World) -> None:
    """The counsellor of the last talk may not be there: an urgent one begins anew, and wakes the whole team."""
    anna = await closed(world)
    await anna.taps("I need help now")
    assert world.rows("SELECT state, urgent, counsellor_id FROM tickets ORDER BY id") == [
        ("closed", 0, COUNSELLOR), ("waiting", 1, None)]
