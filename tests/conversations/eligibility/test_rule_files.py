"""A broken rule file is named by file and line, with what to do; the rest of the rules still work."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bot.commands.check import faults
from bot.translate import Translator
from conversations import CONVERSATIONS
from conversations.checks import check_rules, check_schemes
from conversations.eligibility import read, schemes
from conversations.register import seed

TODAY = date(2026, 11, 22)
GOOD = '''\
[[scheme]]
id = "card"
area = "migration"
status = "running"
state = "verify"
confidence = "high"
source = "https://example.org"
seen = "2026"
checked = 2026-11-22
expires = 2027-05-22
entitlement = false
where = ["dimak"]
name = { en = "A card", sq = "Kartë", sr = "Karta", bs = "Karta", de = "Eine Karte" }
may_ask_for = { en = ["a card"], sq = ["kartë"], sr = ["kartu"], bs = ["kartu"], de = ["eine Karte"] }
[[scheme.route]]
label = "no ban"
conditions = [
    { field = "entry_ban", op = "eq", value = "none", sure = "rule" },
    { field = "german_level", op = "level", value = "A2" }
]
'''
LINE = {text: number for number, text in enumerate(GOOD.splitlines(), 1)}
BAN = next(text for text in LINE if "entry_ban" in text)
LEVEL = next(text for text in LINE if "german_level" in text)
NAME = next(text for text in LINE if text.startswith("name"))


def said(folder: Path, *texts: str) -> list[str]:
    """What `returnee-bot check` says about these rule files."""
    for number, text in enumerate(texts):
        (folder / f"{number}.toml").write_text(text, encoding="utf-8")
    rules = read(folder)
    found = check_schemes(rules.schemes, seed().partners, CONVERSATIONS, ("en", "sq", "sr", "bs", "de"), TODAY)
    return [str(one) for one in (*check_rules(rules.bad), *found)]


def test_a_good_file_has_no_faults(tmp_path: Path) -> None:
    assert said(tmp_path, GOOD) == []
    assert [one.id for one in read(tmp_path).schemes] == ["card"]


@pytest.mark.parametrize(("old", "new", "line", "says"), [
    ('id = "card"', 'id = card', 2, "cannot be read"),
    ('id = "card"', 'id = "card" "', 2, "cannot be read"),
    ('id = "card"\n', "", 1, "“id” is missing"),
    ('area = "migration"', 'area = "visa"', 3, "Use one of centre"),
    ('status = "running"', 'status = "open"', 4, "Use one of running"),
    ('seen = "2026"', "seen = 2026", 8, "must be a text"),
    ("expires = 2027-05-22", 'expires = "soon"', 10, "must be a date"),
    ("expires = 2027-05-22", "expires = 2026-11-22", 1, "is not suggested any more"),
    ("entitlement = false", "entitlement = 0", 11, "true or false"),
    ('where = ["dimak"]', 'where = "dimak"', 12, "must be a list"),
    ('where = ["dimak"]', "where = [7]", 12, "list of partners"),
    ('where = ["dimak"]', 'where = ["gone"]', 1, "There is no partner “gone”"),
    ('where = ["dimak"]', 'where = ["dimak"]\nwithin_days = 30', 1, "go together"),
    ('where = ["dimak"]', 'where = ["dimak"]\nwithin_days = 30\nwithin_from = "country"', 1, "Nothing can be counted"),
    (NAME, 'name = "A card"', LINE[NAME], "text for each language"),
    (NAME, NAME.replace('"Kartë"', "7"), LINE[NAME], "a text in each language"),
    (NAME, NAME.replace(', sq = "Kartë"', ""), 1, "missing in sq"),
    (NAME, NAME.replace("Eine Karte", "Sie bekommen eine Karte"), 1, "promises"),
    ('label = "no ban"\n', "", LINE["[[scheme.route]]"], "“label” is missing"),
    (BAN, BAN.replace("entry_ban", "entry_bann"), LINE[BAN], "No question asks “entry_bann”"),
    (BAN, BAN.replace("op =", "operator ="), LINE[BAN], "“op” is missing"),
    (BAN, BAN.replace('"none"', '"nobody"'), LINE[BAN], "is no choice"),
    (BAN, BAN.replace('"rule"', '"maybe"'), LINE[BAN], "Use one of rule, unclear"),
    (BAN, BAN.replace('"eq"', '"is"'), LINE[BAN], "“is” is no comparison"),
    (BAN, BAN.replace('"eq"', '"has_any"'), LINE[BAN], "does not fit “entry_ban”"),
    (BAN, BAN.replace('"eq"', '"in"'), LINE[BAN], "Give a list"),
    (BAN, BAN.replace('"eq"', '"unknown"'), LINE[BAN], "“unknown” is no comparison"),
    (LEVEL, LEVEL.replace('"A2"', '"A7"'), LINE[LEVEL], "“A7” is no level"),
    (LEVEL, LEVEL.replace("german_level", "months_abroad").replace('"level"', '"gte"').replace('"A2"', '"two"'),
     LINE[LEVEL], "“two” is no number"),
    (LEVEL, '{ field = "left_kosovo_date", op = "before", value = "July 2010" }', LINE[LEVEL], "is no day"),
    ("[[scheme.route]]", "[[scheme.rout]]", 1, "“route” is missing"),
    ("[[scheme]]", "[[skeme]]", 1, "Begin each scheme with [[scheme]]"),
])
def test_a_mistake_is_named_by_file_and_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    found = said(tmp_path, GOOD.replace(old, new, 1))
    assert found and all(one.startswith("schemes/0.toml") for one in found), found
    assert any(re.match(rf"schemes/0.toml, line {line}[:,] ", one) and says in one for one in found), found


def test_the_command_says_it(tmp_path: Path) -> None:
    mistakes = said(tmp_path, GOOD.replace(BAN, BAN.replace("entry_ban", "ban")), "[[scheme]]")
    assert len(mistakes) == 2
    assert set(mistakes) <= {str(one) for one in faults(Translator(), seed(), TODAY, tmp_path)}


def test_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "0.toml").write_bytes(GOOD.encode("utf-16"))
    assert said(tmp_path) == ["schemes/0.toml: It is not UTF-8. Save it as UTF-8. [form]"]


def test_two_with_one_id(tmp_path: Path) -> None:
    [found] = said(tmp_path, GOOD, GOOD)
    assert found.startswith("schemes/1.toml, line 1: “card” is there already, at 0.toml, line 1.")


def test_one_broken_scheme_leaves_the_others(tmp_path: Path) -> None:
    second = GOOD.replace('id = "card"', 'id = "other"')
    [found] = said(tmp_path, GOOD.replace('area = "migration"\n', "") + second)
    assert found.startswith("schemes/0.toml, line 1: “area” is missing.")
    assert [one.id for one in read(tmp_path).schemes] == ["other"]


def test_the_second_condition_of_the_second_scheme_is_named(tmp_path: Path) -> None:
    second = GOOD.replace('id = "card"', 'id = "other"').replace('"A2"', '"A8"')
    [found] = said(tmp_path, GOOD + second)
    assert found.startswith(f"schemes/0.toml, line {len(LINE) + LINE[LEVEL]}, other: “A8” is no level")


def test_every_condition_of_the_real_files_knows_its_line() -> None:
    folder = Path("conversations/schemes")
    lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in folder.glob("*.toml")}
    for condition in (one for scheme in schemes() for route in scheme.routes for one in route.conditions):
        file, _, line = condition.at.partition(", line ")
        assert f'field = "{condition.field}", op = "{condition.op}"' in lines[file][int(line) - 1]
