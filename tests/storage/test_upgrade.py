"""From the schema before this one, with people in the middle of every conversation; and both versions side by side."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, Engine, delete, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from bot.channels.base import OutgoingMessage
from bot.clock import StoppedClock
from bot.commands import check as command
from bot.settings import Settings
from conversations import CONVERSATIONS
from conversations.events import FromPerson, Media, Message, Tap
from conversations.model import GIVEN, Ask, Conversation, Say
from storage import schema
from storage.database import engine_for
from storage.runs import OFFERED
from storage.tables import (
    Address,
    Appointment,
    Change,
    Consent,
    Contact,
    Medium,
    Note,
    Reminder,
    Run,
    Sharer,
    Table,
    Ticket,
    Unanswered,
)
from tests.support import crowd, database
from tests.support.crowd import SAYS, Place, buttons_of, opened, places, step_of
from tests.support.old_process import OldProcess
from tests.support.rows import put
from tests.support.world import MONDAY, World, shared_translator, template

BEFORE = "0001"
LOCKS = "0006"
"""From here on what tells of people is locked."""
KEPT_IDS = ("messages", "reminders", "runs", "tasks", "tickets")
Phone = dict[str, list[OutgoingMessage]]
pytestmark = pytest.mark.usefixtures("databases")


@dataclass(frozen=True)
class Filled:
    """A database that people are in the middle of."""

    url: str
    now: datetime
    settled: Mapping[str, crowd.Question]
    """At every question of every conversation, one person who waits for nothing else."""
    in_talk: frozenset[str]
    unsent: frozenset[str]
    """To whom something is queued that was not sent."""
    phones: Phone
    where: Mapping[str, Place]
    """Who goes on: not those whom something was asked that the first schema has no place for."""


@cache
def filled() -> Filled:
    """Made once for all tests here, by the real bot."""
    url = database.new(database.folder(), template(), keep=True)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _fill(url)).result()


async def _fill(url: str) -> Filled:
    async with opened(url, MONDAY) as world:
        people = await crowd.fill(world)
        await world.app.store.write(_write_notes)
        await world.app.store.write(_never_there)
        await world.app.deliver.stop()
        unsent = sorted(one for one, place in (await people.places()).items()
                        if one not in people.settled and place.ticket is None)[:10]
        await world.app.receive.handle([Message(**world._common(one), text="/help") for one in unsent])
        return Filled(url, world.clock.now(), dict(people.settled), frozenset(people.in_talk), frozenset(unsent),
                      dict(world.paper.sent), {one: place for one, place in (await people.places()).items()
                                               if people.settled.get(one, ("",))[0] not in crowd.NEWER
                                               and (place.conversation or place.ticket is not None)})


def _never_there(connection: Connection) -> None:
    """What the first schema has no place for, nobody has told us."""
    connection.execute(update(Consent).values(about=None))
    nothing = dict.fromkeys(("discreet", "is_minor", "rhythm_from", "ask_on", "wrote_on"))
    connection.execute(update(Contact).values(nothing))
    connection.execute(update(Reminder).values(wall=None))
    connection.execute(delete(Medium))
    connection.execute(delete(Sharer))
    connection.execute(update(Address).values(nobody_id=None, heard_at=None))
    connection.execute(delete(Appointment))
    connection.execute(delete(Reminder).where(Reminder.opens.in_(crowd.NEWER)))
    connection.execute(update(Run).where(Run.conversation.in_(crowd.NEWER), Run.ended_at.is_(None))
                       .values(ended_at=MONDAY, awaiting=None))
    connection.execute(delete(Unanswered))
    connection.execute(delete(Change))


def _write_notes(connection: Connection) -> None:
    """For each other about each talk, and about a person as such."""
    for ticket, contact in connection.execute(select(Ticket.id, Ticket.contact_id)).all():
        for about in (ticket, None):
            put(connection, Note, contact_id=contact, ticket_id=about, text=f"{about}", at=MONDAY)


@pytest.fixture
def people() -> Filled:
    return filled()


@pytest.fixture
def url(tmp_path: Path, people: Filled) -> str:
    return database.new(tmp_path, people.url)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    with database.opened(url) as made:
        yield made


@cache
def before() -> str:
    """The same at the first schema."""
    return _moved(filled().url, lambda engine: schema.downgrade(engine, BEFORE))


@cache
def risen() -> str:
    """The same, from there to the newest."""
    return _moved(before(), schema.upgrade)


def _moved(template: str, move: Callable[[Engine], None]) -> str:
    url = database.new(database.folder(), template, keep=True)
    with database.opened(url) as engine:
        move(engine)
    return url


@pytest.fixture
def old_url(tmp_path: Path) -> str:
    return database.new(tmp_path, before())


@pytest.fixture
def upgraded(tmp_path: Path) -> Iterator[Engine]:
    with database.opened(database.new(tmp_path, risen())) as made:
        yield made


# ------------------------------------------------------------------ nothing is lost


Rows = dict[str, list[dict[str, Any]]]


def everything(engine: Engine) -> Rows:
    """Every row of every table that there is at its schema, with what is locked opened."""
    url, is_locked = str(engine.url.render_as_string(False)), (schema.current(engine) or "") >= LOCKS
    found: Rows = {}
    for name, there in columns(engine).items():
        named = sorted(there)
        read = database.rows if is_locked else database.stored
        rows = read(url, f"SELECT {', '.join(named)} FROM {name}")
        found[name] = sorted((dict(zip(named, map(_plain, row), strict=True)) for row in rows), key=str)
    found["settings"] = [one for one in found["settings"] if one["name"] != "keys_of"]  # made with the keys
    return found


def _plain(value: Any) -> Any:
    """A day as it is written: PostgreSQL has a type for it."""
    return value.isoformat() if isinstance(value, date) else value


def columns(engine: Engine) -> dict[str, set[str]]:
    found = inspect(engine)
    there = [name for name in Table.metadata.tables if found.has_table(name)]
    return {name: {one["name"] for one in found.get_columns(name)} for name in there}


def only(rows: Rows, of: Mapping[str, set[str]]) -> Rows:
    """The same rows with these columns, of these tables."""
    return {name: sorted(({key: one[key] for key in one if key in of[name]} for one in many), key=str)
            for name, many in rows.items() if name in of}


def test_somebody_is_at_every_question(people: Filled, engine: Engine) -> None:
    """What the tests below begin with."""
    assert set(people.settled.values()) == crowd.questions()
    assert {name for name, _ in people.settled.values()} == CONVERSATIONS.keys() - {"help"}
    counts = {name: len(rows) for name, rows in everything(engine).items()}
    assert all(counts[name] for name in ("tickets", "notes", "tasks", "plan_steps", "reminders", "consents")), counts
    states = Counter((one["author"], one["state"]) for one in everything(engine)["messages"])
    assert states["bot", "queued"] >= len(people.unsent)
    assert Counter(one["state"] for one in everything(engine)["tickets"])["assigned"] >= 3


def test_down_and_up_keeps_every_row(engine: Engine) -> None:
    before = everything(engine)
    schema.downgrade(engine, BEFORE)
    assert schema.current(engine) == BEFORE
    known = columns(engine)
    assert everything(engine) == only(before, known)
    schema.upgrade(engine)
    assert only(everything(engine), known) == only(before, known)


def test_the_upgraded_schema_is_the_new_one(tmp_path: Path, upgraded: Engine) -> None:
    with engine_for(database.new(tmp_path / "fresh")) as fresh:
        schema.upgrade(fresh)
        assert schema.differences(upgraded) == []
        assert shape(upgraded) == shape(fresh)


def shape(engine: Engine) -> dict[str, Any]:
    """Keys, indexes with their conditions, and what follows from a deletion."""
    found = inspect(engine)
    return {
        name: (
            sorted(str({**one, "options": sorted(one["options"].items())}) for one in found.get_foreign_keys(name)),
            sorted(str(sorted(one["column_names"])) for one in found.get_unique_constraints(name)),
            sorted(str((one["name"], one["column_names"], bool(one["unique"]), _condition(one)))
                   for one in found.get_indexes(name)),
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(name)),
            found.get_table_options(name),
        )
        for name in Table.metadata.tables
    }


def _condition(index: Any) -> str:
    return str(next((value for key, value in index.get("dialect_options", {}).items() if key.endswith("where")), ""))


def test_what_hangs_on_a_row_still_does(upgraded: Engine) -> None:
    """While tables are made anew, SQLite follows no foreign keys. Afterwards it does, and none leads nowhere."""
    if upgraded.dialect.name == "sqlite":
        with upgraded.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    with upgraded.connect().execution_options(writes=True) as connection, connection.begin():
        ticket, contact = connection.execute(select(Note.ticket_id, Note.contact_id).where(
            Note.ticket_id.is_not(None)).limit(1)).one()
        connection.execute(delete(Ticket).where(Ticket.id == ticket))
        assert connection.execute(select(Note.id).where(Note.ticket_id == ticket)).all() == []
        assert connection.execute(select(Note.id).where(Note.contact_id == contact)).all() != []
        connection.execute(delete(Contact).where(Contact.id == contact))
        assert connection.execute(select(Run.id).where(Run.contact_id == contact)).all() == []


@pytest.mark.parametrize("table", KEPT_IDS)
def test_no_id_a_second_time(upgraded: Engine, table: str) -> None:
    with upgraded.connect().execution_options(writes=True) as connection, connection.begin():
        newest = dict(connection.execute(text(f"SELECT * FROM {table} ORDER BY id DESC LIMIT 1")).mappings().one())
        gone = newest.pop("id")
        connection.execute(text(f"DELETE FROM {table} WHERE id = {gone}"))
        names = ", ".join(newest)
        values = ", ".join(f":{name}" for name in newest)
        again = connection.scalar(text(f"INSERT INTO {table} ({names}) VALUES ({values}) RETURNING id"), newest)
    assert again > gone


# ------------------------------------------------------------------ while others write


@pytest.mark.postgresql_only
@pytest.mark.parametrize(("first", "then"), [("contacts", "messages"), ("messages", "contacts"),
                                             ("tickets", "messages"), ("messages", "tickets")])
def test_the_migration_and_a_turn_never_wait_for_each_other(old_url: str, first: str, then: str) -> None:
    """A turn has written to one table when the migration begins; it is the migration that waits."""
    waiting = "SELECT count(*) FROM pg_locks WHERE relation IS NOT NULL AND NOT granted AND database ="
    waiting += " (SELECT oid FROM pg_database WHERE datname = current_database())"
    with database.opened(old_url) as engine, ThreadPoolExecutor(1) as thread:
        with engine.connect() as connection, connection.begin():
            connection.execute(text(f"UPDATE {first} SET id = id WHERE id = (SELECT max(id) FROM {first})"))
            upgrade = thread.submit(schema.upgrade, engine)
            while database.rows(old_url, waiting) == [(0,)]:
                assert not upgrade.done()
                time.sleep(0.005)
            connection.execute(text(f"UPDATE {then} SET id = id WHERE id = (SELECT max(id) FROM {then})"))
        upgrade.result(60)
        assert schema.current(engine) == schema.head()


# ------------------------------------------------------------------ everybody goes on


@dataclass(frozen=True)
class After:
    """What came of it when everybody went on."""

    asked_again: Phone
    answered: Phone
    then: Phone
    where: list[Mapping[str, Place]]
    answers: list[dict[int, Any]]


async def go_on(url: str, people: Filled) -> After:
    """Everybody sends a sticker, then answers; the talks are closed; then a month goes by. Codes come out alike."""
    with patch("storage.linking.secrets.randbelow", lambda most: most // 3):
        return await _go_on(url, people)


async def _go_on(url: str, people: Filled) -> After:
    async with opened(url, people.now) as world:
        await world.app.deliver.drain()
        where, answers = [await world.read(places)], [await world.read(_answers)]
        for person in people.where:
            world.paper.sent[person][:0] = people.phones[person]
        asked = await _all(world, people, [_sticker(world, one) for one in people.where])
        where.append(await world.read(places))
        answers.append(await world.read(_answers))
        answered = await _all(world, people, [_answer(world, one, where[1][one]) for one in people.where])
        where.append(await world.read(places))
        answers.append(await world.read(_answers))
        seen = _length(world, people)
        await _close_talks(world)
        await world.turn_clock(timedelta(days=31))
        return After(asked, answered, _since(world, seen), where, answers)


def _answers(connection: Connection) -> dict[int, Any]:
    """Of each open run; what a question asked back had offered is no answer."""
    rows = connection.execute(select(Run.id, Run.answers).where(Run.ended_at.is_(None)))
    return {key: {path: value for path, value in answers.items() if path != OFFERED} for key, answers in rows}


async def _all(world: World, people: Filled, events: list[FromPerson]) -> Phone:
    seen = _length(world, people)
    await world.app.receive.handle(events)
    await world.app.deliver.drain()
    return _since(world, seen)


def _length(world: World, people: Filled) -> dict[str, int]:
    return {one: len(world.paper.sent[one]) for one in people.where}


def _since(world: World, seen: Mapping[str, int]) -> Phone:
    return {one: world.paper.sent[one][begin:] for one, begin in seen.items()}


def _sticker(world: World, person: str) -> FromPerson:
    """Something that answers nothing: the bot asks its question again."""
    return Media(**world._common(person), kind="sticker")


def _answer(world: World, person: str, place: Place) -> FromPerson:
    step = step_of(place) if place.awaiting else None
    buttons = buttons_of(world.paper.sent[person], place.awaiting or "-")
    if buttons and not isinstance(step, Ask):
        return Tap(**world._common(person), data=buttons[0].data)
    words = SAYS.get(step.reads.kind, "Agron") if isinstance(step, Ask) else "Thank you"
    return Message(**world._common(person), text=words)


async def _close_talks(world: World) -> None:
    waiting = select(Ticket.id, Ticket.state).where(Ticket.state != "closed").order_by(Ticket.id)
    for ticket, state in await world.read(lambda connection: connection.execute(waiting).all()):
        if state == "waiting":
            await world.desk.claim(ticket, world.counsellor)
        await world.desk.reply(ticket, world.counsellor, "Good morning", f"reply-{ticket}")
        await world.desk.close(ticket, world.counsellor, "advised")
    await world.app.deliver.drain()


async def test_everybody_goes_on_where_they_were(tmp_path: Path, people: Filled, old_url: str) -> None:
    """The same as without the upgrade, letter by letter: questions, answers, talks, check-ins."""
    after = await go_on(old_url, people)
    with database.opened(old_url) as engine:
        assert schema.current(engine) == schema.head()
    for person, question in people.settled.items():
        if question[0] in crowd.NEWER:
            continue
        assert after.where[0][person] == after.where[1][person] == people.where[person], person
        assert after.where[1][person].question == question
        path = after.where[1][person].awaiting or ""
        step = step_of(after.where[1][person])
        again = after.asked_again[person][-1:]
        assert isinstance(step, Ask) or buttons_of(again, path), f"{question} is not asked again: {again}"
    assert after.answers[0] == after.answers[1]
    without = await go_on(database.new(tmp_path / "without", people.url), people)
    assert after == without


async def test_what_was_not_sent_is_sent_once(people: Filled, old_url: str) -> None:
    queued = database.stored(old_url, "SELECT address, text FROM messages WHERE state = 'queued' ORDER BY id")
    assert {address for address, _ in queued} >= people.unsent
    async with opened(old_url, people.now) as world:
        await world.app.deliver.drain()
        sent = [(person, one.text) for person, many in world.paper.sent.items() for one in many]
        assert Counter(sent) == Counter((address, words) for address, words in queued)


async def test_a_counsellors_talk_goes_on(people: Filled, old_url: str) -> None:
    """While a person talks the bot is silent; afterwards it asks the same question."""
    async with opened(old_url, people.now) as world:
        await world.app.deliver.drain()
        seen = _length(world, people)
        assert (await _all(world, people, [_sticker(world, one) for one in people.in_talk])).items() >= {
            one: [] for one in people.in_talk}.items()
        await _close_talks(world)
        for person, heard in _since(world, seen).items():
            if person in people.in_talk:
                assert "Good morning" in heard[0].text and len(heard) > 1, person


# ------------------------------------------------------------------ check, beforehand


def at(url: str) -> Settings:
    return Settings(data_dir=database.folder(), database_url=url)


def faults(engine: Engine, url: str, **changed: Conversation | None) -> list[str]:
    """What the check says of these conversations; None: it is not there any more."""
    known = {name: one for name, one in {**CONVERSATIONS, **changed}.items() if one is not None}
    with engine.connect() as connection:
        return list(command.open_run_faults(
            connection, at(url), shared_translator(default="en"), MONDAY.date(), known))


def ids(engine: Engine, conversation: str, but: tuple[str | None, ...] = ()) -> set[int]:
    """The open runs of a conversation, without those at these questions. None: who waits for a person there."""
    with engine.connect() as connection:
        rows = connection.execute(select(Run.id, Run.awaiting).where(
            Run.conversation == conversation, Run.ended_at.is_(None)))
        return {key for key, awaiting in rows if awaiting not in but}


def named(found: list[str]) -> set[int]:
    return {int(one.partition(", run ")[2].split(",")[0].split(":")[0]) for one in found}


def test_nobody_would_be_stranded_and_nothing_is_changed(
    monkeypatch: pytest.MonkeyPatch, url: str, engine: Engine
) -> None:
    monkeypatch.setattr(command, "Clock", lambda: StoppedClock(MONDAY))
    before = everything(engine)
    assert command.check(at(url), against_database=True) == []
    assert everything(engine) == before


def test_before_anything_was_locked_the_check_wants_a_copy(engine: Engine, url: str) -> None:
    """The step to locked values changes what every row holds: the check is made on a restored backup."""
    schema.downgrade(engine, "0005")
    before = everything(engine)
    [said] = [one for one in command.check(at(url), against_database=True) if "database" in one]
    assert "restore" in said and "0005" in said
    assert schema.current(engine) == "0005" and everything(engine) == before


def test_the_check_gives_what_conversations_are_given(url: str) -> None:
    given = command._given(at(url), shared_translator(default="en"), MONDAY.date())
    assert given.keys() == GIVEN.keys()


def test_a_conversation_that_is_gone(engine: Engine, url: str) -> None:
    found = faults(engine, url, my_data=None)
    assert named(found) == ids(engine, "my_data") != set()
    assert all("does not exist any more" in one for one in found)


def test_a_question_that_is_gone_and_nothing_behind_it(engine: Engine, url: str) -> None:
    welcome = CONVERSATIONS["welcome"]
    cut = replace(welcome, steps=tuple(Say("begin", "Hello") if one.id == "begin" else one for one in welcome.steps))
    found = faults(engine, url, welcome=cut)
    assert named(found) == ids(engine, "welcome", but=("language", "keep", None)) != set()
    assert all("without a question" in one for one in found)


def test_a_condition_that_takes_what_was_never_asked(engine: Engine, url: str) -> None:
    rating = CONVERSATIONS["rating"]
    asks = (Say("thanks", "Thank you.", when=lambda wages: bool(wages)), *rating.steps)
    found = faults(engine, url, rating=replace(rating, steps=asks))
    assert named(found) == ids(engine, "rating") != set()
    assert all("cannot be walked" in one for one in found)


@pytest.mark.parametrize("break_it", ["DROP TABLE plan_steps", "ALTER TABLE runs RENAME COLUMN misses TO missed"])
def test_a_database_that_this_version_cannot_read(engine: Engine, url: str, break_it: str) -> None:
    """As if this version needed something that the next migration brings: one sentence says what to do."""
    schema.downgrade(engine, BEFORE)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text(break_it))
    [said] = [one for one in command.check(at(url), against_database=True) if "database" in one]
    assert "restore" in said and BEFORE in said and schema.head() in said


# ------------------------------------------------------------------ old and new, side by side


@pytest.fixture
def old(tmp_path: Path) -> Iterator[OldProcess]:
    """The process of before, on a database of today."""
    made = OldProcess(database.new(tmp_path, template()), MONDAY)
    yield made
    made.close()


def test_a_process_of_before_stores_nothing(old: OldProcess) -> None:
    """It knows no keys: what it would store nobody could read. It fails before anything is acknowledged, so that what
    people write comes again."""
    with pytest.raises(IntegrityError):
        old.hears("besa", "hello")
    for table in ("contacts", "addresses", "messages"):
        assert database.stored(old.url, f"SELECT count(*) FROM {table}") == [(0,)]
