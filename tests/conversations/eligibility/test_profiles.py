"""What the rules say of forty invented people, and why, as a text that anyone can read and whose changes are a diff."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import tomli

from conversations.eligibility import Condition, Verdict, fields, judge, schemes, suggest

HERE = Path(__file__).parent
TABLE = HERE / "verdicts.txt"
TODAY = date(2026, 11, 22)
AREAS = sorted({one.area for one in schemes()})
SIGNS = {"eq": "is", "ne": "is not", "in": "is one of", "not_in": "is none of", "lt": "is under", "lte": "is at most",
         "gt": "is over", "gte": "is at least", "before": "is before", "not_before": "is not before",
         "has_any": "have", "has_all": "have all of", "lacks": "lack", "level": "is at least", "known": "is known"}


def people() -> list[dict[str, Any]]:
    return list(tomli.loads((HERE / "profiles.toml").read_text(encoding="utf-8"))["person"])


def known(person: dict[str, Any]) -> dict[str, Any]:
    """The answers as they are stored."""
    stored = {name: {"picked": value, "done": True} if isinstance(value, list) else value
              for name, value in person.items() if name != "who"}
    return {name: None if value == "skipped" else value for name, value in stored.items()}


def table() -> str:
    head = f"What the rules say on {TODAY} of the people in profiles.toml, and why.\n"
    return head + "".join(f"\n{part}" for number, person in enumerate(people(), 1) for part in [said(number, person)])


def said(number: int, person: dict[str, Any]) -> str:
    answers = known(person)
    found = fields(answers, TODAY)
    verdicts = [judge(scheme, found) for scheme in schemes()]
    close = {one.scheme.id for one in suggest(answers, AREAS, TODAY, schemes())}
    lines = [f"{number}. {person['who']}"]
    lines += group("may ask for", verdicts, True)
    lines += group("probably not, because not", verdicts, False)
    lines += group("we need to know first", [one for one in verdicts if one.scheme.id in close], None)
    others = sum(one.may_ask is None and one.scheme.id not in close for one in verdicts)
    return "\n".join([*lines, f"  open, and no answer speaks for it: {others}"]) + "\n"


def group(title: str, verdicts: list[Verdict], which: bool | None) -> Iterator[str]:
    fitting = [one for one in verdicts if one.may_ask is which]
    if fitting:
        yield f"  {title}"
    for one in fitting:
        yield f"    {one.scheme.id}: {why(one)}".rstrip(": ") + (f" [best before {one.until}]" if one.until else "")


def why(verdict: Verdict) -> str:
    reasons = "; ".join(words(one) for one in verdict.because)
    if verdict.may_ask is not None:
        return reasons or "for everybody"
    checks = f"a counsellor checks whether {reasons}" if reasons else ""
    return "; ".join(part for part in (", ".join(verdict.missing), checks) if part)


def words(condition: Condition) -> str:
    value = condition.value
    shown = " or ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
    return f"{condition.field} {SIGNS[condition.op]} {'' if condition.op == 'known' else shown}".rstrip()


def test_what_the_rules_say() -> None:
    now = table()
    if os.environ.get("UPDATE_PROFILES") == "1":
        TABLE.write_text(now, encoding="utf-8")
    stored = TABLE.read_text(encoding="utf-8")
    assert now == stored, "The rules say something else. Is it meant? Run with UPDATE_PROFILES=1, and read the diff."


def test_there_are_forty_and_each_way_out_is_there() -> None:
    assert len(people()) == 40
    verdicts = [judge(scheme, fields(known(person), TODAY)) for person in people() for scheme in schemes()]
    assert {one.may_ask for one in verdicts} == {True, False, None}
    decided = {one.scheme.id for one in verdicts if one.may_ask is not None}
    assert {one.id for one in schemes()} == decided
