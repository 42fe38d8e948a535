"""What was promised: recall of T1 and T2 at least 97 %, false alarms on traps at most 3 %, in each language."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from conversations.safety import Danger, check
from conversations.safety.gate import BY_POINTS
from conversations.safety.rules import rules
from tests.safety.corpus import LANGUAGES, TURKISH, Row, rows

RECALL, FALSE_ALARMS = 0.97, 0.03


@cache
def found_in(text: str) -> Danger | None:
    """Several tests ask it of the same thousands of phrases."""
    return check(text)


def said(row: Row) -> str:
    found = found_in(row.text)
    return found.tier if found else "quiet"


def told(failed: list[Row]) -> str:
    return "".join(f"\n  {row.expect}, {row.kind}: {row.text}  ->  {found_in(row.text)}" for row in failed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_enough_phrases_of_each_tier_and_as_many_traps(language: str) -> None:
    given = rows(language)
    of = Counter(row.expect for row in given)
    assert min(of[tier] for tier in ("T1", "T2", "T3")) >= 100
    near = Counter(row.near for row in given if row.expect == "quiet")
    assert min(near[tier] for tier in ("T1", "T2", "T3")) >= 100
    assert len({row.text for row in given}) == len(given)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tier", ["T1", "T2"])
def test_danger_is_found(language: str, tier: str) -> None:
    given = [row for row in rows(language) if row.expect == tier]
    missed = [row for row in given if said(row) not in ("T1", "T2")]
    print(told(missed))
    assert len(missed) <= (1 - RECALL) * len(given) + 1, told(missed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_found_in_both_tiers_together(language: str) -> None:
    given = [row for row in rows(language) if row.expect in ("T1", "T2")]
    missed = [row for row in given if said(row) not in ("T1", "T2")]
    assert len(missed) <= (1 - RECALL) * len(given), told(missed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_traps_stay_quiet(language: str) -> None:
    given = [row for row in rows(language) if row.expect == "quiet"]
    loud = [row for row in given if said(row) != "quiet"]
    print(told(loud))
    assert len(loud) <= FALSE_ALARMS * len(given), told(loud)


def test_every_rule_finds_a_phrase() -> None:
    found = {one.rule for language in (*LANGUAGES, TURKISH) for row in rows(language) if (one := found_in(row.text))}
    assert {rule.name for rule in rules().rules} | {BY_POINTS} == found
