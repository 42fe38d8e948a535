"""One line for each step and each choice, with where it leads: made to be read as a diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conversations.checks.graph import Graph, name_of
from conversations.diagram.words import kind_of, notes, target_name
from conversations.model import Choose, Conversation, Go, Group, Remind, Step


def shape(conversation: Conversation) -> str:
    graph = Graph(conversation)
    flags = " (keeps its place)" if conversation.keeps else ""
    lines = [f"{conversation.name}: {conversation.title}{flags}"]
    for at, step in enumerate(conversation.steps):
        lines += _shape_of(graph, at, step)
    lines += [f"renamed {old} -> {new}" for old, new in sorted(conversation.renamed.items())]
    lines += [f"retired {old}" for old in sorted(conversation.retired)]
    return "\n".join(lines) + "\n"


def _shape_of(graph: Graph, at: int, step: Step) -> Iterator[str]:
    edges = [edge for edge in graph.leaving(at) if edge.taken]
    labelled = [edge for edge in edges if edge.label]
    target = "".join(f" -> {target_name(graph, edge)}" for edge in edges if not edge.label)
    yield _head(step) + target
    for inner in step.steps if isinstance(step, Group) else ():
        yield "  " + _head(inner)
        yield from (f"    {choice.id}" for choice in getattr(inner, "choices", ()))
    when = {one.id: name_of(one.when) for one in getattr(step, "choices", ()) if one.when is not None}
    for edge in labelled:
        yield f"  {edge.label}{_bracket(when, edge.label)} -> {target_name(graph, edge)}"
    if isinstance(step, Choose) and step.many:
        yield from (f"  {choice.id}{_bracket(when, choice.id)}" for choice in step.choices)


def _bracket(when: Mapping[str, str], choice: str) -> str:
    return f" [when {when[choice]}]" if choice in when else ""


def _head(step: Step) -> str:
    opens = {Go: "to", Remind: "opens"}.get(type(step))
    about = [f"{opens} {getattr(step, opens)}"] if opens else []
    return " ".join([step.id, kind_of(step), *(f"[{note}]" for note in [*about, *notes(step)])])
