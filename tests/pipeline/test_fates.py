"""What a platform tells of a message that it has taken, whenever and however often it tells it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.base import Fate
from bot.deliver.fates import LOOK_AGAIN, Fates
from storage import messages
from tests.pipeline.world import World

HIGHEST = {"sent": 0, "delivered": 1, "seen": 2}
_numbers = itertools.count(1)


async def sent(world: World, receipt: str) -> int:
    """A message that Viber has taken."""
    anna = await world.person().agrees()
    key = int(world.one("SELECT max(id) FROM messages WHERE author = 'bot'"))
    world.change("UPDATE messages SET channel = 'viber', external_id = ?, state = 'sent' WHERE id = ?", receipt, key)
    assert anna.id
    return key


def state(world: World, key: int) -> str:
    return str(world.one("SELECT state FROM messages WHERE id = ?", key))


def fates(world: World) -> Fates:
    return Fates(world.app.store, world.clock)


async def test_delivered_then_seen(world: World) -> None:
    key = await sent(world, "t1")
    await fates(world).note([Fate("viber", "t1", "delivered")])
    assert state(world, key) == "delivered"
    await fates(world).note([Fate("viber", "t1", "seen")])
    assert state(world, key) == "seen"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.sampled_from(["delivered", "seen"]), min_size=1, max_size=6))
async def test_in_whatever_order_the_furthest_stays(world: World, told: list[str]) -> None:
    receipt = f"r{next(_numbers)}"
    key = await sent(world, receipt)
    for one in told:
        await fates(world).note([Fate("viber", receipt, one)])
    assert state(world, key) == max(told, key=lambda one: HIGHEST[one])


async def test_the_outbox_does_not_take_it_back(world: World) -> None:
    """The note that it was sent comes a second time after a crash."""
    key = await sent(world, "t1")
    await fates(world).note([Fate("viber", "t1", "seen")])
    row = {"key": key, "external": "t2", "now": world.clock.now()}
    await world.app.store.write(lambda connection: messages.mark_sent(connection, [row]))
    assert state(world, key) == "seen"


async def test_failed_after_all_is_somebodys_task(world: World) -> None:
    key = await sent(world, "t1")
    await fates(world).note([Fate("viber", "t1", "failed", "not a Viber phone")])
    assert state(world, key) == "failed"
    assert world.one("SELECT error FROM messages WHERE id = ?", key) == "not a Viber phone"
    assert world.person().tasks() == ["failed"]
    await fates(world).note([Fate("viber", "t1", "delivered")])
    assert state(world, key) == "failed"


async def test_a_receipt_that_comes_before_our_own_note(world: World) -> None:
    """It is looked for again; the one that tells us of it does not wait."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            await sent(world, "early")

    early = Fates(world.app.store, world.clock, sleep)
    await early.note([Fate("viber", "early", "delivered")])
    await world.until(lambda: bool(world.rows("SELECT id FROM messages WHERE state = 'delivered'")), "it was lost")
    assert tuple(waited) == LOOK_AGAIN[:2]


@pytest.mark.parametrize("receipt", ["nobody's", ""])
async def test_a_receipt_of_nothing_ends(world: World, receipt: str) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    one = Fates(world.app.store, world.clock, sleep)
    await one.note([Fate("viber", receipt, "seen")])
    await world.until(lambda: not one._beside, "it looks for ever")
    assert tuple(waited) == LOOK_AGAIN


# ------------------------------------------------------------------ words that the person changes


async def test_new_words_are_those_of_the_message_that_they_change(world: World) -> None:
    """Also where both come at once; and a counsellor who has the chat has something new to look at."""
    anna = await world.person().agrees()
    await anna.taps("Talk to a counsellor")
    ticket = anna.ticket()
    await world.staff.claim(ticket, 1)
    first = replace(anna.message("Monday"), external_id="70")
    await anna.does(first, replace(anna.message("Tuesday"), external_id="70", edited=True))
    unread = world.one("SELECT unread FROM tickets WHERE id = ?", ticket)
    await anna.does(replace(anna.message("Friday"), external_id="70", edited=True, reply_to="12"))
    await anna.does(replace(anna.message("Of another"), external_id="71", edited=True))
    rows = world.rows("SELECT id, text, edits, reply_to FROM messages WHERE author = 'person' ORDER BY id DESC LIMIT 4")
    (_, other, lost, _), (_, friday, of_friday, quoted), (_, tuesday, of_tuesday, _), (key, monday, none, _) = rows
    assert (monday, tuesday, friday, other) == ("Monday", "Tuesday", "Friday", "Of another")
    assert (none, of_tuesday, of_friday, quoted) == (None, key, key, "12")
    assert lost is None, "what it changes came before our time: it stands for itself"
    assert world.one("SELECT unread FROM tickets WHERE id = ?", ticket) == unread + 2
