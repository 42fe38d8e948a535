"""`returnee-bot facts`: out to a file and in again, all of it or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands import facts as work
from bot.settings import Settings
from conversations.register import seed
from conversations.register_file import BadFile
from tests.support import database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, databases: None) -> Settings:
    return Settings(data_dir=tmp_path, database_url=database.new(tmp_path))


def test_out_and_in_again(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "facts.toml"
    assert work.export(settings, file) == f"{len(seed().facts)} facts are in {file}."
    assert work.bring(settings, file, NOW).startswith(f"0 of {len(seed().facts)} facts were new or different")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('state = "verify"', 'state = "verified"', 1), encoding="utf-8")
    assert work.bring(settings, file, NOW).startswith("1 of ")
    work.export(settings, file)
    assert file.read_text(encoding="utf-8").count('state = "verified"') == text.count('state = "verified"') + 1


@pytest.mark.parametrize(("old", "new", "says"), [
    ("[[fact]]", "[[fact]", "Line 3"), ('state = "verify"', 'state = "sure"', "Its state is “sure”"),
    ("answer.sq", "answer.xx", "Its answer is missing in sq"),
])
def test_one_mistake_and_nothing_is_kept(settings: Settings, tmp_path: Path, old: str, new: str, says: str) -> None:
    file, again = tmp_path / "facts.toml", tmp_path / "again.toml"
    work.export(settings, file)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('note = "', 'note = "Changed. ').replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadFile, match=says):
        work.bring(settings, file, NOW)
    work.export(settings, again)
    assert again.read_text(encoding="utf-8") == text


def test_a_file_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        work.bring(settings, tmp_path / "none.toml", NOW)
