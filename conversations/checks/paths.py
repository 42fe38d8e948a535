"""Where a conversation leads: missing targets, circles, dead ends, steps that nobody reaches."""

from __future__ import annotations

from collections.abc import Iterator

from conversations.checks.fault import Fault
from conversations.checks.graph import NOWHERE, Edge, Graph
from conversations.model import Branch, Choose, Conversation, all_steps


def check_paths(conversation: Conversation) -> Iterator[Fault]:
    graph = Graph(conversation)
    yield from _targets(graph)
    yield from _circles(graph)
    yield from _ends(graph)
    yield from _unreachable(graph)
    yield from _ignored(conversation)


def _targets(graph: Graph) -> Iterator[Fault]:
    for edge in graph.edges:
        if edge.target == NOWHERE:
            wanted = f"to “{edge.then}”, which is no step here" if edge.then else "nowhere: it needs a `then`"
            yield _fault(graph, edge, "target", f"{_way(edge)} leads {wanted}. Name a step of this conversation.")


def _circles(graph: Graph) -> Iterator[Fault]:
    for edge in graph.edges:
        if NOWHERE < edge.target <= edge.source:
            yield _fault(graph, edge, "circle", f"{_way(edge)} leads back to “{edge.then}”. "
                         "Move that step below, or open the conversation again with Go.")


def _ends(graph: Graph) -> Iterator[Fault]:
    reached = graph.reached()
    for edge in graph.edges:
        if edge.target == graph.off_the_end and edge.source in reached:
            yield _fault(graph, edge, "dead end", f"{_way(edge)} runs off the end. Let it lead to an End or a Go.")
    if not graph.conversation.steps:
        yield Fault(graph.conversation.name, "", "dead end", "It has no steps. Add some, or remove it.")


def _unreachable(graph: Graph) -> Iterator[Fault]:
    reached = graph.reached()
    for at, step in enumerate(graph.conversation.steps):
        if at not in reached:
            yield Fault(graph.conversation.name, step.id, "unreachable",
                        "No path leads to this step. Let one lead here with `then`, or remove it.")


def _ignored(conversation: Conversation) -> Iterator[Fault]:
    """A `then` that the walk never looks at."""
    inside = {id(step) for group in conversation.steps for step in getattr(group, "steps", ())}
    for step in all_steps(conversation):
        choices = [one.id for one in step.choices if one.then] if isinstance(step, Choose) else []
        if choices and isinstance(step, Choose) and step.many:
            yield Fault(conversation.name, step.id, "target", f"Several may be chosen here, so the `then` of "
                        f"“{choices[0]}” is never followed. Put a Branch behind the question.")
        elif id(step) in inside and (choices or step.then):
            yield Fault(conversation.name, step.id, "target", "Inside a group no `then` is followed. Use `when`.")
        if isinstance(step, Branch) and step.when is None:
            yield Fault(conversation.name, step.id, "unreachable", "A Branch without `when` always jumps. "
                        "Give it one, or give the step above a `then`.")


def _way(edge: Edge) -> str:
    if not edge.taken:
        return "The path on which this step is left out"
    return f"“{edge.label}”" if edge.label else "The path behind this step"


def _fault(graph: Graph, edge: Edge, rule: str, says: str) -> Fault:
    return Fault(graph.conversation.name, graph.step(edge.source).id, rule, says)
