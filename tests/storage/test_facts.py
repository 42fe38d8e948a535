"""The register of facts in the database: seeded from the files, and what a centre has edited stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from conversations.register import Fact as FactEntry
from conversations.register import Register
from storage import facts, schema
from storage.database import engine_for
from storage.tables import Fact
from tests.support import database


def entry(name: str, answer: str) -> FactEntry:
    return FactEntry(
        id=name, area="centre", state="verify", confidence="high", source="practice", seen="2026",
        checked=date(2026, 11, 1), expires=date(2027, 11, 1), question={"en": "?"}, answer={"en": answer},
        papers={"en": ("passport", "photo")},
    )


def register(*entries: FactEntry) -> Register:
    return Register({one.id: one for one in entries})


@pytest.fixture
def connection(tmp_path: Path, databases: None) -> Iterator[Connection]:
    with engine_for(database.new(tmp_path)) as engine:
        schema.upgrade(engine)
        with engine.connect().execution_options(writes=True) as opened, opened.begin():
            yield opened


def edit(connection: Connection, name: str, answer: str) -> None:
    content = connection.execute(select(Fact.content).where(Fact.id == name)).scalar_one()
    changed = {**content, "answer": {"en": answer}}
    connection.execute(update(Fact).where(Fact.id == name).values(content=changed, edited=True))


def test_what_is_seeded_is_known(connection: Connection) -> None:
    files = register(entry("a", "one"), entry("b", "two"))
    assert facts.seed(connection, files) == 2
    assert facts.load(connection, files) == files


def test_what_changed_in_the_files_is_renewed_and_the_rest_is_not_written(connection: Connection) -> None:
    facts.seed(connection, register(entry("a", "one"), entry("b", "two")))
    newer = register(entry("a", "one"), entry("b", "three"))
    assert facts.seed(connection, newer) == 1
    assert facts.seed(connection, newer) == 0
    assert facts.load(connection, newer).facts["b"].answer == {"en": "three"}


def test_what_the_centre_edited_stays(connection: Connection) -> None:
    files = register(entry("a", "one"), entry("b", "two"))
    facts.seed(connection, files)
    edit(connection, "b", "edited")
    newer = register(entry("a", "one"), entry("b", "three"))
    facts.seed(connection, newer)
    loaded = facts.load(connection, newer)
    assert loaded.facts["a"] == files.facts["a"]
    assert loaded.facts["b"] == replace(files.facts["b"], answer={"en": "edited"})


def test_what_has_gone_from_the_files_is_still_known(connection: Connection) -> None:
    files = register(entry("a", "one"), entry("b", "two"))
    facts.seed(connection, files)
    fewer = register(entry("a", "one"))
    facts.seed(connection, fewer)
    assert facts.load(connection, fewer).facts == files.facts
