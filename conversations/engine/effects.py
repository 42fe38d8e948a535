"""What steps on the path set, beside showing something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conversations.engine.suggested import suggestion_effects, suggestions
from conversations.engine.turn import AddStep, Effect, Given, OpenTask, OpenTicket, Propose, Record, Schedule, Withdraw
from conversations.engine.walk import At, Walk
from conversations.model import (
    EFFECTS,
    Ask,
    Choose,
    Enquire,
    HandOff,
    Plan,
    Refer,
    Remind,
    Suggest,
)

WITHDRAWN = (Plan, Remind, Refer, Suggest)
"""Steps whose effect is taken back when they leave the path."""


def records_of(asked: At, value: Any, scope: Given) -> tuple[Effect, ...]:
    step = asked.step
    if not isinstance(step, Ask | Choose) or step.records is None:
        return ()
    item = scope.get(step.of) if step.of else asked.path.split("/")[1] if "/" in asked.path else None
    return (Record(step.records, value, item),)


def effects_of(new: list[At], found: Walk) -> Iterator[Effect]:
    for at in new:
        step = at.step
        if isinstance(step, Suggest):
            yield from suggestion_effects(suggestions(step, found), found.scope["today"])
        elif isinstance(step, EFFECTS):
            effect = _effect(step, found.scope)
            if effect is not None:
                yield effect


def picked_by(value: Any, by: tuple[str, ...], scope: Mapping[str, Any]) -> Any:
    """The value itself, or the one that the first of these answers on the path picks."""
    if not isinstance(value, Mapping):
        return value
    return next((value.get(scope[name]) for name in by if scope.get(name) is not None), None)


def _effect(step: Plan | Remind | Refer | Enquire | HandOff, scope: Mapping[str, Any]) -> Effect | None:
    match step:
        case Plan(id=name, what=what, by=by, answer=answer, due=due, source=source):
            text = scope.get(answer) if answer else picked_by(what, by, scope)
            told_by = picked_by(source, by, scope) or None
            return AddStep(name, text, scope.get(due) if due else None, source=told_by) if text else None
        case Remind(id=name, opens=opens, after=after, by=by):
            wait = picked_by(after, by, scope)
            return Schedule(name, opens, wait) if wait else None
        case Refer(id=name, partner=partner, by=by, asks=asks):
            slug = picked_by(partner, by, scope)
            return Propose(name, slug, asks) if slug else None
        case Enquire(id=name, area=area, about=about, reason=reason, kind=kind, within=within):
            return OpenTask(name, area, reason or str(scope.get(about) or ""), kind, within)
        case HandOff(id=name, area=area, reason=reason, urgent=urgent, text=text):
            return OpenTicket(name, area, reason, urgent, text)


def withdrawn_by(before: Walk, after: Walk) -> Iterator[Withdraw]:
    had_effects = [at for at in before.passed if isinstance(at.step, WITHDRAWN)]
    on_path = {at.path for at in after.passed} if had_effects else set()
    for at in had_effects:
        if at.path not in on_path and isinstance(at.step, Suggest):
            yield from (Withdraw(one.key) for one in suggestions(at.step, before).dates)
        elif at.path not in on_path:
            yield Withdraw(at.path)
