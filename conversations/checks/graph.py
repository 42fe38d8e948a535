"""A conversation as a graph: its steps by position, and the ways from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from conversations.model import Branch, Choice, Choose, Condition, Conversation, End, Go, Step

NOWHERE = -1
"""The target of an edge whose `then` names no step."""


@dataclass(frozen=True, slots=True)
class Edge:
    source: int
    target: int
    """A position; the number of steps where it runs off the end; NOWHERE."""
    label: str = ""
    """A choice's id, "otherwise", or nothing."""
    taken: bool = True
    """False where the step itself was left out by its `when`."""
    then: str | None = None
    """The `then` that it follows; None: to the step below."""


@dataclass(frozen=True)
class Graph:
    conversation: Conversation

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        return tuple(edge for at, step in enumerate(self.conversation.steps) for edge in self._from(at, step))

    def leaving(self, at: int) -> list[Edge]:
        return [edge for edge in self.edges if edge.source == at]

    @property
    def off_the_end(self) -> int:
        return len(self.conversation.steps)

    def step(self, at: int) -> Step:
        return self.conversation.steps[at]

    def _from(self, at: int, step: Step) -> Iterator[Edge]:
        if isinstance(step, Branch):
            yield self._edge(at, step.then or "", name_of(step.when))
            if step.when is not None:
                yield self._edge(at, None, "otherwise")
            return
        if step.when is not None:
            yield Edge(at, at + 1, "left out", taken=False)
        if isinstance(step, Go | End):
            return
        yield from self._answered(at, step)

    def _answered(self, at: int, step: Step) -> Iterator[Edge]:
        choices = step.choices if isinstance(step, Choose) and not step.many else ()
        for choice in choices:
            yield self._edge(at, choice.then or step.then, choice.id)
        if not choices or has_other_answers(step):
            yield self._edge(at, step.then, "otherwise" if choices else "")

    def _edge(self, at: int, then: str | None, label: str = "") -> Edge:
        target = at + 1 if then is None else self.conversation.index.get(then, NOWHERE)
        return Edge(at, target, label, then=then)

    def reached(self, start: int = 0, avoid: Callable[[Edge], bool] = lambda _: False) -> set[int]:
        """The positions that can be reached from `start` without an edge that is avoided. `start` is one of them."""
        seen, waiting = {start}, [start]
        while waiting:
            at = waiting.pop()
            new = {edge.target for edge in self.leaving(at) if not avoid(edge)} - seen - {NOWHERE}
            seen |= new
            waiting += new
        return seen

    def always_asked(self, names: Collection[str], at: int) -> bool:
        """True where no path leads to this step without one of these questions."""
        return at not in self.reached(avoid=lambda edge: edge.taken and self.step(edge.source).id in names)


def has_other_answers(step: Step) -> bool:
    """Answers beside the listed choices: a skipped question, or a choice that comes from a given list."""
    return isinstance(step, Choose) and (step.skippable or step.over is not None)


def name_of(condition: Condition | None) -> str:
    return getattr(condition, "__name__", "condition").replace("<lambda>", "condition") if condition else "always"


def choices_of(step: Step) -> tuple[Choice, ...]:
    return step.choices if isinstance(step, Choose) else ()
