"""`returnee-bot understand` reads with the facts of the installation, and says so; it makes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import cli
from bot.commands.database import made_ready
from bot.commands.understand import register_of
from bot.settings import Settings
from conversations.register import seed
from conversations.understanding import understand
from storage import facts
from storage.database import engine_for
from tests.support import database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ONE = seed().facts["employment.cv-help"]


def filled(tmp_path: Path) -> Settings:
    """A database in which the centre has given one fact other words."""
    settings = Settings(data_dir=tmp_path, database_url=database.new(tmp_path))
    with engine_for(settings.database, settings.keys) as engine:
        made_ready(engine)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            facts.seed(connection, seed())
            facts.save(connection, replace(ONE, asked={"en": ("beehive*",)}), None, NOW)
    return settings


def test_words_that_the_centre_gave_a_fact_find_it(tmp_path: Path, databases: None) -> None:
    register, which = register_of(filled(tmp_path))
    assert which == f"With the {len(seed().facts)} facts of the database."
    assert understand("beehives", "en", register)["facts"] == [ONE.id]
    assert ONE.id not in understand("beehives", "en")["facts"]


def test_without_a_database_the_seed_is_read_and_nothing_is_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "none")
    register, which = register_of(settings)
    assert register is seed() and which.endswith("facts of the seed: there is no database yet.")
    assert not settings.data_dir.exists()


def test_an_empty_database_is_read_with_the_seed(tmp_path: Path, databases: None) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database.new(tmp_path))
    with engine_for(settings.database, settings.keys) as engine, engine.connect():
        pass  # now SQLite's file is there, too
    register, which = register_of(settings)
    assert register is seed() and "the database is empty" in which


def test_a_database_without_facts_is_read_with_the_seed(tmp_path: Path, databases: None) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database.new(tmp_path))
    with engine_for(settings.database, settings.keys) as engine:
        made_ready(engine)
    assert "no facts yet" in register_of(settings)[1]


def test_a_database_that_is_not_one_is_read_with_the_seed(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.write_text("This is no database, it is a text of more than a hundred characters. " * 3)
    register, which = register_of(Settings(data_dir=tmp_path, database_url=f"sqlite:///{file}"))
    assert register is seed() and "cannot be read" in which


def test_the_json_stands_alone_and_beside_it_which_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETURNEE_BOT_DATA_DIR", str(tmp_path / "none"))
    done = CliRunner().invoke(cli, ["understand", "--language", "en", "help with my cv"])
    assert json.loads(done.stdout)["facts"][0] == ONE.id
    assert done.stderr == f"With the {len(seed().facts)} facts of the seed: there is no database yet.\n"
