"""The lists and rules that a clinician may change: what is wrong with them is said."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from conversations.checks import check_safety
from conversations.safety.data import read_data
from conversations.safety.lexicon import LANGUAGES
from conversations.safety.points import QUESTIONS


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


@pytest.mark.parametrize(("part", "name", "value", "fault"), [
    ("concepts", "nowhere", 3, "concept"), ("denied", "nowhere", 3, "concept"),
    ("together", "nowhere", "die 3", "concept"),
    ("together", "die", "nowhere 3", "concept"), ("together", "die", "kill", "points"), ("rules", "T4", 3, "rule"),
    ("words", "many", "kil", "points"), ("words", "3", "Kill", "words"),
    ("beginnings", "many", "kuku", "points"), ("beginnings", "3", "kil", "beginnings"),
])
def test_wrong_points_are_found(part: str, name: str, value: Any, fault: str) -> None:
    points = {question: deepcopy(read_data(f"points_{question}")) for question in QUESTIONS}
    points["danger"][part][name] = value
    assert [one.rule for one in check_safety(points=points)] == [fault]
