"""docs/reference/security.md tells every requirement once, and the tests that it names exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "security.md").read_text("utf-8")
COUNTS = {
    "1": (2, 9, 11, 3, 2), "2": (3, 3, 4, 1), "3": (0, 2, 4, 6, 5, 0, 2), "4": (3, 1, 2, 4), "5": (1, 3, 2, 3),
    "6": (3, 12, 4, 4, 5, 3, 0, 4), "7": (3, 4, 2, 5, 2, 2), "8": (2, 3, 1, 1), "9": (3, 4),
    "10": (2, 2, 4, 11, 5, 2, 3), "11": (2, 3, 3, 4, 1, 1), "12": (3, 2, 4), "13": (1, 5, 2, 5), "14": (2, 4, 3),
    "15": (3, 3, 7), "16": (1, 5, 4, 3, 3), "17": (1, 4, 2),
}
"""Chapter -> how many requirements of level 1 and 2 each of its sections has; they are its first ones."""


def wanted() -> set[str]:
    return {f"{chapter}.{section}.{number}" for chapter, sections in COUNTS.items()
            for section, many in enumerate(sections, 1) for number in range(1, many + 1)}


def rows() -> list[tuple[list[str], str, str]]:
    """The requirements, the state and the rest of each line of the tables."""
    found = re.findall(r"^\| ((?:\d+\.\d+\.\d+[–, ]*)+) \| (\S+) \| (.+) \|$", PAGE, re.M)
    return [(_spelled_out(ids), state, rest) for ids, state, rest in found]


def _spelled_out(ids: str) -> list[str]:
    """"1.2.6–1.2.8" are three."""
    found = []
    for one in ids.split(", "):
        first, _, last = one.partition("–")
        section, _, begin = first.rpartition(".")
        end = last.rpartition(".")[2] or begin
        found += [f"{section}.{number}" for number in range(int(begin), int(end) + 1)]
    return found


def test_every_requirement_once() -> None:
    told = Counter(one for ids, _, _ in rows() for one in ids)
    assert len(wanted()) == 253
    assert set(told) == wanted()
    assert [one for one, times in told.items() if times > 1] == []


def test_each_has_one_of_four_states() -> None:
    assert {state for _, state, _ in rows()} == {"yes", "part", "no", "–"}


def test_the_tests_exist() -> None:
    named = set(re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", PAGE))
    tests = {(file, name) for file, name in named if "test_" in file}
    assert len(tests) > 70
    for file, name in tests:
        source = (ROOT / "tests" / file).read_text("utf-8")
        assert not name or re.search(rf"def {name}\(", source), (file, name)
    for file, _ in named - tests:
        assert (ROOT / file).is_file(), file
