"""A conversation as Mermaid, to paste."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from html import escape
from itertools import pairwise

from conversations.checks.graph import Graph
from conversations.diagram.words import kind_of, says, shorten
from conversations.model import (
    Ask,
    Branch,
    Choose,
    Conversation,
    End,
    Enquire,
    Go,
    Group,
    HandOff,
    Plan,
    Refer,
    Remind,
    Review,
    Step,
)

SHAPES: Mapping[type, tuple[str, str]] = {
    Ask: ("[/", "/]"), Choose: ("{{", "}}"), Review: ("{{", "}}"), Branch: ("{", "}"), Go: ("[[", "]]"),
    End: ("([", "])"), HandOff: (">", "]"), Plan: ("[(", ")]"), Remind: ("[(", ")]"), Refer: ("[(", ")]"),
    Enquire: ("[(", ")]"),
}


def mermaid(conversation: Conversation) -> str:
    graph = Graph(conversation)
    lines = ["flowchart TD"]
    for step in conversation.steps:
        lines += _mermaid_group(step) if isinstance(step, Group) else [f"  {_mermaid_node(step)}"]
    for (source, target), labels in _joined(graph).items():
        label = f"|{_quoted(', '.join(labels))}|" if labels else ""
        lines.append(f"  s_{source} -->{label} s_{target}")
    return "\n".join(lines) + "\n"


def _mermaid_node(step: Step, prefix: str = "") -> str:
    left, right = SHAPES.get(type(step), ("[", "]"))
    about = shorten(says(step), 60)
    words = f"{kind_of(step)}: {step.id}" + (f"<br>{escape(about, quote=False)}" if about else "")
    return f"s_{prefix}{step.id}{left}{_quoted(words)}{right}"


def _mermaid_group(group: Group) -> list[str]:
    inner = [f"    {_mermaid_node(step, f'{group.id}__')}" for step in group.steps]
    chain = [f"    s_{group.id}__{one.id} --> s_{group.id}__{two.id}"
             for one, two in pairwise(group.steps)]
    title = _quoted(f"Group: {group.id}, {shorten(says(group), 50)}")
    return [f"  subgraph s_{group.id}[{title}]", *inner, *chain, "  end"]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'


def _joined(graph: Graph) -> dict[tuple[str, str], list[str]]:
    """The edges between each two steps as one, with all labels."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for edge in graph.edges:
        if 0 <= edge.target < graph.off_the_end:
            labels = found[graph.step(edge.source).id, graph.step(edge.target).id]
            labels += [edge.label] if edge.label else []
    return found
