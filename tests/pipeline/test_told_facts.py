"""Which facts people were told is known for 90 days, and a change is told to them; an edit is told from then on."""

from __future__ import annotations

import asyncio
import gc
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from conversations.register import Fact, Register, seed
from conversations.understanding import Reader, reader_for
from storage import dossier, facts, staff, tickets, told
from tests.pipeline.world import NOW, Person, World

ONE = "reintegration.first-week"
PATIENCE = 20


async def mira(world: World) -> int:
    return await world.app.store.write(
        lambda connection: staff.add_counsellor(connection, "mira", "Mira", "counsellor", "kept in a blue folder", NOW))


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
    await world.sweep()
    assert anna.last.text.endswith("Here is something new for you."), "a locked screen shows nothing of it"
    await anna.taps("Show it")
    said = "\n".join(anna.texts[-3:])
    assert "This is how it is now" in said and "Go to the new office." in said and len(bob.texts) == heard
    assert await world.app.tell_fact(ONE, 0) == 0, "a second click tells nobody twice"


async def test_who_wants_no_messages_is_not_written_to(world: World) -> None:
    anna, bob, dea = [await world.person(name).agrees() for name in ("anna", "bob", "dea")]
    for person in (anna, bob, dea):
        await asks(person)
    await bob.says("stop")
    await dea.says("Talk to a counsellor")
    await changes(world, note="changed")
    await knows(world, 2)
    assert await world.app.tell_fact(ONE, 0) == 2
    heard = len(dea.texts)
    await world.sweep()
    assert len(dea.texts) == heard, "it waits for the end of the talk"
    still = await world.app.store.read(lambda connection: told.who(connection, ONE, world.clock.now()))
    assert {one.contact_id: one.version for one in still} == {anna.id: 2, bob.id: 1, dea.id: 2}


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


async def test_it_is_one_message_of_ours_a_day(world: World) -> None:
    """Where we have written today already, a change waits for tomorrow; two changes come as one."""
    anna = await world.person().agrees()
    await asks(anna)
    await changes(world, note="changed")
    await knows(world, 2)
    await anna.says("menu")
    await world.remind_at(anna, world.clock.now())
    await world.sweep()
    assert "We have a short question for you" in anna.last.text
    assert await world.app.tell_fact(ONE, 0) == 1
    heard = len(anna.texts)
    await world.sweep()
    assert len(anna.texts) == heard
    await world.turn(days=1)
    await world.sweep()
    assert len(anna.texts) == heard + 1 and "something new" in anna.last.text


async def test_who_asked_about_what_nobody_could_say_is_told_when_somebody_has_confirmed_it(world: World) -> None:
    """The bot has promised it. The task is done with it; who wants no messages stays a task."""
    by, anna, bob = await mira(world), await world.person().agrees(), await world.person("bob").agrees()
    await changes(world, expires=world.clock.now().date())
    await knows(world, 2)
    for person in (anna, bob):
        await asks(person)
    assert anna.tasks() == bob.tasks() == ["fact"]
    await bob.says("stop")
    await changes(world, expires=world.clock.now().date() + timedelta(days=90))
    await knows(world, 3)
    assert await world.app.answer_facts([ONE], by) == 1
    await world.sweep()
    await anna.taps("Show it")
    assert seed().facts[ONE].answer["en"] in "\n".join(anna.texts[-3:])
    left = "SELECT contact_id FROM tasks WHERE kind = 'fact' AND done_at IS NULL"
    assert [row[0] for row in world.rows(left)] == [bob.id]
    assert await world.app.answer_facts([ONE], by) == 0


async def test_hidden_help_that_a_counsellor_confirms_is_told(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    task = {"contact_id": anna.id, "key": "confirm.reintegration", "kind": "question", "area": "reintegration",
            "about": "Social assistance", "opened_at": world.clock.now(), "due_at": None}
    await world.app.store.write(lambda connection: tickets.add_task(connection, task))
    await world.staff.confirm_help(world.one("SELECT id FROM tasks"), by)
    await world.sweep()
    await anna.taps("Show it")
    assert "You may ask for this:\n• " in anna.last.text and "We cannot promise it" in anna.last.text
    await anna.taps("Talk about it")
    assert world.one("SELECT state FROM tickets") == "waiting"


async def test_of_two_edits_at_once_the_later_one_holds_whichever_is_read_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, was_read, may_end, first = world.app.store.read, asyncio.Event(), asyncio.Event(), True

    async def read(work: Any) -> Any:
        nonlocal first
        is_first, first = first, False
        found = await real(work)
        if is_first:
            was_read.set()
            await may_end.wait()
        return found

    monkeypatch.setattr(world.app.store, "read", read)
    slow = asyncio.create_task(world.app.read_register())
    await was_read.wait()
    new = await changes(world, source="asked at the municipality")
    await world.app.read_register()
    may_end.set()
    await slow
    assert world.app.receive.turns.knowledge.register.facts[ONE].source == new.source


async def test_a_message_waits_for_no_new_facts_and_the_next_one_is_answered_with_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, looked = threading.Event(), threading.Event(), list[bool]()

    def slowly(register: Register, waiting: tuple[str, ...]) -> Reader:
        looked.append(gc.isenabled())
        begun.set()
        assert may_end.wait(PATIENCE)
        return reader_for(register, waiting)

    def by_nobody(*_: Any) -> Reader:
        raise AssertionError("a message must not wait for the words of the register")

    anna = await world.person().agrees()
    assert "first week" in "".join(one.text for one in await anna.says("first week"))
    monkeypatch.setattr("bot.app.reader_for", slowly)
    new = "Go to the new office."
    await changes(world, asked={"en": ("beehive*",)}, answer={**seed().facts[ONE].answer, "en": new})
    try:
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        assert new not in "".join(one.text for one in await anna.says("beehives?"))
        assert new not in "".join(one.text for one in await anna.says("first week"))
    finally:
        may_end.set()
    await knows(world, 2)
    assert looked == [False] and gc.isenabled(), "looking for garbage meanwhile would hold up the others"
    monkeypatch.setattr("conversations.understanding.reading.Reader", by_nobody)
    assert new in "".join(one.text for one in await anna.says("beehives?"))


async def test_a_register_that_nobody_has_any_more_leaves_no_reader_behind() -> None:
    from conversations.understanding import reading

    register = Register({ONE: seed().facts[ONE]})
    reader_for(register)
    before = len(reading._readers)
    del register
    assert len(reading._readers) == before - 1
