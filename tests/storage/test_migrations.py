"""The schema goes up and down, and is what the tables say; what the database itself enforces."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, bindparam, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import reminders, schema, tickets
from storage.database import connect
from storage.prepared import Prepared
from storage.sealed.keys import prepare
from storage.store import Store
from storage.tables import Contact, Counsellor, Message, Reminder, Ticket
from tests.support import database
from tests.support.patience import TO_START
from tests.support.rows import put

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path, databases: None) -> str:
    return database.new(tmp_path)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    with database.opened(url) as made:
        yield made


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    schema.upgrade(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        prepare(connection)
    made = Store(engine)
    yield made
    made.close()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def everything_named(engine: Engine) -> set[str]:
    """Tables, indexes and whatever else has a name."""
    named = {
        "sqlite": "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
        "postgresql": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    }
    with engine.connect() as connection:
        return set(connection.execute(text(named[engine.dialect.name])).scalars())


# ------------------------------------------------------------------ up and down


def test_up_is_what_the_tables_say(engine: Engine) -> None:
    schema.upgrade(engine)
    assert schema.differences(engine) == []
    assert {"contacts", "messages", "runs", "reminders", "tickets"} <= tables(engine)


def test_walked_through_the_migrations_or_made_at_once(engine: Engine, tmp_path: Path) -> None:
    """A new database has what one has that came all the way from the first schema."""
    schema.upgrade(engine)
    (tmp_path / "walked").mkdir()
    walked = connect(database.new(tmp_path / "walked"), database.keys())
    try:
        schema.upgrade(walked, schema.head())
        assert schema.current(walked) == schema.current(engine) == schema.head()
        assert described(walked) == described(engine)
    finally:
        walked.dispose()


def described(engine: Engine) -> dict[str, Any]:
    """Every table with everything that a database tells of it, whatever the order it was made in."""
    found: dict[str, Any] = {}
    asked = inspect(engine)
    for table in asked.get_table_names():
        columns = {one["name"]: {**one, "type": repr(one["type"])} for one in asked.get_columns(table)}
        found[table] = {
            "columns": columns,
            "key": asked.get_pk_constraint(table),
            **{kind: sorted(plainly(one) for one in getattr(asked, f"get_{kind}")(table))
               for kind in ("foreign_keys", "indexes", "unique_constraints", "check_constraints")},
        }
    named = {
        "sqlite": "SELECT name || iif(type = 'trigger', sql, '') FROM sqlite_master"
                  " WHERE sql LIKE '%AUTOINCREMENT%' OR type = 'trigger'",
        "postgresql": "SELECT pg_get_triggerdef(oid) || pg_get_functiondef(tgfoid) FROM pg_trigger"
                      " WHERE NOT tgisinternal",
    }
    with engine.connect() as connection:
        found["more"] = sorted(connection.execute(text(named[engine.dialect.name])).scalars())
    return found


def plainly(value: Any) -> str:
    """The same words for the same thing; a condition is otherwise told by its place in memory."""
    if isinstance(value, dict):
        return str(sorted((key, plainly(one)) for key, one in value.items()))
    return str(value)


def test_down_leaves_nothing_and_up_again(engine: Engine) -> None:
    schema.upgrade(engine)
    schema.downgrade(engine)
    assert tables(engine) <= {"alembic_version"}
    assert everything_named(engine) <= {"alembic_version", "alembic_version_pkc"}
    schema.upgrade(engine)
    assert schema.differences(engine) == []


def test_up_twice_keeps_what_is_there(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        prepare(connection)
        someone(connection)
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM contacts")) == 1


def test_a_migration_that_fails_changes_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic.operations import Operations

    create, made = Operations.create_table, []

    def fails(self: Operations, name: str, *columns: Any, **more: Any) -> Any:
        made.append(name)
        if len(made) == 5:
            raise RuntimeError("power cut")
        return create(self, name, *columns, **more)

    monkeypatch.setattr(Operations, "create_table", fails)
    import alembic.op as op

    monkeypatch.setattr(op, "create_table", lambda *args, **more: fails(op._proxy, *args, **more), raising=False)
    with pytest.raises(RuntimeError):
        schema.upgrade(engine, schema.head())
    assert tables(engine) == set()
    monkeypatch.undo()
    schema.upgrade(engine)
    assert schema.differences(engine) == []


def test_a_difference_is_found(engine: Engine) -> None:
    """The test above can fail."""
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE contacts ADD COLUMN more TEXT"))
        connection.execute(text("DROP INDEX messages_of"))
    assert len(schema.differences(engine)) >= 2


def test_the_newest_revision_is_known_without_alembic() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.head()]


def test_up_to_date_needs_no_alembic(url: str, engine: Engine) -> None:
    """A start is quick: what has nothing to do does not load it."""
    schema.upgrade(engine)
    said = subprocess.run([sys.executable, "-c", UP_TO_DATE, url], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_a_database_that_is_further_is_left_as_it_is(engine: Engine) -> None:
    """The newer process has been here; the older one goes on beside it."""
    schema.upgrade(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    schema.upgrade(engine)
    assert schema.current(engine) == "9999"


@pytest.mark.postgresql_only
def test_three_processes_start_at_once(url: str, engine: Engine) -> None:
    """All wait for the same lock, then are let go together: one changes the schema, the others find it done."""
    processes = [subprocess.Popen([sys.executable, "-c", UP_TO_DATE, url], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True) for _ in range(3)]
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with engine.connect() as connection, connection.begin():
        connection.execute(text(f"SELECT pg_advisory_xact_lock({schema.ONE_AT_A_TIME})"))
        while database.rows(url, waiting) != [(3,)]:
            assert [one.poll() for one in processes] == [None] * 3
            time.sleep(0.02)
    complaints = [one.communicate(timeout=TO_START)[1] for one in processes]
    assert [one.returncode for one in processes] == [0, 0, 0], complaints
    assert schema.differences(engine) == []


UP_TO_DATE = """
import sys
from storage import schema
from storage.database import engine_for
with engine_for(sys.argv[1]) as engine:
    schema.upgrade(engine)
print([name for name in sys.modules if name.startswith("alembic")])
"""


# ------------------------------------------------------------------ tickets


def someone(connection: Connection) -> int:
    return put(connection, Contact, created_at=NOW, language="sq", time_zone="Europe/Belgrade", known={}, consents={})


def counsellor(connection: Connection, name: str) -> int:
    return int(connection.execute(insert(Counsellor).values(
        login=name, name=name, role="counsellor", password_hash="x", created_at=NOW).returning(Counsellor.id)
    ).scalar_one())


async def test_only_one_of_many_claims_wins(store: Store) -> None:
    def prepare(connection: Connection) -> tuple[int, list[int]]:
        ticket = tickets.add(connection, someone(connection), "general", "asked", False, NOW)
        return ticket.id, [counsellor(connection, f"c{number}") for number in range(30)]

    ticket, people = await store.write(prepare)
    won = await asyncio.gather(*(
        store.write(lambda connection, who=who: tickets.claim(connection, ticket, who, NOW)) for who in people
    ))
    assert won.count(True) == 1
    owner = await store.read(lambda connection: tickets.owner(connection, ticket))
    assert owner is not None and owner[0] == people[won.index(True)]


async def test_two_processes_claim(store: Store, url: str) -> None:
    def prepare(connection: Connection) -> tuple[int, list[int]]:
        ticket = tickets.add(connection, someone(connection), "general", "asked", False, NOW)
        return ticket.id, [counsellor(connection, f"c{number}") for number in range(20)]

    ticket, people = await store.write(prepare)
    other = Store(connect(url, database.keys()))
    try:
        won = await asyncio.gather(*(
            (store, other)[at % 2].write(lambda connection, who=who: tickets.claim(connection, ticket, who, NOW))
            for at, who in enumerate(people)
        ))
    finally:
        other.close()
    assert won.count(True) == 1


async def test_a_closed_ticket_cannot_be_claimed(store: Store) -> None:
    def work(connection: Connection) -> bool:
        ticket = tickets.add(connection, someone(connection), "general", "asked", False, NOW)
        assert tickets.close(connection, ticket.id, "person", None, NOW)
        assert not tickets.close(connection, ticket.id, "person", None, NOW)
        return tickets.claim(connection, ticket.id, counsellor(connection, "c"), NOW)

    assert await store.write(work) is False


async def test_the_database_allows_one_open_ticket_a_person(store: Store) -> None:
    contact = await store.write(someone)
    first = await store.write(lambda connection: tickets.add(connection, contact, "general", "asked", False, NOW))
    with pytest.raises(IntegrityError):
        await store.write(lambda connection: connection.execute(
            insert(Ticket).values(contact_id=contact, area="general", reason="", opened_at=NOW)))
    await store.write(lambda connection: tickets.close(connection, first.id, "person", None, NOW))
    second = await store.write(lambda connection: tickets.add(connection, contact, "general", "again", False, NOW))
    found = await store.read(lambda connection: tickets.open_tickets(connection, [contact]))
    assert found[contact].id == second.id


async def test_the_same_inbound_key_is_stored_once(store: Store) -> None:
    contact = await store.write(someone)
    row = {"contact_id": contact, "channel": "t", "address": "1", "author": "person", "text": "", "inbound_key": "k",
           "at": NOW}
    await store.write(lambda connection: connection.execute(insert(Message).values(row)))
    with pytest.raises(IntegrityError):
        await store.write(lambda connection: connection.execute(insert(Message).values(row)))


# ------------------------------------------------------------------ reminders


def row(contact: int, due: datetime, key: str = "check_in") -> dict[str, Any]:
    return {"contact_id": contact, "key": key, "opens": "check_in", "due_at": due}


async def all_reminders(store: Store) -> list[Any]:
    columns = (Reminder.key, Reminder.due_at, Reminder.state, Reminder.attempt)
    return list(await store.read(lambda connection: connection.execute(select(*columns).order_by(Reminder.key)).all()))


async def test_put_twice_moves(store: Store) -> None:
    contact = await store.write(someone)
    later = NOW + timedelta(days=7)
    await store.write(lambda connection: reminders.put(connection, [row(contact, NOW)]))
    [number] = await store.read(lambda connection: reminders.due(connection, NOW, 10))
    await store.write(lambda connection: reminders.move(connection, [
        {"of": number, "due": NOW, "tries": 1, "run": None, "now_is": "waiting"}]))
    await store.write(lambda connection: reminders.put(connection, [row(contact, later)]))
    assert await all_reminders(store) == [("check_in", later, "waiting", 0)]


async def test_due_to_the_microsecond_and_the_oldest_first(store: Store) -> None:
    contact = await store.write(someone)
    times = {"a": NOW, "b": NOW - timedelta(days=1), "c": NOW + timedelta(microseconds=1)}
    await store.write(lambda connection: reminders.put(
        connection, [row(contact, due, key) for key, due in times.items()]))

    def keys(connection: Connection, now: datetime) -> list[str]:
        known = {row.id: row.key for row in connection.execute(select(Reminder.id, Reminder.key))}
        return [known[number] for number in reminders.due(connection, now, 10)]

    assert await store.read(lambda connection: keys(connection, NOW)) == ["b", "a"]
    assert await store.read(lambda connection: keys(connection, NOW + timedelta(seconds=1))) == ["b", "a", "c"]


async def test_many_are_moved_each_to_where_it_belongs(store: Store) -> None:
    contact, later = await store.write(someone), NOW + timedelta(days=2)
    await store.write(lambda connection: reminders.put(connection, [row(contact, NOW, key) for key in "abcd"]))
    one, two, three, other = await store.read(lambda connection: reminders.due(connection, NOW, 10))
    await store.write(lambda connection: reminders.move(connection, [
        {"of": one, "due": later, "tries": 1, "run": 71, "now_is": "waiting"},
        {"of": two, "due": later, "tries": 1, "run": 2**40, "now_is": "waiting"},
        {"of": three, "due": NOW, "tries": 2, "run": None, "now_is": "unanswered"}]))

    def left(connection: Connection) -> dict[int, tuple[Any, ...]]:
        found = select(Reminder.id, Reminder.due_at, Reminder.attempt, Reminder.run_id, Reminder.state)
        return {key: (*rest,) for key, *rest in connection.execute(found)}

    assert await store.read(left) == {
        one: (later, 1, 71, "waiting"), two: (later, 1, 2**40, "waiting"), three: (NOW, 2, None, "unanswered"),
        other: (NOW, 0, None, "waiting")}


async def test_what_never_changes_stands_in_the_statement(store: Store) -> None:
    """A placeholder there, and SQLite plans the statement anew for each run."""
    statement = Prepared(select(Reminder.id).where(Reminder.state == "it's", Reminder.attempt > 0,
                                                   Reminder.due_at <= bindparam("now")))
    contact = await store.write(someone)
    await store.write(lambda connection: reminders.put(connection, [row(contact, NOW)]))
    await store.write(lambda connection: connection.execute(update(Reminder).values(state="it's", attempt=1)))
    assert len(await store.read(lambda connection: statement.rows(connection, now=NOW))) == 1
    assert await store.read(lambda connection: statement.rows(connection, now=NOW - timedelta(days=1))) == []
    [ready] = statement._known.values()
    assert "'it''s'" in ready.text and [name for name, *_ in ready.given] == ["now"]


async def test_cancel_one_or_all(store: Store) -> None:
    contact, other = await store.write(someone), await store.write(someone)
    await store.write(lambda connection: reminders.put(
        connection, [row(contact, NOW, "a"), row(contact, NOW, "b"), row(other, NOW, "c")]))
    await store.write(lambda connection: reminders.cancel(connection, contact, ["a"]))
    assert [(one.key, one.state) for one in await all_reminders(store)] == [
        ("a", "cancelled"), ("b", "waiting"), ("c", "waiting")]
    await store.write(lambda connection: reminders.cancel(connection, contact))
    assert [one.state for one in await all_reminders(store)] == ["cancelled", "cancelled", "waiting"]
    assert len(await store.read(lambda connection: reminders.due(connection, NOW, 10))) == 1


async def test_a_reminder_of_somebody_who_is_deleted_goes_too(store: Store) -> None:
    contact = await store.write(someone)
    await store.write(lambda connection: reminders.put(connection, [row(contact, NOW)]))
    await store.write(lambda connection: connection.execute(text("DELETE FROM contacts")))
    assert await all_reminders(store) == []
