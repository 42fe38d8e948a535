"""walk(): the steps that answers lead through. The position is never stored; it is found here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

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

    @property
    def last(self) -> Step | None:
        return self.passed[-1].step if self.passed and self.awaiting is None else None


def walk(conversation: Conversation, answers: Mapping[str, Any], given: Given) -> Walk:
    """The steps that these answers lead through, up to the first question without a valid answer."""
    found = Walk(scope={**given, **{name[1:]: value for name, value in answers.items() if name[0] == "@"}})
    steps, at = conversation.steps, 0
    while at < len(steps):
        step = steps[at]
        at += 1
        applies = holds(step.when, found.scope)
        if isinstance(step, Branch):
            at = conversation.index[step.then] if applies and step.then else at
            continue
        if not applies:
            continue
        here = At(step.id, step)
        if isinstance(step, Group):
            found.awaiting = _walk_group(step, answers, found)
        elif isinstance(step, Ask | Choose | Review):
            if not _is_answered(step, step.id, answers, found.scope):
                found.awaiting = here
            else:
                found.scope[step.id] = answers[step.id]
        if found.awaiting is not None:
            return found
        if not isinstance(step, Group):
            found.passed.append(here)
        if isinstance(step, Go | End):
            return found
        target = _next(step, answers.get(step.id))
        at = conversation.index[target] if target else at
    return found


def _next(step: Step, answer: Any) -> str | None:
    if isinstance(step, Choose) and not step.many:
        chosen = next((choice for choice in step.choices if choice.id == answer), None)
        if chosen is not None and chosen.then:
            return chosen.then
    return step.then


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
