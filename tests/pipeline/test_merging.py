"""Two records become one while the person writes on both channels: no word is lost, no answer goes astray."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import insert

from bot.channels.base import Blocked, Retry
from storage import merging
from storage.desk import DeskError
from storage.tables import Counsellor
from tests.pipeline.test_consent import decides
from tests.pipeline.test_forget import found
from tests.pipeline.world import NOW, Person, World

COUNSELLOR = 7


async def two(world: World) -> tuple[Person, Person]:
    row = insert(Counsellor).values(id=COUNSELLOR, login="mira", name="Mira", role="counsellor", password_hash="",
                                    created_at=NOW)
    await world.app.store.write(lambda connection: connection.execute(row))
    again = await world.person("anna2").agrees()
    await world.turn(minutes=5)
    return await world.person("anna").begins_intake(), again


async def merge(world: World, kept: int, other: int) -> int:
    return await world.app.store.write(
        partial(merging.merge, kept_id=kept, other_id=other, counsellor_id=COUNSELLOR, now=world.clock.now()))


async def undo(world: World, kept: int, merge_id: int) -> int:
    return await world.app.store.write(
        partial(merging.undo, kept_id=kept, merge_id=merge_id, counsellor_id=COUNSELLOR, now=world.clock.now()))


async def test_what_comes_meanwhile_is_in_the_one_thread_and_answered_where_it_came(world: World) -> None:
    anna, again = await two(world)
    kept, other = anna.id, again.id
    heard = len(anna.heard), len(again.heard)
    both = [(person, f"word {number}") for number in range(10) for person in (anna, again)]
    await asyncio.gather(*(world.handle(person.message(text)) for person, text in both[:10]),
                         merge(world, kept, other),
                         *(world.handle(person.message(text)) for person, text in both[10:]))
    await world.settle()
    said = world.rows("SELECT text, address FROM messages WHERE contact_id = ? AND author = 'person'"
                      " AND text LIKE 'word%' ORDER BY id", kept)
    assert sorted(said) == sorted((text, person.address) for person, text in both)
    assert world.rows("SELECT id FROM contacts") == [(kept,)]
    assert len(anna.heard) > heard[0] and len(again.heard) > heard[1], "each channel was answered"
    assert world.rows("SELECT 1 FROM messages WHERE state = 'queued'") == []


async def test_a_talk_with_a_counsellor_goes_on_where_the_person_wrote_last(world: World) -> None:
    anna, again = await two(world)
    await anna.says("I want to talk to a human")
    ticket = anna.ticket()
    await world.staff.claim(ticket, COUNSELLOR)
    await merge(world, anna.id, again.id)
    await world.turn(minutes=1)
    await again.says("It is me")
    await world.staff.reply(ticket, COUNSELLOR, "I see you here", "k1")
    await world.settle()
    assert "I see you here" in again.last.text


async def test_what_was_on_its_way_has_its_fate(world: World) -> None:
    """It was queued for the record that is gone; where it cannot arrive any more it comes to the other app."""
    anna, again = await two(world)
    kept, other = anna.id, again.id
    world.channel.fails("anna2", Retry("busy"), Blocked("forbidden"))
    await again.says("hello")
    await merge(world, kept, other)
    before = len(anna.heard)
    await world.turn(minutes=1)
    assert len(anna.heard) == before + 1
    assert world.rows("SELECT DISTINCT contact_id FROM messages WHERE state = 'sent'") == [(kept,)]
    assert world.rows("SELECT state, address FROM messages WHERE state <> 'sent' AND author = 'bot'") == [
        ("failed", "anna2")]
    [(blocked,)] = world.rows("SELECT blocked_at FROM addresses WHERE address = 'anna2'")
    assert blocked is not None


async def test_delete_everything_said_on_one_channel_deletes_both(world: World) -> None:
    anna, again = await two(world)
    await again.says("a secret word zylfije")
    await merge(world, anna.id, again.id)
    await anna.says("my data")
    await anna.taps("Delete everything")
    await anna.taps("Yes, delete it")
    assert found(world, "zylfije") == [] and world.rows("SELECT 1 FROM merges") == []


async def test_what_is_taken_back_is_not_kept_for_a_way_back(world: World) -> None:
    anna, again = await two(world)
    await anna.says("Zylfije Berisha")
    new = await merge(world, again.id, anna.id)
    assert found(world, "Zylfije Berisha") != []
    await decides(anna, "Keep my answers", "No, do not keep it")
    assert not any(one.startswith(("merges.", "contacts.")) for one in found(world, "Zylfije Berisha"))
    with pytest.raises(DeskError):
        await undo(world, again.id, new)
