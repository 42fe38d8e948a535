"""The rules as data, read from the files in conversations/schemes; what cannot be read is named by file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as described
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import tomli

from conversations.eligibility.lines import Lines, Where, lines_of
from conversations.register import Texts, certainty_of

FOLDER = Path(__file__).parent.parent / "schemes"
Items: TypeAlias = Mapping[str, tuple[str, ...]]
"""Several texts in each language."""


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    op: str
    value: Any = None
    sure: Literal["rule", "unclear"] = "rule"
    """unclear: if it does not hold, it is open; a counsellor checks."""
    at: str = described(default="", compare=False)
    """File and line."""


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
    may_ask_for: Items
    routes: tuple[Route, ...]
    papers: Items
    deadlines: tuple[Deadline, ...] = ()
    within_days: int | None = None
    within_from: str | None = None
    note: str = ""
    subject: str = ""
    """What a person asks about who wants to know of it; empty: nobody is asked whether it fits them."""
    for_wish: tuple[str, ...] = ()
    """For whom it is who wants one of these most: answers to “What do you want most?”; empty: for everybody."""
    at: str = described(default="", compare=False)
    """File and line."""

    def certainty(self, today: date, show_unverified: bool = True) -> str:
        """How it may be told today, as a fact."""
        return certainty_of(self.state, self.expires, today, show_unverified)


@dataclass(frozen=True, slots=True)
class BadRule:
    """Something in a rule file that cannot be read, where it stands, and what to do."""

    at: str
    says: str


@dataclass(frozen=True, slots=True)
class Rules:
    schemes: tuple[Scheme, ...]
    bad: tuple[BadRule, ...]


@cache
def schemes() -> tuple[Scheme, ...]:
    """Every scheme of the seed. One that cannot be read is left out; `returnee-bot check` says why."""
    return read(FOLDER).schemes


def read(folder: Path) -> Rules:
    """The schemes of a folder, and what is wrong with those that are left out."""
    found: list[Scheme] = []
    bad: list[BadRule] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        for one in _read_file(path):
            if isinstance(one, Scheme) and one.id in seen:
                one = BadRule(one.at, f"“{one.id}” is there already, at {seen[one.id]}. Give one of them another id.")
            if isinstance(one, Scheme):
                seen[one.id] = one.at
                found.append(one)
            else:
                bad.append(one)
    return Rules(tuple(found), tuple(bad))


def _read_file(path: Path) -> Iterator[Scheme | BadRule]:
    try:
        text = path.read_text(encoding="utf-8")
        content = tomli.loads(text)
    except UnicodeDecodeError:
        yield BadRule(path.name, "It is not UTF-8. Save it as UTF-8.")
        return
    except tomli.TOMLDecodeError as wrong:
        yield BadRule(f"{path.name}, line {wrong.lineno}", f"It cannot be read: {wrong.msg}. Correct this line.")
        return
    lines = lines_of(path.name, text)
    for name in content.keys() - {"scheme"}:
        yield BadRule(lines.of((name,)), f"“{name}” is no part of a rule file. Begin each scheme with [[scheme]].")
    for number, stored in _items(content, "scheme"):
        where = ("scheme", number)
        if faults := [BadRule(lines.of(at), says) for at, says in _wrong(stored, where)]:
            yield from faults
        else:
            yield _scheme(stored, where, lines)


# --------------------------------------------------------------------- what must be there

Kinds: TypeAlias = tuple[type, ...]
Keys: TypeAlias = Mapping[str, Kinds]
TEXT, NUMBER, TRUTH, DAY, LIST, TABLE = (str,), (int,), (bool,), (date,), (list,), (dict,)
SCHEME: Keys = {
    "id": TEXT, "area": TEXT, "status": TEXT, "state": TEXT, "confidence": TEXT, "source": TEXT, "seen": TEXT,
    "checked": DAY, "expires": DAY, "entitlement": TRUTH, "where": LIST, "name": TABLE, "may_ask_for": TABLE,
    "route": LIST,
}
SCHEME_MAY: Keys = {
    "papers": TABLE, "deadline": LIST, "within_days": NUMBER, "within_from": TEXT, "note": TEXT, "subject": TEXT,
    "for_wish": LIST,
}
ROUTE: Keys = {"label": TEXT, "conditions": LIST}
CONDITION: Keys = {"field": TEXT, "op": TEXT}
CONDITION_MAY: Keys = {"value": (str, int, bool, list), "sure": TEXT}
DEADLINE: Keys = {
    "id": TEXT, "kind": TEXT, "what": TABLE, "advice": TABLE, "source": TEXT, "seen": TEXT, "confidence": TEXT,
}
DEADLINE_MAY: Keys = {
    "value": NUMBER, "unit": TEXT, "counted_from": TEXT, "date": (str, date), "remind_days_before": NUMBER,
}
ONE_OF: Mapping[str, tuple[str, ...]] = {
    "area": ("centre", "emergency", "employment", "migration", "psychosocial", "reintegration"),
    "subject": ("return", "home", "family", "money", "goods", "work", "germany"),
    "status": ("running", "pilot", "unknown", "old-call"),
    "state": ("verified", "verify", "ask-counsellor"),
    "confidence": ("high", "medium", "low"),
    "sure": ("rule", "unclear"),
    "unit": ("days", "months", "years"),
}
WISHES = ("job", "any", "training", "business")
"""What somebody can want most, of work."""
LISTS = ("may_ask_for", "papers")
"""What is several texts in each language."""
CALLED: Mapping[type, str] = {str: "a text", int: "a number", bool: "true or false", date: "a date", list: "a list",
                              dict: "a text for each language"}


def _wrong(stored: Any, where: Where) -> Iterator[tuple[Where, str]]:
    """What is wrong with the form of one scheme, and where."""
    yield from _form(stored, where, SCHEME, SCHEME_MAY)
    for number, route in _items(stored, "route"):
        at = (*where, "route", number)
        yield from _form(route, at, ROUTE, {})
        for one, condition in _items(route, "conditions"):
            yield from _form(condition, (*at, "condition", one), CONDITION, CONDITION_MAY)
    for number, deadline in _items(stored, "deadline"):
        yield from _form(deadline, (*where, "deadline", number), DEADLINE, DEADLINE_MAY)
    if isinstance(stored, dict) and stored.get("route") == []:
        yield where, "It has no route, so nobody could ask for it. Add a [[scheme.route]]."


def _items(stored: Any, name: str) -> list[tuple[int, Any]]:
    items = stored.get(name) if isinstance(stored, dict) else None
    return list(enumerate(items)) if isinstance(items, list) else []


def _form(stored: Any, where: Where, must: Keys, may: Keys) -> Iterator[tuple[Where, str]]:
    if not isinstance(stored, dict):
        yield where, f"Here belongs a table with {', '.join(must)}."
        return
    missing = [name for name in must if name not in stored]
    if missing:
        yield where, f"{', '.join(f'“{name}”' for name in missing)} is missing. Add it."
    for name, value in stored.items():
        yield from (((*where, name), says) for says in _value(name, value, {**must, **may}))


def _value(name: str, value: Any, keys: Keys) -> Iterator[str]:
    if name not in keys:
        yield f"“{name}” is not known here. Use one of {', '.join(sorted(keys))}."
        return
    kinds = keys[name]
    if not any(_is(value, kind) for kind in kinds):
        yield f"“{name}” must be {' or '.join(CALLED[kind] for kind in kinds)}, and is {value!r}."
    elif name in ONE_OF and value not in ONE_OF[name]:
        yield f"“{name}” is “{value}”. Use one of {', '.join(ONE_OF[name])}."
    elif name == "date" and isinstance(value, str) and not _is_day(value):
        yield f"“{name}” must be a day such as 2026-12-31, and is “{value}”."
    elif isinstance(value, dict) and not all(_is_wording(one, name in LISTS) for one in value.values()):
        yield f"“{name}” must be {'a list of texts' if name in LISTS else 'a text'} in each language."
    elif name == "for_wish" and not set(map(str, value)) <= set(WISHES):
        yield f"“for_wish” is a list of wishes. Use some of {', '.join(WISHES)}."
    elif name == "where" and not _is_wording(value, True):
        yield "“where” must be a list of partners, each by its slug."


def _is_wording(value: Any, several: bool) -> bool:
    if several:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _is(value: Any, kind: type) -> bool:
    """True and False are no numbers here."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


# ------------------------------------------------------------------------ from the file


def _scheme(stored: Mapping[str, Any], where: Where, lines: Lines) -> Scheme:
    rest = {name: value for name, value in stored.items() if name not in ("route", "deadline")}
    routes = tuple(_route(one, (*where, "route", number), lines) for number, one in _items(stored, "route"))
    lists = {name: {language: tuple(items) for language, items in stored.get(name, {}).items()}
             for name in ("may_ask_for", "papers")}
    deadlines = tuple(_deadline(one) for one in stored.get("deadline", ()))
    return Scheme(**{**rest, **lists, "where": tuple(stored["where"]), "for_wish": tuple(stored.get("for_wish", ()))},
                  routes=routes, deadlines=deadlines,
                  at=lines.of(where))


def _route(stored: Mapping[str, Any], where: Where, lines: Lines) -> Route:
    return Route(stored["label"], tuple(
        Condition(**one, at=lines.of((*where, "condition", number))) for number, one in _items(stored, "conditions")
    ))


def _deadline(stored: Mapping[str, Any]) -> Deadline:
    day = stored.get("date")
    return Deadline(**{**stored, "date": date.fromisoformat(day) if isinstance(day, str) else day})
