"""Which help a person may ask for: rules as data, walked by pure functions.

Three values: True, False, and None for open. A skipped or unknown answer makes a condition open, never
false. A scheme may be asked for where at least one of its routes holds; nothing here promises anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import tomli

from conversations.register import Texts

FOLDER = Path(__file__).parent / "schemes"
Three: TypeAlias = bool | None
Known: TypeAlias = Mapping[str, Any]
SETS = ("household", "papers", "topic")
"""Fields that hold several values at once."""


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    op: str
    value: Any = None
    sure: Literal["rule", "unclear"] = "rule"
    """unclear: if it does not hold, it is open; a counsellor checks."""


@dataclass(frozen=True, slots=True)
class Route:
    label: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    id: str
    kind: str
    what: Texts
    advice: Texts
    source: str
    seen: str
    confidence: str
    value: int | None = None
    unit: str | None = None
    counted_from: str | None = None
    date: date | None = None
    remind_days_before: int | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    id: str
    area: str
    status: str
    state: str
    confidence: str
    source: str
    seen: str
    checked: date
    expires: date
    entitlement: bool
    where: tuple[str, ...]
    """Partners, by slug."""
    name: Texts
    may_ask_for: Mapping[str, tuple[str, ...]]
    routes: tuple[Route, ...]
    papers: Mapping[str, tuple[str, ...]]
    deadlines: tuple[Deadline, ...] = ()
    within_days: int | None = None
    within_from: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    scheme: Scheme
    may_ask: Three
    missing: tuple[str, ...]
    """The fields whose answers would decide it."""
    until: date | None = None
    """By when to ask, where that is known. Being late never means "do not ask"."""


@cache
def schemes() -> tuple[Scheme, ...]:
    """Every scheme of the seed."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        found += [read_scheme(one) for one in tomli.loads(path.read_text(encoding="utf-8"))["scheme"]]
    return tuple(found)


def read_scheme(stored: dict[str, Any]) -> Scheme:
    rest = {name: value for name, value in stored.items() if name not in ("route", "deadline")}
    routes = tuple(
        Route(one["label"], tuple(Condition(**condition) for condition in one["conditions"]))
        for one in stored["route"]
    )
    lists = {name: {language: tuple(items) for language, items in stored.get(name, {}).items()}
             for name in ("may_ask_for", "papers")}
    deadlines = tuple(Deadline(**one) for one in stored.get("deadline", ()))
    return Scheme(**{**rest, **lists, "where": tuple(stored["where"])}, routes=routes, deadlines=deadlines)


def fields(known: Known, today: date) -> dict[str, Any]:
    """What the rules may know, from what the person told us. A field that is not there is open."""
    found = {name: value for name, value in known.items() if value is not None and value != "unknown"}
    for name in SETS:
        if isinstance(found.get(name), Mapping):
            found[name] = frozenset(found[name].get("picked", ())) - {"none", "alone"}
    if returned := first_day(found.get("return_date")):
        found["return_date"] = returned
        found["days_since_return"] = (today - returned).days
    if year := found.pop("left_year", None):
        found["left_kosovo_date"] = date(int(str(year)[:4]), 7, 1)
    if known.get("situation") == "resident":
        found["country"] = "XK"
    return found


def first_day(value: Any) -> date | None:
    """The first day that a date of reduced precision ("2019", "2019-03") can mean."""
    if not isinstance(value, str):
        return None
    parts = [int(part) for part in value.split("-")]
    return date(*[*parts, 1, 1][:3])


def suggest(
    known: Known, areas: Iterable[str], today: date, all_schemes: Iterable[Scheme], need: str | None = None
) -> list[Verdict]:
    """What the person may ask for, the surest first, then what they need first. What is excluded is left out, and
    so is what nothing of their answers speaks for."""
    found, wanted = fields(known, today), set(areas)
    verdicts = [
        judge(scheme, found)
        for scheme in all_schemes
        if scheme.area in wanted and scheme.status != "old-call" and today < scheme.expires
    ]
    fitting = [one for one in verdicts if one.may_ask is not False and _speaks_for(one.scheme, found)]
    return sorted(fitting, key=lambda one: (
        one.may_ask is None, one.scheme.area != need, len(one.missing), one.until or date.max
    ))


def _speaks_for(scheme: Scheme, found: Known) -> bool:
    """True where at least one condition of a route that is not excluded holds."""
    return any(
        holds(condition, found) is True
        for route in scheme.routes if _all(route, found) is not False
        for condition in route.conditions
    )


def judge(scheme: Scheme, found: Known) -> Verdict:
    """Whether the person may ask for it: True, False, or None while it is open."""
    results = [(_all(route, found), route) for route in scheme.routes]
    value: Three = any_of(result for result, _ in results)
    missing = () if value is not None else tuple(dict.fromkeys(
        condition.field
        for result, route in results if result is None
        for condition in route.conditions if holds(condition, found) is None
    ))
    return Verdict(scheme, value, missing, _until(scheme, found))


def _until(scheme: Scheme, found: Known) -> date | None:
    start = found.get(scheme.within_from or "")
    if scheme.within_days is None or not isinstance(start, date):
        return None
    return start + timedelta(days=scheme.within_days)


def all_of(values: Iterable[Three]) -> Three:
    values = list(values)
    return False if False in values else None if None in values else True


def any_of(values: Iterable[Three]) -> Three:
    values = list(values)
    return True if True in values else None if None in values else False


def _all(route: Route, found: Known) -> Three:
    return all_of(holds(condition, found) for condition in route.conditions)


def holds(condition: Condition, found: Known) -> Three:
    value = found.get(condition.field)
    result = _compare(condition.op, value, condition.value)
    return None if result is False and condition.sure == "unclear" else result


def _compare(op: str, value: Any, wanted: Any) -> Three:
    if op == "known":
        return True if value is not None else None
    if op == "unknown":
        return value is None
    if value is None:
        return None
    if isinstance(wanted, str) and isinstance(value, date):
        wanted = date.fromisoformat(wanted)
    match op:
        case "eq":
            return bool(value == wanted)
        case "ne":
            return bool(value != wanted)
        case "in":
            return value in wanted
        case "not_in":
            return value not in wanted
        case "lt" | "before":
            return bool(value < wanted)
        case "lte":
            return bool(value <= wanted)
        case "gt":
            return bool(value > wanted)
        case "gte" | "not_before":
            return bool(value >= wanted)
        case "has_any":
            return True if set(value) & set(wanted) else None
        case "has_all":
            return True if set(wanted) <= set(value) else None
        case "lacks":
            return False if set(value) & set(wanted) else None
    raise ValueError(f"unknown comparison {op!r}")
