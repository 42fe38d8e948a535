"""walk(): the steps that answers lead through. The position is never stored; it is found here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from conversations.engine.turn import Answers, Given
from conversations.model import (
    Ask,
    Branch,
    Choice,
    Choose,
    Conversation,
    End,
    Go,
    Group,
    Review,
    Step,
    holds,
)
from conversations.readers.base import Reader

MORE, ENOUGH, CONFIRM, SKIPPED = "add", "done", "yes", "skipped"


@dataclass(frozen=True, slots=True)
class At:
    """A step on the path, with the item of a group that it belongs to."""

    path: str
    step: Step
    scope: Mapping[str, Any] = field(default_factory=dict)
    group: Group | None = None
    """Set where the question is the group's own: "one more?"."""


@dataclass(slots=True)
class Walk:
    passed: list[At] = field(default_factory=list)
    awaiting: At | None = None
    scope: dict[str, Any] = field(default_factory=dict)
    """The given values and the answers on the path."""
    valid: dict[str, Any] = field(default_factory=dict)
    """The answers that were found valid."""
    lists: dict[str, Any] = field(default_factory=dict)
    """What was listed when the run began, as it stands among the answers."""
    stopped: int | None = None
    """Where in the conversation it awaits an answer, if a walk can go on from there."""

    @property
    def last(self) -> Step | None:
        return self.passed[-1].step if self.passed and self.awaiting is None else None


@dataclass(frozen=True, slots=True)
class _Stop:
    """What the walk needs to know of a step, worked out once."""

    step: Step
    here: At
    kind: str
    """branch, group, question, last, or plain"""
    choices: frozenset[str] | None
    """Of a single choice that is the same for everybody: the ids."""
    leads: Mapping[str, str]
    """Choice -> the step that it leads to."""
    reads: Reader | None = None
    """What an answer in words must be."""


@cache
def _stops(conversation: Conversation) -> tuple[_Stop, ...]:
    return tuple(_stop(step) for step in conversation.steps)


def _stop(step: Step) -> _Stop:
    kinds = ((Branch, "branch"), (Group, "group"), (Ask | Choose | Review, "question"), (Go | End, "last"))
    kind = next((name for types, name in kinds if isinstance(step, types)), "plain")
    if not isinstance(step, Choose) or step.many:
        return _Stop(step, At(step.id, step), kind, None, {}, step.reads if isinstance(step, Ask) else None)
    fixed = step.over is None and all(choice.when is None for choice in step.choices)
    ids = frozenset(choice.id for choice in step.choices) if fixed else None
    return _Stop(step, At(step.id, step), kind, ids, {one.id: one.then for one in step.choices if one.then})


def walk(conversation: Conversation, answers: Mapping[str, Any], given: Given, before: Walk | None = None) -> Walk:
    """The steps that these answers lead through, up to the first question without a valid answer.

    `before`: an earlier walk with the same given values. Where its answers still stand, this one goes on from where it
    stopped; what it has found valid need not be read again."""
    found, at = _begun(answers, given, before)
    scope, sure = found.scope, before.valid if before is not None else {}
    stops, is_simple = _stops(conversation), True
    while at < len(stops):
        stop = stops[at]
        at += 1
        step, kind = stop.step, stop.kind
        applies = step.when is None or holds(step.when, scope)
        if kind == "branch":
            at = conversation.index[step.then] if applies and step.then else at
            continue
        if not applies:
            continue
        if kind == "group":
            is_simple = False
            found.awaiting = _walk_group(cast(Group, step), answers, found)
        elif kind == "question" and not _has_answer(stop, answers, found, sure):
            found.awaiting = stop.here
            found.stopped = at - 1 if is_simple else None
        if found.awaiting is not None:
            return found
        if kind != "group":
            found.passed.append(stop.here)
        if kind == "last":
            return found
        answer = answers.get(step.id) if stop.leads else None
        target = (stop.leads.get(answer) if isinstance(answer, str) else None) or step.then
        at = conversation.index[target] if target else at
    return found


def _begun(answers: Mapping[str, Any], given: Given, before: Walk | None) -> tuple[Walk, int]:
    """A walk that is to begin, and where."""
    lists = {name: value for name, value in answers.items() if name[0] == "@"}
    if before is None or before.stopped is None or before.lists != lists or not _still_stand(before.valid, answers):
        return Walk(scope={**given, **{name[1:]: value for name, value in lists.items()}}, lists=lists), 0
    return Walk([*before.passed], scope={**before.scope}, valid={**before.valid}, lists=lists), before.stopped


def _still_stand(valid: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    return all(answers.get(name, ...) is value for name, value in valid.items())


def _has_answer(stop: _Stop, answers: Mapping[str, Any], found: Walk, sure: Mapping[str, Any]) -> bool:
    """Whether this question is answered; then its answer is in scope."""
    name = stop.here.path
    if name not in answers:
        return False
    value = answers[name]
    if value is not None and stop.choices is not None:
        valid = isinstance(value, str) and value in stop.choices
    elif value is not None and stop.reads is not None:
        valid = sure.get(name) is value or stop.reads.accepts(value)
    else:
        valid = _is_answered(cast(Ask | Choose | Review, stop.step), name, answers, found.scope)
    if valid:
        found.scope[name] = value
        found.valid[name] = value
    return valid


def _walk_group(group: Group, answers: Mapping[str, Any], found: Walk) -> At | None:
    """Walk a group's items; the question to ask, or None when the group is complete."""
    items: list[dict[str, Any]] = []
    found.scope[group.id] = items
    for key, item in _items(group, answers, found):
        if item is None:
            return At(key, group, group=group)
        values: dict[str, Any] = dict(item)
        for step in group.steps:
            path = f"{key}/{step.id}"
            scope = {**found.scope, **values}
            if not holds(step.when, scope):
                continue
            here = At(path, step, scope=values)
            if isinstance(step, Ask | Choose):
                if not _is_answered(step, path, answers, scope):
                    return here
                values[step.id] = answers[path]
            found.passed.append(here)
        items.append(values)
    return None


def _items(
    group: Group, answers: Mapping[str, Any], found: Walk
) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Each item's path with what is given of it; None for the item when "one more?" is open."""
    if group.over is not None:
        for item in found.scope.get(group.over) or ():
            yield f"{group.id}/{item['key']}", item
        return
    for number in range(group.most):
        key = f"{group.id}/{number}"
        answer = answers.get(f"{key}?", "" if f"{key}?" not in answers else ENOUGH)
        if answer not in (MORE, ENOUGH):
            yield f"{key}?", None
            return
        found.passed.append(At(f"{key}?", group, group=group))
        if answer == ENOUGH:
            return
        yield key, {"number": number + 1}


def _is_answered(step: Ask | Choose | Review, path: str, answers: Mapping[str, Any], scope: Given) -> bool:
    if path not in answers:
        return False
    value = answers[path]
    if isinstance(step, Review):
        return bool(value == CONFIRM)
    if value is None:
        return step.skippable
    if isinstance(step, Ask):
        return step.reads.accepts(value)
    ids = {choice.id for choice in open_choices(step, scope)}
    if step.many:
        return isinstance(value, dict) and value.get("done") is True and set(value.get("picked", ())) <= ids
    return isinstance(value, str) and value in ids


def open_choices(step: Choose, scope: Given) -> list[Choice]:
    given = [Choice(one["key"], one["what"]) for one in scope.get(step.over) or ()] if step.over else []
    return given + [choice for choice in step.choices if holds(choice.when, scope)]


def migrate(conversation: Conversation, answers: Mapping[str, Any]) -> Answers:
    """The answers under the names that their questions have today."""
    if not conversation.renamed:
        return dict(answers)
    return {new_name(conversation, path) or path: value for path, value in answers.items()}


def new_name(conversation: Conversation, path: str | None) -> str | None:
    if path is None or not conversation.renamed:
        return path
    name, mark, rest = path.partition("/")
    return conversation.renamed.get(name, name) + mark + rest


def question_shown(conversation: Conversation, found: Walk, awaiting: str | None) -> At | None:
    """The question that the person was shown, even where the walk now stops at another one; None where it is gone."""
    if awaiting is None:
        return found.awaiting
    if found.awaiting is not None and found.awaiting.path == awaiting:
        return found.awaiting
    for at in found.passed:
        if at.path == awaiting and isinstance(at.step, Ask | Choose | Group | Review):
            return at
    step = conversation.find(awaiting)
    if isinstance(step, Group) and awaiting.endswith("?"):
        return At(awaiting, step, group=step)
    return At(awaiting, step) if isinstance(step, Ask | Choose | Review) else None


def answered(conversation: Conversation, answers: Mapping[str, Any], given: Given) -> Iterator[tuple[At, Any]]:
    """The answers that count, with their questions, in the order of the path."""
    for at in walk(conversation, migrate(conversation, answers), given).passed:
        if isinstance(at.step, Ask | Choose) and at.path in answers:
            yield at, answers[at.path]
