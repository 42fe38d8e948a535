"""The schema goes up and down, and is what the tables say; what the database itself enforces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from storage import reminders, schema, tickets
from storage.database import connect
from storage.store import Store
from storage.tables import Contact, Counsellor, Message, Reminder, Ticket

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(f"sqlite:///{tmp_path / 'schema.db'}")
    yield made
    made.dispose()


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    schema.upgrade(engine)
    made = Store(engine)
    yield made
    made.close()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


# ------------------------------------------------------------------ up and down


def test_up_is_what_the_tables_say(engine: Engine) -> None:
    schema.upgrade(engine)
    assert schema.differences(engine) == []
    assert {"contacts", "messages", "runs", "reminders", "tickets"} <= tables(engine)


def test_down_leaves_nothing_and_up_again(engine: Engine) -> None:
    schema.upgrade(engine)
    schema.downgrade(engine)
    assert tables(engine) <= {"alembic_version"}
    with engine.connect() as connection:
        left = connection.execute(text("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")).scalars().all()
    assert set(left) <= {"alembic_version"}
    schema.upgrade(engine)
    assert schema.differences(engine) == []


def test_up_twice_keeps_what_is_there(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
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

    monkeypatch.setattr(op, "create_table", lambda *args, **more: fails(op._proxy, *args, **more), raising=False)  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError):
        schema.upgrade(engine)
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


# ------------------------------------------------------------------ tickets


def someone(connection: Connection) -> int:
    return int(connection.execute(insert(Contact).values(
        created_at=NOW, language="sq", time_zone="Europe/Belgrade", known={}, consents={}).returning(Contact.id)
    ).scalar_one())


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
        store.write(lambda connection, who=who: tickets.claim(connection, ticket, who, NOW)) for who in people  # type: ignore[misc]
    ))
    assert won.count(True) == 1
    owner = await store.read(lambda connection: tickets.owner(connection, ticket))
    assert owner is not None and owner[0] == people[won.index(True)]


async def test_two_processes_claim(store: Store, engine: Engine) -> None:
    def prepare(connection: Connection) -> tuple[int, list[int]]:
        ticket = tickets.add(connection, someone(connection), "general", "asked", False, NOW)
        return ticket.id, [counsellor(connection, f"c{number}") for number in range(20)]

    ticket, people = await store.write(prepare)
    other = Store(connect(str(engine.url)))
    try:
        won = await asyncio.gather(*(
            (store, other)[at % 2].write(lambda connection, who=who: tickets.claim(connection, ticket, who, NOW))  # type: ignore[misc]
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
            insert(Ticket).values(contact_id=contact, area="general", reason="again", opened_at=NOW)))
    await store.write(lambda connection: tickets.close(connection, first.id, "person", None, NOW))
    second = await store.write(lambda connection: tickets.add(connection, contact, "general", "again", False, NOW))
    found = await store.read(lambda connection: tickets.open_tickets(connection, [contact]))
    assert found[contact].id == second.id


async def test_the_same_inbound_key_is_stored_once(store: Store) -> None:
    contact = await store.write(someone)
    row = {"contact_id": contact, "channel": "t", "address": "1", "author": "person", "text": "x", "inbound_key": "k",
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
    [number] = await store.read(lambda connection: reminders.due(connection, NOW))
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
        return [known[number] for number in reminders.due(connection, now)]

    assert await store.read(lambda connection: keys(connection, NOW)) == ["b", "a"]
    assert await store.read(lambda connection: keys(connection, NOW + timedelta(seconds=1))) == ["b", "a", "c"]


async def test_cancel_one_or_all(store: Store) -> None:
    contact, other = await store.write(someone), await store.write(someone)
    await store.write(lambda connection: reminders.put(
        connection, [row(contact, NOW, "a"), row(contact, NOW, "b"), row(other, NOW, "c")]))
    await store.write(lambda connection: reminders.cancel(connection, contact, ["a"]))
    assert [(one.key, one.state) for one in await all_reminders(store)] == [
        ("a", "cancelled"), ("b", "waiting"), ("c", "waiting")]
    await store.write(lambda connection: reminders.cancel(connection, contact))
    assert [one.state for one in await all_reminders(store)] == ["cancelled", "cancelled", "waiting"]
    assert len(await store.read(lambda connection: reminders.due(connection, NOW))) == 1


async def test_a_reminder_of_somebody_who_is_deleted_goes_too(store: Store) -> None:
    contact = await store.write(someone)
    await store.write(lambda connection: reminders.put(connection, [row(contact, NOW)]))
    await store.write(lambda connection: connection.execute(text("DELETE FROM contacts")))
    assert await all_reminders(store) == []
