"""What a person may ask for, worked out where a form comes to it: the verdicts, why, and the dates that follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from conversations.eligibility import Condition, Verdict, answer, schemes, suggest
from conversations.eligibility.questions import BY_FIELD, said_of
from conversations.eligibility.steps import PLAN_STEPS, REMIND_BEFORE
from conversations.engine.shown import shown
from conversations.engine.turn import AddStep, Dated, Effect, Line, OpenTask, Suggestion, Suggestions
from conversations.engine.walk import Walk
from conversations.model import Area, Ask, Choose, Suggest
from conversations.register import Certainty

SOONEST = timedelta(days=3)
AREA: Mapping[str, Area] = {"employment": "employment", "migration": "migration", "reintegration": "reintegration",
                            "psychosocial": "psychosocial"}


def suggestions(step: Suggest, found: Walk) -> Suggestions:
    scope = found.scope
    today, unverified = scope["today"], scope.get("unverified", True)
    known = said_of({**(scope.get("known") or {}), **(scope.get("carried") or {}), **found.valid})
    told, unsaid = [], []
    for one in _verdicts(step, scope, known, today):
        sure = one.scheme.certainty(today, unverified)
        if sure == Certainty.UNKNOWN and one.may_ask is not False:
            unsaid.append(one.scheme)
        elif sure != Certainty.UNKNOWN:
            told.append(_suggestion(one, known, sure))
    if step.of is not None:
        told = [one for one in told if one.verdict.scheme.id == scope.get(step.of)]
    dates = tuple(_dates(told, today)) if step.shows in WITH_EFFECTS else ()
    return Suggestions(step.id, tuple(told), tuple(unsaid), dates, step.most, step.shows)


WITH_EFFECTS = ("cards", "names")
"""What is shown once more later has had its effects."""


def _verdicts(step: Suggest, scope: Mapping[str, Any], known: Mapping[str, Any], today: date) -> list[Verdict]:
    if step.about is not None:
        return answer(known, scope[step.about], today, schemes())
    found = suggest(known, step.areas, today, schemes())
    dated = _with_a_day(found, today)[:step.most - 1]
    rest = [one for one in found if one not in dated][:step.most - len(dated)]
    return [one for one in found if one in dated or one in rest]


def _with_a_day(found: Iterable[Verdict], today: date) -> list[Verdict]:
    """What must be asked for by a day, once for each thing to do: it is never among what is left out."""
    first: dict[str, Verdict] = {}
    for one in found:
        step = PLAN_STEPS.get(one.scheme.id)
        if one.may_ask is True and one.until is not None and one.until >= today and step is not None:
            first.setdefault(step.key, one)
    return list(first.values())


def _suggestion(verdict: Verdict, known: Mapping[str, Any], certainty: str) -> Suggestion:
    asked = (_asked(one, known) for one in verdict.because)
    because = dict.fromkeys(step.id for step in asked if step is not None)
    missing = dict.fromkeys(step.label for name in verdict.missing for step in BY_FIELD.get(name, ())[:1])
    steps = {step.id: step for steps in BY_FIELD.values() for step in steps}
    lines = tuple(_line(steps[name], known[name]) for name in because)
    return Suggestion(verdict, certainty, lines, tuple(label for label in missing if label))


def _asked(condition: Condition, known: Mapping[str, Any]) -> Ask | Choose | None:
    """The question whose answer decided a condition."""
    steps = BY_FIELD.get(condition.field, ())
    return next((step for step in steps if known.get(step.id) is not None and _is_about(step, condition)), None)


def _is_about(step: Ask | Choose, condition: Condition) -> bool:
    """The question about the passport answers no condition about another paper; "I live here" only says the country."""
    if step.id == "has_passport":
        return isinstance(condition.value, list | tuple) and "biometric_passport" in condition.value
    return True


def _line(step: Ask | Choose, value: Any) -> Line:
    return Line(step.id, step.label or "", shown(step, value))


def _dates(told: Iterable[Suggestion], today: date) -> Iterator[Dated]:
    """By when to ask, where that is still to come; each thing to do once, by its earliest day."""
    earliest: dict[str, Dated] = {}
    for one in told:
        until, step = one.verdict.until, PLAN_STEPS.get(one.verdict.scheme.id)
        if one.verdict.may_ask is not True or until is None or until < today or step is None:
            continue
        known = earliest.get(step.key)
        if known is None or until < known.day:
            earliest[step.key] = Dated(step.key, step.what, until, one.verdict.scheme.id)
    yield from earliest.values()


def suggestion_effects(found: Suggestions, today: date) -> Iterator[Effect]:
    """What follows from an answer: the dates as steps of the plan, and a task where a person must confirm."""
    if found.shows not in WITH_EFFECTS:
        return
    for one in found.dates:
        yield AddStep(one.key, one.what, one.day.isoformat(), once=True, ask_in=_ask_in(one.day, today),
                      source=one.scheme)
    if found.unsaid:
        names = "; ".join(scheme.name["en"] for scheme in found.unsaid)
        area = AREA.get(found.unsaid[0].area, "general")
        yield OpenTask(f"confirm.{area}", area, names, once=True)


def _ask_in(day: date, today: date) -> timedelta:
    """Some days before, and soon where that is past; not the day after it was agreed."""
    return max(SOONEST, day - REMIND_BEFORE - today)
