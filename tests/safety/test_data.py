"""The lists and rules that a clinician may change: what is wrong with them is said."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from conversations.checks import check_safety
from conversations.safety.lexicon import LANGUAGES
from conversations.safety.words import read_data


def broken(part: str, name: str, value: Any) -> list[str]:
    """The faults after one rule was given a value."""
    rules = deepcopy(read_data("rules"))
    if part == "rule":
        rules["rule"][0][name] = value
    else:
        rules[part][name] = value
    return [fault.rule for fault in check_safety(rules=rules)]


def test_nothing_is_wrong() -> None:
    assert check_safety() == []


@pytest.mark.parametrize(("part", "name", "value", "fault"), [
    ("rule", "in_order", ["want dye"], "concept"), ("rule", "unless", ["film sentence"], "concept"),
    ("rule", "unless", ["story somewhere"], "guard"), ("rule", "unless", ["story near many"], "guard"),
    ("rule", "tier", "T4", "tier"), ("rule", "about", "", "about"), ("rule", "name", "suicide.act", "name"),
    ("groups", "dying", "die ded", "concept"), ("guards", "story", ["story"], "guard"),
])
def test_a_wrong_rule_is_found(part: str, name: str, value: Any, fault: str) -> None:
    assert fault in broken(part, name, value)


def test_a_rule_that_can_find_nothing_is_found() -> None:
    rules = deepcopy(read_data("rules"))
    rules["rule"].append({"name": "empty", "tier": "T1", "about": "Nothing."})
    assert [fault.rule for fault in check_safety(rules=rules)] == ["rows"]


def test_wrong_words_are_found() -> None:
    lists = {language: deepcopy(read_data(language)) for language in LANGUAGES}
    lists["en"]["words"] |= {"nowhere": "word", "die": "di*e", "kill": " "}
    faults = check_safety(lists)
    assert sorted({(fault.rule, fault.step) for fault in faults}) == [
        ("described", "nowhere"), ("unused", "nowhere"), ("words", "en, die"), ("words", "en, kill")]


@pytest.mark.parametrize("part", ["points", "denied"])
def test_points_of_an_unknown_concept_are_found(part: str) -> None:
    points = deepcopy(read_data("points"))
    points[part]["nowhere"] = 3
    assert [fault.rule for fault in check_safety(points=points)] == ["concept"]
