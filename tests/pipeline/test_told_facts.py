"""Which facts people were told is known for 90 days, and a change is told to them; an edit is told from then on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from conversations.register import Fact, seed
from storage import dossier, facts, told
from tests.pipeline.world import Person, World

ONE = "reintegration.first-week"


async def asks(anna: Person) -> None:
    await anna.says("menu")
    await anna.taps("Settling in again")
    await anna.taps("Help after coming back")
    await anna.taps("My first week")


async def changes(world: World, **new: Any) -> Fact:
    """As a coordinator does it in the console."""
    def work(connection: Connection) -> Fact:
        fact = facts.load(connection, seed()).facts[ONE]
        return facts.save(connection, replace(fact, **new), None, world.clock.now())

    return await world.app.store.write(work)


async def who(world: World) -> list[tuple[int, int]]:
    found = await world.app.store.read(lambda connection: told.who(connection, ONE, world.clock.now()))
    return [(one.contact_id, one.version) for one in found]


async def knows(world: World, version: int) -> None:
    await world.until(lambda: world.app.receive.turns.knowledge.register.facts[ONE].version == version, "no news")


async def test_what_was_told_is_noted_with_its_version(world: World) -> None:
    anna = await world.person().agrees()
    assert await who(world) == []
    await asks(anna)
    assert await who(world) == [(anna.id, 1)]
    locked = await world.app.store.read(lambda connection: connection.scalar(text("SELECT fact FROM told_facts")))
    assert locked and "first-week" not in str(locked), "which fact somebody asked for tells of them"


async def test_an_edited_fact_is_told_at_once_and_with_its_new_version(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    await changes(world, answer={**seed().facts[ONE].answer, "en": "Go to the new office."})
    await knows(world, 2)
    await asks(anna)
    assert any("Go to the new office." in said for said in anna.texts)
    assert await who(world) == [(anna.id, 2)]


async def test_a_change_is_told_to_who_was_told_the_old_one_and_once(world: World) -> None:
    anna, bob = await world.person().agrees(), await world.person("bob").agrees()
    await asks(anna)
    await changes(world, answer={**seed().facts[ONE].answer, "en": "Go to the new office."})
    await knows(world, 2)
    heard = len(bob.texts)
    assert await world.app.tell_fact(ONE, 0) == 1
    await world.settle()
    assert "We told you something that has changed since." in "\n".join(anna.texts[-2:])
    assert "Go to the new office." in "\n".join(anna.texts[-2:]) and len(bob.texts) == heard
    assert await world.app.tell_fact(ONE, 0) == 0, "a second click tells nobody twice"


async def test_who_wants_no_messages_is_not_written_to(world: World) -> None:
    anna, bob, dea = [await world.person(name).agrees() for name in ("anna", "bob", "dea")]
    for person in (anna, bob, dea):
        await asks(person)
    await bob.says("stop")
    await dea.says("Talk to a counsellor")
    await changes(world, note="changed")
    await knows(world, 2)
    assert await world.app.tell_fact(ONE, 0) == 1
    still = await world.app.store.read(lambda connection: told.who(connection, ONE, world.clock.now()))
    assert {one.contact_id: one.version for one in still} == {anna.id: 2, bob.id: 1, dea.id: 1}


async def test_what_is_not_stated_is_not_noted(world: World) -> None:
    anna = await world.person().agrees()
    await changes(world, expires=world.clock.now().date())
    await knows(world, 2)
    await asks(anna)
    assert await who(world) == []


async def test_it_is_known_for_ninety_days(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    world.clock.turn(timedelta(days=90))
    assert await who(world) == []
    await world.app.timers.tidy()
    assert world.rows("SELECT id FROM told_facts") == []


async def test_it_is_in_their_file_and_goes_with_them(world: World) -> None:
    anna = await world.person().agrees()
    await asks(anna)
    everything = await world.app.store.read(lambda connection: dossier.everything(connection, anna.id))
    assert [row["fact"] for row in everything["told_facts"]] == [ONE]
    await anna.says("my data")
    await anna.taps("Delete everything")
    await anna.taps("Yes, delete it")
    assert world.rows("SELECT id FROM told_facts") == []
