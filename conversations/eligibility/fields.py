"""What the rules may know of a person, from what the person told us. A field that is not there is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from conversations.model import Choose
from conversations.profile import HOUSEHOLD, PAPERS

Known: TypeAlias = Mapping[str, Any]
CHILDREN, DONE = "children/", "done"
"""The ages in the intake: `children/0?` is "add" or "done", `children/0/age` a number."""
SETS = ("household", "papers", "topic")
"""Fields that hold several values at once."""
OFFERED: Mapping[str, Choose] = {"household": HOUSEHOLD, "papers": PAPERS}


@dataclass(frozen=True, slots=True)
class Span:
    """What an answer without a day can mean: "2019" is any day of that year."""

    low: Any
    high: Any


@dataclass(frozen=True, slots=True)
class Ticked:
    """Several choices: those that the person has, and those that they said they have not. Of the rest we know
    nothing: who ticks one paper may have forgotten another."""

    there: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()


AGES: Mapping[str, Span] = {
    "under_18": Span(0, 17), "18_29": Span(18, 29), "30_65": Span(30, 65), "over_65": Span(66, 130),
}
"""We ask for no year of birth: the span is enough for most rules, and open for the others."""


AT_SCHOOL, SMALL = range(6, 18), range(5)
NOT_SURELY = (5, 18)
"""At these ages a child may go to school or not."""


def from_children(known: Known) -> dict[str, str]:
    """What the ages of the children answer already, so that nobody is asked twice: a child that is there says yes;
    no is only sure where each child has an age."""
    given = {path: value for path, value in known.items() if path.startswith(CHILDREN)}
    ages = [value for path, value in given.items() if path.endswith("/age") and isinstance(value, int)]
    is_whole = DONE in given.values() and len(ages) == sum(value == "add" for value in given.values()) > 0
    found = {}
    if any(age in AT_SCHOOL for age in ages):
        found["school_child"] = "yes"
    elif is_whole and not any(age in NOT_SURELY for age in ages):
        found["school_child"] = "no"
    if any(age in SMALL for age in ages):
        found["child_under_5"] = "yes"
    elif is_whole:
        found["child_under_5"] = "no"
    return found


def fields(known: Known, today: date) -> dict[str, Any]:
    """What the rules may know. What was skipped, or answered with "I don't know", is left out."""
    found = {**from_children(known),
             **{name: value for name, value in known.items() if value is not None and value != "unknown"}}
    for name in SETS:
        if isinstance(found.get(name), Mapping):
            found[name] = _ticked(name, found[name].get("picked", ()))
    _passport(found)
    returned = days_of(found.pop("return_date", None))
    if returned is not None:
        returned = Span(min(returned.low, today), min(returned.high, today))
        found["return_date"] = returned
        found["days_since_return"] = Span((today - returned.high).days, (today - returned.low).days)
    left = days_of(found.pop("left_year", None))
    if left is not None:
        found["left_kosovo_date"] = left
    if (age := found.pop("age_group", None)) in AGES:
        found["age"] = AGES[age]
    if known.get("situation") == "resident":
        found["country"] = "XK"
    return found


def _ticked(name: str, picked: Any) -> Ticked:
    """With the choice that excludes the others ("none of these") a person has said no to each of them."""
    step = OFFERED.get(name)
    choices = step.choices if step is not None else ()
    alone = {one.id for one in choices if one.alone}
    absent = {one.id for one in choices} - alone if alone & set(picked) else set()
    return Ticked(frozenset(picked) - alone, frozenset(absent))


def _passport(found: dict[str, Any]) -> None:
    """The question about the passport alone is the surer answer."""
    has = found.get("has_passport")
    if has in ("yes", "no"):
        papers, passport = found.get("papers", Ticked()), {"biometric_passport"}
        there = papers.there | passport if has == "yes" else papers.there - passport
        absent = papers.absent - passport if has == "yes" else papers.absent | passport
        found["papers"] = Ticked(there, absent)


def days_of(value: Any) -> Span | None:
    """The first and the last day that a date of reduced precision ("2019", "2019-03") can mean."""
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        return None
    parts = [int(part) for part in value.split("-")]
    first = date(*[*parts, 1, 1][:3])
    if len(parts) == 3:
        return Span(first, first)
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return Span(first, date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1))
