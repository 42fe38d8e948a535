"""Where everything stands in the picture: a box for each step, from top to bottom; at the right a rail for the jumps to
one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conversations.checks.graph import Edge, Graph, name_of
from conversations.diagram.words import kind_of, notes, says, shorten, target_name
from conversations.model import Choose, Go, Group, Recall, Section, Step

LEFT, TOP, WIDTH, PAD, GAP, LANE = 24, 96, 560, 12, 22, 16
LINE, HEAD = 19, 24
CHARS = 82
"""How many characters of a text fit into a box."""
BRIEF = (Section, Go, Recall)
"""Kinds whose words stand in the head of their box."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line inside a box; `edge` is set where a way begins at it."""

    left: str
    text: str
    edge: Edge | None = None
    goes: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    at: int
    step: Step
    about: tuple[str, ...]
    rows: tuple[Row, ...]
    y: int

    @property
    def height(self) -> int:
        return HEAD + len(self.about) * LINE + len(self.rows) * LINE + (PAD if self.about or self.rows else 4)

    def row_y(self, number: int) -> int:
        """The middle of a row."""
        return self.y + HEAD + len(self.about) * LINE + number * LINE + LINE // 2 + 2


@dataclass(frozen=True, slots=True)
class Rail:
    """All jumps to one step: they share one line at the right."""

    starts: tuple[int, ...]
    """Where, from the top, a jump begins."""
    end: int
    lane: int

    @property
    def x(self) -> int:
        return LEFT + WIDTH + 18 + self.lane * LANE


def boxes_of(graph: Graph) -> list[Box]:
    found: list[Box] = []
    y = TOP
    for at, step in enumerate(graph.conversation.steps):
        about = () if isinstance(step, BRIEF) else _wrapped(says(step), CHARS, 2)
        box = Box(at, step, tuple(about), tuple(_rows(graph, at, step)), y)
        found.append(box)
        y += box.height + GAP
    return found


def _wrapped(text: str, width: int, most: int) -> list[str]:
    """At most so many lines of this width."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= most else [*lines[: most - 1], shorten(" ".join(lines[most - 1 :]), width)]


def _rows(graph: Graph, at: int, step: Step) -> Iterator[Row]:
    labels = {choice.id: choice for choice in getattr(step, "choices", ())}
    edges = [edge for edge in graph.leaving(at) if edge.taken]
    if isinstance(step, Choose) and step.many:
        yield from (Row(choice.id, choice.label) for choice in step.choices)
    for inner in step.steps if isinstance(step, Group) else ():
        yield Row(f"{kind_of(inner)} {inner.id}", says(inner), note=", ".join(notes(inner)))
    any_jump = any(edge.target != at + 1 for edge in edges)
    for edge in edges:
        choice = labels.get(edge.label)
        jump = edge if edge.target != at + 1 else None
        goes = f"→ {target_name(graph, edge)}" if jump else "↓" if edge.label and any_jump else ""
        if choice is None and not any_jump and isinstance(step, Choose) and step.over is None:
            continue
        note = f"when {name_of(choice.when)}" if choice is not None and choice.when is not None else ""
        if edge.label or jump:
            yield Row(edge.label, _row_text(step, edge, choice.label if choice else ""), jump, goes, note)


def _row_text(step: Step, edge: Edge, label: str) -> str:
    if edge.label == "otherwise" and isinstance(step, Choose):
        return "skipped, or one of the list" if step.skippable and step.over else "skipped" if step.skippable else (
            f"one of {step.over}")
    return label


def rails_of(boxes: list[Box]) -> dict[int, Rail]:
    """Each target's rail: the short ones inside."""
    starts: defaultdict[int, list[int]] = defaultdict(list)
    for box in boxes:
        for number, row in enumerate(box.rows):
            if row.edge is not None and 0 <= row.edge.target < len(boxes):
                starts[row.edge.target].append(box.row_y(number))
    spans = sorted(starts.items(), key=lambda one: (_span(one[1], _entry(boxes[one[0]])), one[0]))
    lanes: list[list[tuple[int, int]]] = []
    return {target: _rail(ys, _entry(boxes[target]), lanes) for target, ys in spans}


def _entry(box: Box) -> int:
    return box.y + HEAD // 2


def _span(ys: Iterable[int], end: int) -> int:
    everything = [*ys, end]
    return max(everything) - min(everything)


def _rail(ys: list[int], end: int, lanes: list[list[tuple[int, int]]]) -> Rail:
    """Put it into the first lane in which it meets no other."""
    low, high = min(*ys, end) - 4, max(*ys, end) + 4
    for lane, taken in enumerate(lanes):
        if all(high < one_low or low > one_high for one_low, one_high in taken):
            taken.append((low, high))
            return Rail(tuple(ys), end, lane)
    lanes.append([(low, high)])
    return Rail(tuple(ys), end, len(lanes) - 1)
