"""A tap or a typed text -> an answer, or what we need instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from conversations.engine.show import lines_of, options_of, picked_already, skipped_in
from conversations.engine.turn import Answers, Labels, Option
from conversations.engine.walk import CONFIRM, ENOUGH, MORE, SKIPPED, At, Walk, open_choices
from conversations.marking import mark as _
from conversations.model import (
    Ask,
    Choose,
    Conversation,
    Group,
    Review,
    Step,
)
from conversations.readers import NotUnderstood, Several, Text, match_choice, match_many

WHICH_LINE = _("Which line shall we change? Tap it or write its number.")
NOT_UNDERSTOOD = _("I did not understand that. Please choose a button, or write it in other words.")


DONE = _("Done")


@dataclass(frozen=True, slots=True)
class Value:
    value: Any


@dataclass(frozen=True, slots=True)
class Drop:
    """A line of the review that the person wants to change."""

    path: str


@dataclass(frozen=True, slots=True)
class First:
    """The first answer of a new item of a group."""

    step: str
    value: Any


Reading: TypeAlias = Value | First | Drop | NotUnderstood | Several


def is_left_out(step: Step, text: str) -> bool:
    """A bare no, where any words are an answer: nobody is called “no”."""
    return (isinstance(step, Ask) and step.skippable and isinstance(step.reads, Text)
            and match_choice(text, {"no": ()}) == "no")


def read_offered(step: Step, offered: tuple[str, ...], text: str) -> Value | None:
    """The candidate that a number means, or a yes where there is only one."""
    ids = {"yes": offered[0]} if len(offered) == 1 else {value: value for value in offered}
    found = match_choice(text, dict.fromkeys(ids, ())) if offered else None
    if not isinstance(found, str):
        return None
    return _candidate(step, ids[found]) if isinstance(step, Ask) else Value(ids[found])


def read_tap(conversation: Conversation, asked: At, choice: str, before: Walk, answers: Answers) -> Reading | None:
    """What a button of this question stands for; None where it has no such button."""
    step = asked.step
    if asked.group is not None:
        return Value(choice) if choice in (MORE, ENOUGH) else None
    if isinstance(step, Review):
        if choice == CONFIRM:
            return Value(CONFIRM)
        return Drop(choice) if choice in {SKIPPED, *(line.path for line in lines_of(before))} else None
    if isinstance(step, Ask):
        return _candidate(step, choice)
    if isinstance(step, Choose):
        ids = {one.id for one in open_choices(step, {**before.scope, **asked.scope})}
        if step.many:
            return _toggle(step, answers.get(asked.path), choice, ids)
        return Value(choice) if choice in ids else None
    return None


def _candidate(step: Ask, choice: str) -> Value | None:
    """A value that the question was asked back with; numbers travel as text."""
    if step.reads.accepts(choice):
        return Value(choice)
    return Value(int(choice)) if choice.isdigit() and step.reads.accepts(int(choice)) else None


def _toggle(step: Choose, value: Any, choice: str, ids: set[str]) -> Reading | None:
    picked = [one for one in value.get("picked", ()) if one in ids] if isinstance(value, dict) else []
    if choice == ENOUGH:
        return Value({"picked": picked, "done": True})
    if choice not in ids:
        return None
    if any(one.id == choice and one.alone for one in step.choices):
        return Value({"picked": [choice], "done": True})
    picked = [one for one in picked if one != choice] if choice in picked else [*picked, choice]
    return Value({"picked": picked, "done": False})


def read_answer(asked: At, text: str, before: Walk, answers: Answers, labels: Labels, today: date) -> Reading:
    step = asked.step
    if isinstance(step, Ask):
        result = step.reads.read(text, today)
        return result if isinstance(result, NotUnderstood | Several) else Value(result)
    options = options_of(asked, before, answers)
    wordings = {option.id: _wordings(option, labels) for option in options}
    if isinstance(step, Group):
        return _read_more(step, text, wordings, today)
    if isinstance(step, Choose) and step.many:
        return _read_many(step, asked, text, wordings, answers, labels)
    if isinstance(step, Review):
        return _read_review(text, wordings, before, labels)
    found = match_choice(text, wordings)
    if isinstance(found, Several):
        return found
    if found is None and isinstance(step, Choose) and step.otherwise is not None:
        return Value(step.otherwise)
    if found is None:
        return NotUnderstood(NOT_UNDERSTOOD)
    return Value(found)


def _read_review(text: str, wordings: Mapping[str, Sequence[str]], before: Walk, labels: Labels) -> Reading:
    """A number is the number of a line; a label changes its line; yes confirms, no asks which line."""
    lines = lines_of(before)
    number = text.strip().rstrip(".)")
    if number.isdigit():
        return Drop(lines[int(number) - 1].path) if 0 < int(number) <= len(lines) else NotUnderstood(NOT_UNDERSTOOD)
    if match_choice(text, {"no": ()}) == "no":
        return NotUnderstood(WHICH_LINE)
    known = {**wordings, **{line.path: tuple(labels(line.label)) for line in lines}}
    found = match_choice(text, {**known, **{path: tuple(labels(label)) for path, label in skipped_in(before)}})
    if isinstance(found, Several):
        return found
    if found is None:
        return NotUnderstood(NOT_UNDERSTOOD)
    return Value(found) if found == CONFIRM else Drop(found)


def _wordings(option: Option, labels: Labels) -> tuple[str, ...]:
    """What somebody may type for a button."""
    literal = option.label.args.get("value")
    return (str(literal.value),) if literal is not None else tuple(labels(option.label.text))


def _read_more(group: Group, text: str, wordings: Mapping[str, Sequence[str]], today: date) -> Reading:
    """An answer to "one more?": yes, no, one of the buttons, or at once the number that the first question asks for."""
    found = match_choice(text, {"yes": wordings[MORE], "no": wordings[ENOUGH]})
    if isinstance(found, str):
        return Value(MORE if found == "yes" else ENOUGH)
    first = group.steps[0]
    if isinstance(first, Ask) and first.reads.kind == "number":
        value = first.reads.read(text, today)
        if not isinstance(value, NotUnderstood | Several):
            return First(first.id, value)
    return NotUnderstood(NOT_UNDERSTOOD)


def _read_many(
    step: Choose, asked: At, text: str, wordings: Mapping[str, Sequence[str]], answers: Answers, labels: Labels
) -> Reading:
    enough = (*wordings.get(ENOUGH, ()), *labels(DONE))
    done = match_choice(text, {ENOUGH: enough})
    if done == ENOUGH and not text.strip().isdigit():
        return _toggle(step, answers.get(asked.path), ENOUGH, set(wordings)) or NotUnderstood(NOT_UNDERSTOOD)
    found = match_many(text, {key: value for key, value in wordings.items() if key != ENOUGH})
    if not found:
        return NotUnderstood(NOT_UNDERSTOOD)
    picked = dict.fromkeys([*picked_already(answers.get(asked.path)), *found])
    return Value({"picked": list(picked), "done": True})
