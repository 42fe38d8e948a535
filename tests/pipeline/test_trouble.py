"""One event that always fails, and a database that takes nothing: nobody else is harmed, nothing is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.receive import turns as turns_module
from conversations.engine import advance
from conversations.readers import long_text
from storage.store import StoreError
from tests.pipeline.test_once import FORM, in_form
from tests.pipeline.world import NOW, Person, World
from tests.support import database

OUR_FAULT = "Something went wrong on our side."


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says "poison" makes the engine fail."""

    def fails(conversation: Any, progress: Any, action: Any, *rest: Any) -> Any:
        if getattr(action, "text", "") == "poison":
            raise ZeroDivisionError("a mistake of ours")
        return advance(conversation, progress, action, *rest)

    monkeypatch.setattr(turns_module, "advance", fails)


@pytest.mark.usefixtures("poison")
async def test_a_poisoned_event_harms_nobody_else(world: World) -> None:
    anna, ben, cleo = [await in_form(world, name) for name in ("anna", "ben", "cleo")]
    await world.handle(ben.message("b1"), anna.message("poison"), cleo.message("c1"), ben.message("b2"))
    await world.settle()
    assert ben.answers("form") == {"q1": "b1", "q2": "b2"} and ben.last.text == "Question 3?"
    assert cleo.answers("form") == {"q1": "c1"}
    assert anna.last.text.startswith(OUR_FAULT)
    assert anna.tasks() == ["failed"]
    assert world.one("SELECT count(*) FROM messages WHERE text = 'poison'") == 1
    assert ben.tasks() == cleo.tasks() == []
    heard = await anna.says("a1")
    assert heard[-1].text == "Question 2?" and anna.answers("form") == {"q1": "a1"}


@pytest.mark.usefixtures("poison")
async def test_a_poisoned_event_again_changes_nothing(world: World) -> None:
    anna = await in_form(world)
    bad = anna.message("poison")
    await anna.does(bad)
    assert await anna.does(bad) == []
    assert anna.tasks() == ["failed"]


@pytest.mark.usefixtures("poison")
async def test_what_the_same_person_said_around_it_counts(world: World) -> None:
    anna = await in_form(world)
    heard = await anna.does(anna.message("a1"), anna.message("poison"), anna.message("a2"))
    assert anna.answers("form") == {"q1": "a1", "q2": "a2"}
    assert [one.text.split("\n")[0][:9] for one in heard] == ["Question ", OUR_FAULT[:9], "Question "]


async def test_danger_in_a_text_that_breaks_everything_after_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate comes before what can fail."""
    anna = await in_form(world)

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(turns_module, "advance", fails)
    heard = await anna.says("I want to kill myself")
    assert "112" in heard[0].text
    assert world.one("SELECT urgent FROM tickets") == 1


async def test_a_gate_that_fails_calls_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await in_form(world)

    def fails(_: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.routing.check", fails)
    heard = await anna.says("hello")
    assert "112" in heard[0].text and world.one("SELECT count(*) FROM tickets") == 1


@pytest.mark.parametrize("text", ["half a character \ud83d", "a zero \0 byte", "", "😀" * 400, "x" * 5000])
async def test_strange_texts_stop_nobody(world: World, text: str) -> None:
    """What cannot be stored as it is must not hold up the others in the batch, nor be sent again for ever."""
    anna, ben = await in_form(world, "anna"), await in_form(world, "ben")
    await world.handle(anna.message(text), ben.message("b1"))
    await world.settle()
    assert ben.answers("form") == {"q1": "b1"}
    heard = await anna.says("next")
    assert heard, "anna is stuck"


@pytest.mark.parametrize(
    "data", [":", "1:", "zz:zz:zz", "!nothing", "!", "1:form", "\ud83d:x:y", "1:q1!back", "9" * 70 + ":a:b"])
async def test_strange_taps_stop_nobody(world: World, data: str) -> None:
    anna, ben = await in_form(world, "anna"), await in_form(world, "ben")
    await world.handle(anna.tap_data(data), ben.message("b1"))
    await world.settle()
    assert ben.answers("form") == {"q1": "b1"}
    assert anna.tasks() == []


async def test_a_poisoned_reminder_is_a_counsellors_task(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = await world.person("anna").agrees(), await world.person("ben").agrees()
    await world.remind_at(anna, NOW)
    await world.remind_at(ben, NOW)
    opens = type(world.app.receive.turns).open
    bad = anna.id

    def fails(self: Any, visit: Any, *how: Any, **more: Any) -> None:
        if visit.id == bad:
            raise ZeroDivisionError
        opens(self, visit, *how, **more)

    monkeypatch.setattr(type(world.app.receive.turns), "open", fails)
    await world.sweep()
    assert "We have a short question" in ben.last.text
    assert anna.tasks() != [], "a reminder that cannot be carried out ended in silence"


# ------------------------------------------------------------------ the database takes nothing


def hurry(world: World) -> None:
    """Do not wait five seconds for a lock."""

    @event.listens_for(world.app.store.engine, "begin", insert=True)
    def quick(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout=20")


@contextmanager
def locked(world: World) -> Iterator[None]:
    hurry(world)
    with closing(sqlite3.connect(database.path_of(world.url), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(world: World) -> Iterator[None]:
    engine = world.app.store.engine
    pages = world.one("PRAGMA page_count")

    def little(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def much(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")

    event.listen(engine, "begin", little)
    yield
    event.remove(engine, "begin", little)
    event.listen(engine, "begin", much)


def everything(world: World) -> list[Any]:
    return [(table, world.rows(f"SELECT * FROM {table} ORDER BY 1")) for table in database.table_names()]


@contextmanager
def cut_off(world: World) -> Iterator[None]:
    with database.cut_off(world.url):
        yield


TROUBLES = [
    pytest.param(locked, marks=pytest.mark.sqlite_only),
    pytest.param(full, marks=pytest.mark.sqlite_only),
    pytest.param(cut_off, marks=pytest.mark.postgresql_only),
]


def words_of(people: list[Person]) -> list[Any]:
    """Long enough that no free page of the database takes them."""
    return [person.message(f"{person.address} {number} " + "x" * 9000) for person in people for number in range(4)]


def takes_long_answers(world: World) -> None:
    world.speak(replace(FORM, steps=tuple(
        replace(step, reads=long_text) if hasattr(step, "reads") else step for step in FORM.steps)))


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_nothing_is_stored_and_the_next_try_has_one_effect(world: World, trouble: Any) -> None:
    takes_long_answers(world)
    people = [await world.person(name).agrees() for name in ("anna", "ben", "cleo")]
    for person in people:
        await person.begins("form")
    events = words_of(people)
    before, counts = everything(world), [len(person.heard) for person in people]
    with trouble(world):
        for _ in range(2):
            with pytest.raises(StoreError):
                await world.handle(*events)
    assert everything(world) == before
    assert [len(person.heard) for person in people] == counts
    await world.handle(*events)
    await world.handle(*events)
    await world.settle()
    for person, count in zip(people, counts, strict=True):
        assert len(person.heard) == count + 4
        assert world.one("SELECT count(*) FROM messages WHERE author = 'person' AND text LIKE ?",
                         f"{person.address} % xxx%") == 4
        assert person.awaits() in {("form", "q5"), ("form", "q1")}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_many_at_once_while_it_takes_nothing(world: World, trouble: Any) -> None:
    """Each caller is told; afterwards each tries again, and all have one effect each."""
    people = [await in_form(world, f"p{number}") for number in range(6)]
    takes_long_answers(world)
    events = [person.message(f"from {person.address} " + "x" * 4500) for person in people]
    with trouble(world):
        results = await asyncio.gather(*(world.handle(one) for one in events), return_exceptions=True)
        assert [type(one) for one in results] == [StoreError] * 6
    await asyncio.gather(*(world.handle(one) for one in events))
    await world.settle()
    assert all(person.answers("form") == {"q1": said.text} for person, said in zip(people, events, strict=True))
    assert all(person.last.text == "Question 2?" for person in people)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_reminders_wait_for_the_database(world: World, trouble: Any) -> None:
    people = [await world.person(f"p{number}").agrees() for number in range(12)]  # more than fits into half-empty pages
    for one in people:
        await world.remind_at(one, NOW)
    with trouble(world):
        await world.app.timers.remind()
    assert [world.reminder_state(one) for one in people] == [("waiting", 0)] * 12
    await world.sweep()
    assert all("We have a short question" in one.last.text for one in people)
