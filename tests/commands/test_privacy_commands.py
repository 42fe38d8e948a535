"""`retention` and `person-file`: what would go is only told, what must go goes, and a file is for one person alone."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bot.__main__ import cli
from bot.clock import Clock
from bot.settings import PREFIX
from storage import contacts
from storage.tables import Contact, RetentionRun
from tests.support import database
from tests.support.rows import change

WORDS = "Zylfijekanarina"


def says(*words: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(cli, words)
    return done.exit_code, done.output.splitlines()


@pytest.fixture
def url(tmp_path: Path, databases: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Anna, whom nobody has heard of for longer than anybody may be kept."""
    made = database.new(tmp_path, database.with_tables())
    monkeypatch.setenv(PREFIX + "DATABASE_URL", made)
    monkeypatch.setenv(PREFIX + "DATA_DIR", str(tmp_path))
    now = Clock().now()
    with (database.opened(made) as engine, engine.connect().execution_options(writes=True) as connection,
          connection.begin()):
        [anna] = contacts.add(connection, [("web", "anna", "en")], "Europe/Belgrade", now - timedelta(days=200))
        change(connection, Contact, anna.person.id, known={"name": WORDS})
    return made


def kept(url: str) -> tuple[dict[str, str] | None, int]:
    """What is known of Anna, and how many reports of a run there are."""
    with database.opened(url) as engine, engine.connect() as connection:
        known = connection.scalars(select(Contact.known)).one_or_none()
        runs = connection.scalar(select(func.count(RetentionRun.id))) or 0
    return known, runs


def test_a_dry_run_says_what_would_go_and_leaves_it(url: str) -> None:
    status, lines = says("retention", "--dry-run")
    assert status == 0 and lines[0] == "Would go:"
    [people] = [line for line in lines if " people: without contact for 90 days" in line]
    assert people.startswith("1 ") and "RETURNEE_BOT_RETENTION_CASE_DAYS" in people
    assert WORDS not in "\n".join(lines)
    assert kept(url) == ({"name": WORDS}, 0)


def test_without_dry_run_it_goes_and_leaves_a_report(url: str) -> None:
    status, lines = says("retention")
    assert status == 0 and lines[0] == "Gone:"
    assert kept(url) == ({}, 1)
    assert says("retention", "--dry-run")[1][3].startswith("0 people")


@pytest.mark.parametrize("name", ["anna.html", "anna.json"])
def test_a_file_with_everything_for_nobody_else(url: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    status, lines = says("person-file", "1", str(path))
    assert status == 0 and lines == [
        f"Written to {path}. It holds everything about them: give it to nobody else, and delete it afterwards."]
    assert WORDS in path.read_text("utf-8") and path.stat().st_mode & 0o077 == 0
    if path.suffix == ".json":
        assert json.loads(path.read_text("utf-8"))["contacts"][0]["known"] == {"name": WORDS}


@pytest.mark.usefixtures("url")
def test_of_nobody_there_is_no_file(tmp_path: Path) -> None:
    status, lines = says("person-file", "99", str(tmp_path / "nobody.html"))
    assert status == 1 and lines == ["There is no such person."] and not (tmp_path / "nobody.html").exists()
