"""The rules of eligibility: readable, about answers that exist, complete, in date, and promising nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from conversations.checks.fault import Fault, in_each_language
from conversations.eligibility import OPERATORS, BadRule, Condition, Scheme
from conversations.eligibility.judge import LEVELS
from conversations.eligibility.steps import PLAN_STEPS
from conversations.model import Ask, Choose, Conversation

DERIVED = {"days_since_return": "number", "left_kosovo_date": "day", "age": "number"}
"""What eligibility works out of other answers, and what kind of value it is."""
ASKED_BY_NOBODY = {"enough_points": "choice", "topic": "set", "wage_enough": "choice"}
"""Fields that the rules use and that no question asks: their conditions stay open, a counsellor asks."""
KIND_OF_READER = {"number": "number", "months": "number", "date": "day", "year": "number"}
FITS: Mapping[str, frozenset[str]] = {
    "choice": frozenset({"known", "eq", "ne", "in", "not_in", "level"}),
    "number": frozenset({"known", "eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte"}),
    "day": frozenset({"known", "before", "not_before", "lt", "lte", "gt", "gte"}),
    "set": frozenset({"known", "has_any", "has_all", "lacks"}),
}
"""The comparisons that fit a kind of value."""
WANTS: Mapping[str, tuple[type, ...]] = {
    "in": (list, tuple), "not_in": (list, tuple), "has_any": (list, tuple), "has_all": (list, tuple),
    "lacks": (list, tuple), "level": (str,), "eq": (str, int, bool), "ne": (str, int, bool),
    "lt": (int, str), "lte": (int, str), "gt": (int, str), "gte": (int, str), "before": (str,), "not_before": (str,),
}
"""What a comparison compares with."""
PROMISES = re.compile(
    r"\b(guarantee\w*|you will (get|receive)|you get|garant\w+|do të (merrni|fitoni)|dobićete|dobijate|"
    r"sie (bekommen|erhalten)|zugesichert)\b", re.IGNORECASE)
"""Words that promise, in each language: the office decides, never a rule."""


def check_rules(bad: Iterable[BadRule]) -> list[Fault]:
    """What could not even be read."""
    return [Fault(f"schemes/{one.at}", "", "form", one.says) for one in bad]


def check_schemes(
    schemes: Iterable[Scheme], partners: Collection[str], conversations: Mapping[str, Conversation],
    languages: Collection[str], today: date,
) -> list[Fault]:
    questions = remembered(conversations)
    found: list[Fault] = []
    for scheme in schemes:
        found += _scheme(scheme, partners, languages, today)
        found += _within(scheme, questions)
        for route in scheme.routes:
            for condition in route.conditions:
                found += _condition(scheme, condition, questions)
    return found


def remembered(conversations: Mapping[str, Conversation]) -> dict[str, Ask | Choose]:
    """The questions whose answers belong to the person."""
    return {step.id: step for one in conversations.values() for step in one.steps
            if isinstance(step, Ask | Choose) and step.remember}


def kind_of(field: str, questions: Mapping[str, Ask | Choose]) -> str | None:
    """choice, number, day or set: how a field's value can be compared; None where nothing gives it."""
    question = questions.get(field)
    if isinstance(question, Choose):
        return "set" if question.many else "choice"
    if question is not None:
        return KIND_OF_READER.get(question.reads.kind, "choice")
    return {**DERIVED, **ASKED_BY_NOBODY}.get(field)


def _at(scheme: Scheme, condition: Condition | None = None) -> str:
    at = condition.at if condition is not None and condition.at else scheme.at
    return f"schemes/{at}" if at else "schemes"


def _scheme(scheme: Scheme, partners: Collection[str], languages: Collection[str], today: date) -> Iterator[Fault]:
    at = _at(scheme)
    texts = {"name": scheme.name, "may_ask_for": scheme.may_ask_for, "papers": scheme.papers}
    yield from in_each_language(at, scheme.id, languages, **texts)
    for one in scheme.deadlines:
        yield from in_each_language(at, f"{scheme.id}, {one.id}", languages, what=one.what, advice=one.advice)
    for slug in scheme.where:
        if slug not in partners:
            yield Fault(at, scheme.id, "target", f"There is no partner “{slug}”. Correct it, or add it.")
    if today >= scheme.expires:
        yield Fault(at, scheme.id, "expired", f"It expired on {scheme.expires} and is not suggested any more. "
                    "Check it again at its source and set `checked` and `expires`.")
    if scheme.state != "ask-counsellor" and not scheme.source.strip():
        yield Fault(at, scheme.id, "source", "It is suggested and has no source. Add one, or set it to ask-counsellor.")
    for text in _said(scheme):
        if promise := PROMISES.search(text):
            yield Fault(at, scheme.id, "promise", f"“{promise[0]}” promises, and the office decides. "
                        "Say what may be asked for.")


def _said(scheme: Scheme) -> Iterator[str]:
    """Every text of it that a person reads."""
    yield from scheme.name.values()
    for items in (*scheme.may_ask_for.values(), *scheme.papers.values()):
        yield from items
    for one in scheme.deadlines:
        yield from (*one.what.values(), *one.advice.values())


def _within(scheme: Scheme, questions: Mapping[str, Ask | Choose]) -> Iterator[Fault]:
    if scheme.within_days is not None and scheme.subject and scheme.id not in PLAN_STEPS:
        yield Fault(_at(scheme), scheme.id, "deadline", "It must be asked for within some days, and nothing says what "
                    "then stands in a plan. Add it to PLAN_STEPS.")
    if (scheme.within_days is None) is not (scheme.within_from is None):
        yield Fault(_at(scheme), scheme.id, "deadline", "`within_days` and `within_from` go together. Add the other.")
    if scheme.within_from is not None and kind_of(scheme.within_from, questions) != "day":
        yield Fault(_at(scheme), scheme.id, "deadline", f"Nothing can be counted from “{scheme.within_from}”: no "
                    "question asks for such a day.")


def _condition(scheme: Scheme, condition: Condition, questions: Mapping[str, Ask | Choose]) -> Iterator[Fault]:
    at, kind = _at(scheme, condition), kind_of(condition.field, questions)
    if condition.op not in OPERATORS:
        yield Fault(at, scheme.id, "operator", f"“{condition.op}” is no comparison. Use one of "
                    f"{', '.join(sorted(OPERATORS))}.")
        return
    if kind is None:
        yield Fault(at, scheme.id, "field", f"No question asks “{condition.field}”. Correct the name, ask it, or "
                    "add it to ASKED_BY_NOBODY.")
        return
    if condition.op not in FITS[kind]:
        yield Fault(at, scheme.id, "operator", f"“{condition.op}” does not fit “{condition.field}”. Use one of "
                    f"{', '.join(sorted(FITS[kind]))}.")
        return
    yield from (Fault(at, scheme.id, "value", says) for says in _value(condition, kind, questions))


def _value(condition: Condition, kind: str, questions: Mapping[str, Ask | Choose]) -> Iterator[str]:
    """What a condition compares with can be an answer."""
    kinds = WANTS.get(condition.op)
    if kinds is not None and not isinstance(condition.value, kinds):
        yield f"“{condition.op}” cannot compare with {condition.value!r}. " \
              f"{'Give a list in square brackets.' if list in kinds else 'Give one value.'}"
    elif condition.op == "level":
        if condition.value not in LEVELS:
            yield f"“{condition.value}” is no level. Use one of {', '.join(LEVELS)}."
    elif kind == "day" and kinds is not None:
        if not _is_day(condition.value):
            yield f"“{condition.value}” is no day. Write it as 2010-07-28."
    elif kind == "number" and not all(isinstance(one, int) for one in _wanted(condition.value) if kinds is not None):
        yield f"“{condition.value}” is no number."
    elif kind == "choice" and isinstance(question := questions.get(condition.field), Choose):
        offered = {choice.id for choice in question.choices}
        yield from (f"“{value}” is no choice of the question “{condition.field}”. Use the choice's id."
                    for value in _wanted(condition.value) if kinds is not None and value not in offered)


def _is_day(value: Any) -> bool:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _wanted(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
