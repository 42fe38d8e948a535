"""The audit: added to, read, never changed; without names and words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from storage import audit, contacts, schema, staff
from storage.tables import Audit, Contact
from tests.support import database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path, databases: None) -> Iterator[Engine]:
    with database.opened(database.new(tmp_path, database.with_tables())) as made:
        with made.connect().execution_options(writes=True) as connection, connection.begin():
            for number in range(3):
                audit.note(connection, 1, "see_ticket", 7, NOW + timedelta(minutes=number), ticket=number + 1)
        yield made


CHANGES = [
    "UPDATE audit SET counsellor_id = 2", "UPDATE audit SET detail = NULL WHERE id = 1",
    "UPDATE audit SET id = id + 10",
    "DELETE FROM audit", "DELETE FROM audit WHERE id = 2",
]
ROW = "INTO audit (id, at, action) VALUES (2, 1, 'x')"
UPSERT = f"INSERT {ROW} ON CONFLICT (id) DO UPDATE SET action = 'x'"
OF_SQLITE = [f"REPLACE {ROW}", f"INSERT OR REPLACE {ROW}", UPSERT]
OF_POSTGRESQL = ["TRUNCATE audit", "TRUNCATE audit CASCADE", UPSERT]


def refuses(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        before = connection.execute(select(Audit).order_by(Audit.id)).all()
    with pytest.raises(DBAPIError, match=r"never changed"), engine.begin() as connection:
        connection.execute(text(statement))
    with engine.connect() as connection:
        assert connection.execute(select(Audit).order_by(Audit.id)).all() == before


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_every_change(engine: Engine, statement: str) -> None:
    refuses(engine, statement)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("statement", OF_SQLITE)
def test_sqlite_refuses(engine: Engine, statement: str) -> None:
    refuses(engine, statement)


@pytest.mark.postgresql_only
@pytest.mark.parametrize("statement", OF_POSTGRESQL)
def test_postgresql_refuses(engine: Engine, statement: str) -> None:
    refuses(engine, statement)


def test_people_and_colleagues_can_still_be_deleted(engine: Engine) -> None:
    """What the audit has of them is a number."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        [person] = contacts.add(connection, [("paper", "eve", "en")], "Europe/Belgrade", NOW)
        mira = staff.add_counsellor(connection, "mira", "Mira", "counsellor", None, NOW)
        audit.note(connection, mira, "see_person", person.person.id, NOW)
        contacts.forget(connection, person.person.id, NOW)
        connection.execute(delete(Contact).where(Contact.id == person.person.id))
        connection.execute(text("DELETE FROM counsellors"))
    with engine.connect() as connection:
        entry = audit.entries(connection)[0]
    assert (entry.counsellor_id, entry.counsellor, entry.contact_id) == (mira, None, person.person.id)


def test_an_open_page_is_noted_once_in_a_while(engine: Engine) -> None:
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for minute in range(25):
            audit.note_reading(connection, 5, "see_ticket", 9, NOW + timedelta(minutes=minute), ticket=1)
            audit.note_reading(connection, 5, "see_queue", None, NOW + timedelta(minutes=minute))
        audit.note_reading(connection, 6, "see_ticket", 9, NOW, ticket=1)
        audit.note_reading(connection, 5, "see_ticket", 10, NOW, ticket=2)
        of_five = [(one.action, one.contact_id) for one in audit.entries(connection, counsellor_id=5)]
        assert of_five.count(("see_ticket", 9)) == of_five.count(("see_queue", None)) == 3
        assert len(audit.entries(connection, contact_id=10)) == len(audit.entries(connection, counsellor_id=6)) == 1


def test_words_do_not_get_in(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(ValueError, match="invalid literal"):
        audit.note(connection, 1, "note", 7, NOW, ticket="Maria is ill")


# ------------------------------------------------------------------ old beside new


@pytest.mark.parametrize("statement", [
    insert(Audit).values(at=NOW, counsellor_id=1, action="see_ticket", contact_id=7, detail={"ticket": 1}),
    text("INSERT INTO sessions (token_hash, counsellor_id, created_at, expires_at) VALUES ('d', 100, 1, 9)"),
    text("INSERT INTO counsellors (login, name, role, password_hash, created_at)"
         " VALUES ('b', 'B', 'counsellor', 'x', 1)"),
])
def test_what_the_version_before_writes_is_still_taken(engine: Engine, statement: object) -> None:
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text(
            "INSERT INTO counsellors (id, login, name, role, password_hash, created_at)"
            " VALUES (100, 'a', 'A', 'counsellor', 'x', 1)"))
        connection.execute(statement)


def test_down_gives_the_audit_free_and_keeps_it(engine: Engine) -> None:
    schema.downgrade(engine, "0002")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 3
        connection.execute(update(Audit).values(counsellor_id=1))
    schema.upgrade(engine)
    refuses(engine, "DELETE FROM audit")
