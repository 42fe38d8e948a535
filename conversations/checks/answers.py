"""What uses an answer, and whether every path to it has asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.checks.fault import Fault
from conversations.checks.graph import Graph, choices_of, name_of
from conversations.engine import names_in
from conversations.model import (
    GIVEN,
    RECORDS,
    Ask,
    Choose,
    Condition,
    Conversation,
    Group,
    Plan,
    Refer,
    Remind,
    Step,
    Tell,
    all_steps,
    needs,
)

ITEM, NUMBERED = frozenset({"key", "what"}), frozenset({"number"})
"""What the steps of a group know of their item: of a given list, or of a list that the person makes."""


@dataclass(frozen=True, slots=True)
class Use:
    step: str
    at: int
    names: tuple[str, ...]
    """One of these must have been asked."""
    where: str
    inside: frozenset[str] = frozenset()
    """What is known there beside the answers before."""


def check_answers(conversation: Conversation) -> Iterator[Fault]:
    graph = Graph(conversation)
    reached = graph.reached()
    for use in _uses(conversation):
        known = use.inside | GIVEN.keys()
        if use.at in reached and not known.intersection(use.names) and not graph.always_asked(use.names, use.at):
            names = " or ".join(f"“{name}”" for name in use.names)
            yield Fault(conversation.name, use.step, "unasked", f"{use.where} uses {names}, which not every path to "
                        "this step has asked. Ask it before, give the parameter a default, or add a `when`.")
    for at, step in enumerate(conversation.steps):
        yield from _lookup(graph, at, step)
    for step in all_steps(conversation):
        yield from _records(conversation, step)


# ------------------------------------------------------------------------ uses


def _uses(conversation: Conversation) -> Iterator[Use]:
    for at, step in enumerate(conversation.steps):
        yield from _of_step(step, at, frozenset())
        if isinstance(step, Group):
            yield from _in_group(step, at)


def _in_group(group: Group, at: int) -> Iterator[Use]:
    inside = frozenset({group.id}) | (ITEM if group.over else NUMBERED)
    for step in group.steps:
        yield from _of_step(step, at, inside)
        if isinstance(step, Ask | Choose) and step.when is None:
            inside |= {step.id}


def _of_step(step: Step, at: int, inside: frozenset[str]) -> Iterator[Use]:
    yield from _of_condition(step, step.when, at, "Its `when`", inside)
    for choice in choices_of(step):
        yield from _of_condition(step, choice.when, at, f"The `when` of “{choice.id}”", inside)
    for name in names_in(getattr(step, "text", "")):
        yield Use(step.id, at, (name,), "Its text", inside)
    if by := getattr(step, "by", ()):
        yield Use(step.id, at, by, "Its `by`", inside)
    for attribute in ("of", "answer", "due", "about", "over"):
        if wanted := getattr(step, attribute, None):
            yield Use(step.id, at, (wanted,), f"Its `{attribute}`", inside)


def _of_condition(
    step: Step, condition: Condition | None, at: int, where: str, inside: frozenset[str]
) -> Iterator[Use]:
    if condition is not None:
        for name, has_default in needs(condition):
            if not has_default:
                yield Use(step.id, at, (name,), f"{where} ({name_of(condition)})", inside)


# --------------------------------------------------------------------- lookups


def _lookup(graph: Graph, at: int, step: Step) -> Iterator[Fault]:
    table = _table(step)
    if table is None:
        if isinstance(step, Plan) and not step.what and not step.answer:
            yield Fault(graph.conversation.name, step.id, "lookup", "It plans nothing. Give it `what` or `answer`.")
        if isinstance(step, Tell) and not step.facts and not step.answer:
            yield Fault(graph.conversation.name, step.id, "lookup", "It tells nothing. Give it `facts` or `answer`.")
        return
    if not step_by(step):
        yield Fault(graph.conversation.name, step.id, "lookup", "It has a mapping and no `by`. Name the question.")
        return
    by = [graph.step(graph.conversation.index[name]) for name in step_by(step) if name in graph.conversation.index]
    yield from _picking(graph, step, by)
    yield from _keys(graph, step, by, table)
    if isinstance(step, Tell):
        yield from _complete(graph, at, step, by, table)


def _table(step: Step) -> Mapping[str, Any] | None:
    match step:
        case Tell(facts=value) | Plan(what=value) | Remind(after=value) | Refer(partner=value):
            return value if isinstance(value, Mapping) else None
    return None


def step_by(step: Step) -> tuple[str, ...]:
    return getattr(step, "by", ())


def _picking(graph: Graph, step: Step, by: list[Step]) -> Iterator[Fault]:
    for one in by:
        if not isinstance(one, Ask | Choose) or (isinstance(one, Choose) and one.many):
            yield Fault(graph.conversation.name, step.id, "lookup",
                        f"`by` names “{one.id}”, whose answer is not one single value. Name another question.")


def _keys(graph: Graph, step: Step, by: list[Step], table: Mapping[str, Any]) -> Iterator[Fault]:
    offered = [choice.id for one in by for choice in choices_of(one)]
    open_ended = any(isinstance(one, Ask) or getattr(one, "over", None) for one in by)
    for key in table:
        if key not in offered and not open_ended:
            yield Fault(graph.conversation.name, step.id, "lookup",
                        f"It has an entry “{key}”, which is no choice of {_named(by)}. Remove it, or add the choice.")
        if offered.count(key) > 1:
            yield Fault(graph.conversation.name, step.id, "duplicate topic",
                        f"“{key}” is a choice of more than one of {_named(by)}: one entry stands for both. Rename one.")


def _complete(graph: Graph, at: int, step: Step, by: list[Step], table: Mapping[str, Any]) -> Iterator[Fault]:
    """Every choice that leads to the facts has some."""
    for one in by:
        source = graph.conversation.index[one.id]
        for edge in graph.leaving(source):
            is_choice = edge.label in {choice.id for choice in choices_of(one)}
            if is_choice and edge.label not in table and edge.target >= 0 and at in graph.reached(edge.target):
                yield Fault(graph.conversation.name, step.id, "lookup", f"“{edge.label}” of “{one.id}” leads here and "
                            "has no entry, so nothing is told. Add one, or let the choice lead elsewhere.")


def _named(by: Collection[Step]) -> str:
    return ", ".join(f"“{one.id}”" for one in by) or "a question here"


# --------------------------------------------------------------------- records


def _records(conversation: Conversation, step: Step) -> Iterator[Fault]:
    records = getattr(step, "records", None)
    if records is None:
        return
    if records not in RECORDS:
        yield Fault(conversation.name, step.id, "records",
                    f"Nothing is known of “{records}”. Use one of {', '.join(sorted(RECORDS))}.")
    elif not isinstance(step, Ask | Choose):
        yield Fault(conversation.name, step.id, "records", "Only an Ask or a Choose records. Move it to one.")
    elif records == "plan" and step.of is None and step in conversation.steps:
        yield Fault(conversation.name, step.id, "records",
                    "It sets a step of the plan and does not say which. Name the answer in `of`.")
