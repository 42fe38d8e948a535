"""The register of facts in the database: seeded from the files, and what a centre has edited stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from conversations.register import Fact as FactEntry
from conversations.register import Register, seed
from storage import facts, schema
from storage.database import engine_for
from storage.tables import Fact
from tests.support import database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


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


BEES = replace(entry("bees", "one"), asked={"en": ("bee*",)})


def test_other_words_in_the_files_count_at_once_and_are_no_other_version(connection: Connection) -> None:
    facts.seed(connection, register(BEES))
    newer = register(replace(BEES, asked={"en": ("bee*", "hive*")}))
    assert facts.seed(connection, newer) == 0
    assert facts.load(connection, newer).facts["bees"].asked == {"en": ("bee*", "hive*")}


def test_who_was_told_it_before_new_words_came_was_told_the_same(connection: Connection) -> None:
    files = register(BEES)
    facts.seed(connection, files)
    other = facts.save(connection, replace(BEES, note="Ours"), None, NOW)
    words = facts.save(connection, replace(other, asked={"sq": ("blet*",)}), None, NOW)
    assert (words.version, facts.told_since(connection, words)) == (3, 2)
    assert facts.load(connection, files).facts["bees"] == words
    assert [one.fact.asked for one in facts.versions(connection, "bees")] == [words.asked, BEES.asked, BEES.asked]


def test_a_fact_edited_before_it_had_words_of_its_own_keeps_those_of_the_files(connection: Connection) -> None:
    name = "employment.cv-help"
    cv = seed().facts[name]
    facts.seed(connection, register(cv))
    edit(connection, name, "edited")
    content = connection.execute(select(Fact.content).where(Fact.id == name)).scalar_one()
    del content["asked"]
    connection.execute(update(Fact).where(Fact.id == name).values(content=content))
    loaded = facts.load(connection, register(cv)).facts[name]
    assert loaded.answer == {"en": "edited"} and loaded.asked == cv.asked and loaded.asked["en"]
    facts.save(connection, replace(loaded, asked={}), None, NOW)
    assert facts.load(connection, register(cv)).facts[name].asked == {}, "what was taken away does not come back"


def test_a_file_that_names_no_words_takes_none_away(connection: Connection) -> None:
    files = register(BEES)
    facts.seed(connection, files)
    assert facts.bring(connection, [replace(BEES, asked={})], files, None, NOW) == 0
    assert facts.bring(connection, [replace(BEES, asked={"en": ("hive*",)})], files, None, NOW) == 1
    assert facts.load(connection, files).facts["bees"].asked == {"en": ("hive*",)}


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
