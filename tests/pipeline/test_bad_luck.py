"""Bad luck at the desk: two at once, somebody who has just gone, a colleague who leaves, a clock that goes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.receive.moves import Moves
from storage import contacts, moves, presence, staff
from storage.desk import DeskError
from storage.staff import CounsellorView
from tests.pipeline.test_sharing import hired
from tests.pipeline.test_ticket import COUNSELLOR, with_ticket
from tests.pipeline.world import Person, World


async def taken(world: World) -> Person:
    anna = await with_ticket(world)
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    return anna


async def view(world: World, counsellor_id: int) -> CounsellorView:
    found = await world.app.store.read(lambda connection: staff.get_counsellor(connection, counsellor_id))
    assert found is not None
    return found


async def refused(work: object) -> str:
    with pytest.raises(DeskError) as why:
        await work
    return str(why.value)


def by_counsellors(world: World) -> list[str]:
    return [text for (text,) in world.rows("SELECT text FROM messages WHERE author = 'counsellor' ORDER BY id")]


async def test_two_reply_in_the_same_second(world: World) -> None:
    """One has the chat; the other takes it over at the same moment. Whoever is second is told, and says nothing."""
    anna = await taken(world)
    [mira] = await hired(world, "mira")
    both = await asyncio.gather(
        world.staff.reply(anna.ticket(), COUNSELLOR, "from the first", "k1"),
        world.staff.reply(anna.ticket(), mira, "from the second", "k2"), return_exceptions=True)
    assert isinstance(both[0], int) and isinstance(both[1], DeskError) and "has this chat" in str(both[1])
    await Moves(world.app.store, world.clock).take_over(anna.ticket(), await view(world, mira), COUNSELLOR)
    assert "mira has this chat" in await refused(world.staff.reply(anna.ticket(), COUNSELLOR, "too late", "k3"))
    await world.settle()
    assert by_counsellors(world) == ["from the first"] == [one.text for one in anna.heard if "from the" in one.text]


async def test_a_reply_to_somebody_who_has_just_blocked_the_bot(world: World) -> None:
    anna = await taken(world)
    await anna.does(anna.stop())
    why = await refused(world.staff.reply(anna.ticket(), COUNSELLOR, "Are you there?", "k1"))
    assert "cannot be reached" in why and by_counsellors(world) == []


async def test_a_reply_that_is_under_way_when_somebody_blocks_us(world: World) -> None:
    """It has a fate, and the counsellor sees which."""
    anna = await taken(world)
    world.channel.gate = asyncio.Event()
    await world.staff.reply(anna.ticket(), COUNSELLOR, "one", "k1")
    await world.staff.reply(anna.ticket(), COUNSELLOR, "two", "k2")
    await world.handle(anna.stop())
    world.channel.gate.set()
    await world.settle()
    states = world.rows("SELECT text, state, error FROM messages WHERE author = 'counsellor' ORDER BY id")
    assert all(state == "sent" or (state == "failed" and error == "blocked") for _, state, error in states), states
    assert states[1][1] == "failed"


async def test_a_reply_to_somebody_who_has_just_left(world: World) -> None:
    anna = await taken(world)
    ticket = anna.ticket()
    await anna.taps("Leave the talk")
    why = await refused(world.staff.reply(ticket, COUNSELLOR, "Are you there?", "k1"))
    assert "closed" in why and by_counsellors(world) == []


async def test_a_reply_to_somebody_who_has_just_been_forgotten(world: World) -> None:
    anna = await taken(world)
    ticket, now = anna.ticket(), world.clock.now()
    await world.app.store.write(lambda connection: contacts.forget(connection, anna.id, now))
    assert "does not exist" in await refused(world.staff.reply(ticket, COUNSELLOR, "Are you there?", "k1"))
    me = await view(world, COUNSELLOR)
    chats = Moves(world.app.store, world.clock)
    for work in (chats.sleep(ticket, me, None), chats.consult(ticket, me, COUNSELLOR, "?"),
                 chats.hand_to_area(ticket, me, COUNSELLOR, "general", "x"), chats.take_over(ticket, me, 0)):
        assert "does not exist" in await refused(work)
    assert by_counsellors(world) == []


async def test_a_colleague_is_removed_while_a_chat_is_handed_to_them(world: World) -> None:
    anna = await taken(world)
    [mira] = await hired(world, "mira")
    now, me = world.clock.now(), await view(world, COUNSELLOR)
    await world.app.store.write(lambda connection: staff.remove_counsellor(connection, mira, now))
    chats = Moves(world.app.store, world.clock)
    assert "not in the team" in await refused(chats.hand_to(anna.ticket(), me, COUNSELLOR, mira, "x"))
    assert "not in the team" in await refused(chats.consult(anna.ticket(), me, mira, "x"))
    assert world.one("SELECT counsellor_id FROM tickets") == COUNSELLOR


async def test_a_counsellor_is_removed_while_holding_chats(world: World) -> None:
    """They go back with notice, and the next one is asked."""
    anna = await with_ticket(world)
    mira, jeta = await hired(world, "mira", "jeta")
    await world.staff.claim(anna.ticket(), mira)
    now = world.clock.now()

    def removed(connection: Connection) -> None:
        staff.remove_counsellor(connection, mira, now)
        moves.give_back(connection, mira, COUNSELLOR, "mira left the team", now)
        presence.say(connection, jeta, None, 8, now)

    await world.app.store.write(removed)
    await world.app.timers.rounds.run()
    assert world.rows("SELECT state, counsellor_id, offered_to FROM tickets") == [("waiting", None, jeta)]
    assert world.rows("SELECT reason FROM ticket_moves WHERE kind = 'back'") == [("mira left the team",)]


async def test_the_clock_goes_back_an_hour(world: World) -> None:
    """Nobody is lost, warned, woken or closed because of it, and what is said stays in order."""
    anna = await taken(world)
    now, me = world.clock.now(), await view(world, COUNSELLOR)
    await world.app.store.write(lambda connection: presence.say(connection, COUNSELLOR, None, 8, now))
    await world.staff.reply(anna.ticket(), COUNSELLOR, "one", "k1")
    world.clock.turn(-timedelta(hours=1))
    await world.staff.reply(anna.ticket(), COUNSELLOR, "two", "k2")
    await anna.says("three")
    await world.app.timers.rounds.run()
    await world.app.timers.rounds.end_silence()
    await world.settle()
    team = await world.app.store.read(presence.colleagues)
    assert [one.state(world.clock.now()) for one in team if one.id == COUNSELLOR] == ["here"]
    assert world.rows("SELECT state, counsellor_id, unread FROM tickets") == [("assigned", me.id, 1)]
    assert [one.text for one in anna.heard if one.text in ("one", "two")] == ["one", "two"]
