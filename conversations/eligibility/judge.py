"""Rules held against what we know of a person: three-valued logic, and nothing that guesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from conversations.eligibility.fields import Known, Span, Ticked, fields
from conversations.eligibility.rules import Condition, Route, Scheme

Three: TypeAlias = bool | None
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
"""Of a language certificate: whoever has one has those before it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    scheme: Scheme
    may_ask: Three
    missing: tuple[str, ...]
    """The fields that nobody has answered and whose answers could decide it."""
    because: tuple[Condition, ...] = ()
    """What decided: the conditions of the route that holds; or one that fails of each route; or, while it is open,
    what was answered and only a counsellor can decide."""
    until: date | None = None
    """By when to ask, where that is known. Being late never means "do not ask"."""


def answer(known: Known, subject: str, today: date, all_schemes: Iterable[Scheme]) -> list[Verdict]:
    """What the rules say of everything that a subject is about: what may be asked for first, then what is open; of
    each, what the person wants most."""
    found = fields(known, today)
    verdicts = [judge(scheme, found) for scheme in _of_subject(all_schemes, subject, today)]
    return sorted(verdicts, key=lambda one: (
        (True, None, False).index(one.may_ask), _rank(one.scheme, known), one.until or date.max, len(one.missing)
    ))


WANTED, IN_THE_AREA, WISHED, FOR_ALL, FOR_OTHERS = range(5)


def _rank(scheme: Scheme, known: Known) -> int:
    """How near a scheme is to what the person wants: the need that they named first, then the work that they want.
    Help for a shop comes last to who looks for a job, or for a way to Germany."""
    need = known.get("first_need")
    wish = known.get("work_wish") or ("any" if need == "employment" else None)
    if not scheme.for_wish:
        return IN_THE_AREA if scheme.area == need else FOR_ALL
    if need == "migration" or (wish is not None and wish not in scheme.for_wish):
        return FOR_OTHERS
    if wish is None:
        return FOR_ALL
    return WANTED if scheme.area == need else WISHED


def missing(all_schemes: Iterable[Scheme], subject: str, found: Known, today: date) -> frozenset[str]:
    """The fields whose answers could decide a scheme of this subject that is open."""
    open_ones = (judge(scheme, found) for scheme in _of_subject(all_schemes, subject, today))
    return frozenset(field for one in open_ones for field in one.missing)


def _of_subject(all_schemes: Iterable[Scheme], subject: str, today: date) -> Iterator[Scheme]:
    """What can be asked for today at all."""
    return (one for one in all_schemes
            if one.subject == subject and one.status != "old-call" and today < one.expires)


def suggest(
    known: Known, areas: Iterable[str], today: date, all_schemes: Iterable[Scheme]
) -> list[Verdict]:
    """What the person may ask for: what they want first, then the surest. What is excluded is left out, and so is
    what nothing of their answers speaks for."""
    found, wanted = fields(known, today), set(areas)
    verdicts = [
        judge(scheme, found)
        for scheme in all_schemes
        if scheme.area in wanted and scheme.status != "old-call" and today < scheme.expires
    ]
    ranked = [(_rank(one.scheme, known), one) for one in verdicts if one.may_ask is not False]
    fitting = [(rank, one) for rank, one in ranked if rank in (WANTED, WISHED) or _speaks_for(one.scheme, found)]
    return [one for _rank_of, one in sorted(fitting, key=lambda each: (
        each[0] != WANTED, each[1].may_ask is None, each[0], len(each[1].missing), each[1].until or date.max
    ))]


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
    value = any_of(result for result, _ in results)
    deciding = [route for result, route in results if result is value]
    unclear = _once(
        one for route in deciding for one in route.conditions if value is None and holds(one, found) is None)
    missing = tuple(dict.fromkeys(one.field for one in unclear if one.field not in found))
    return Verdict(scheme, value, missing, _because(value, deciding, unclear, found), _until(scheme, found))


def _because(
    value: Three, deciding: list[Route], unclear: list[Condition], found: Known
) -> tuple[Condition, ...]:
    if value is None:
        return tuple(one for one in unclear if one.field in found)
    if value:
        return deciding[0].conditions
    return tuple(_once(next(one for one in route.conditions if holds(one, found) is False) for route in deciding))


def _once(conditions: Iterable[Condition]) -> list[Condition]:
    once: list[Condition] = []
    for one in conditions:
        if one not in once:
            once.append(one)
    return once


def _until(scheme: Scheme, found: Known) -> date | None:
    """Counted from the first day that the answer can mean: rather too early than too late."""
    start = found.get(scheme.within_from or "")
    if scheme.within_days is None or not isinstance(start, Span):
        return None
    first: date = start.low
    return first + timedelta(days=scheme.within_days)


def all_of(values: Iterable[Three]) -> Three:
    values = list(values)
    return False if False in values else None if None in values else True


def any_of(values: Iterable[Three]) -> Three:
    values = list(values)
    return True if True in values else None if None in values else False


def _not(value: Three) -> Three:
    return None if value is None else not value


def _all(route: Route, found: Known) -> Three:
    return all_of(holds(condition, found) for condition in route.conditions)


def holds(condition: Condition, found: Known) -> Three:
    """An answer that is not there leaves every condition open, whatever it compares."""
    value = found.get(condition.field)
    if value is None:
        return None
    result = OPERATORS[condition.op](value, condition.value)
    return None if result is False and condition.sure == "unclear" else result


# ----------------------------------------------------------------------- comparisons


def _equal(value: Any, wanted: Any) -> Three:
    return bool(value == wanted)


def _among(value: Any, wanted: Any) -> Three:
    return value in wanted


def _below(value: Any, wanted: Any) -> Three:
    low, high = _ends(value)
    limit = _limit(wanted, low)
    return True if high < limit else False if low >= limit else None


def _not_above(value: Any, wanted: Any) -> Three:
    low, high = _ends(value)
    limit = _limit(wanted, low)
    return True if high <= limit else False if low > limit else None


def _ends(value: Any) -> tuple[Any, Any]:
    return (value.low, value.high) if isinstance(value, Span) else (value, value)


def _limit(wanted: Any, like: Any) -> Any:
    return date.fromisoformat(wanted) if isinstance(wanted, str) and isinstance(like, date) else wanted


def _has_any(value: Ticked, wanted: Any) -> Three:
    return True if value.there & set(wanted) else False if set(wanted) <= value.absent else None


def _has_all(value: Ticked, wanted: Any) -> Three:
    return True if set(wanted) <= value.there else False if set(wanted) & value.absent else None


def _level(value: Any, wanted: Any) -> Three:
    return value in LEVELS[LEVELS.index(wanted):]


OPERATORS: Mapping[str, Callable[[Any, Any], Three]] = {
    "known": lambda value, wanted: True,
    "eq": _equal,
    "ne": lambda value, wanted: _not(_equal(value, wanted)),
    "in": _among,
    "not_in": lambda value, wanted: _not(_among(value, wanted)),
    "lt": _below,
    "before": _below,
    "lte": _not_above,
    "gt": lambda value, wanted: _not(_not_above(value, wanted)),
    "gte": lambda value, wanted: _not(_below(value, wanted)),
    "not_before": lambda value, wanted: _not(_below(value, wanted)),
    "has_any": _has_any,
    "has_all": _has_all,
    "lacks": lambda value, wanted: _not(_has_any(value, wanted)),
    "level": _level,
}
"""How a field that was answered is compared. `level` is a language certificate of at least this level."""
