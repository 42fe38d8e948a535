"""A conversation as SVG, to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise

from conversations.checks.graph import Graph
from conversations.diagram.layout import (
    BRIEF,
    HEAD,
    LANE,
    LEFT,
    LINE,
    PAD,
    TOP,
    WIDTH,
    Box,
    Rail,
    Row,
    boxes_of,
    rails_of,
)
from conversations.diagram.words import kind_of, notes, says, shorten
from conversations.model import Conversation, Step

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
KINDS: Mapping[str, tuple[str, str, str]] = {
    "question": ("#fff5dc", "#b98a1d", "Ask Choose Group Review"),
    "says": ("#e9f2fb", "#4b7fae", "Say Section Tell Recall Hand ShowPlan Suggest"),
    "does": ("#e7f5ea", "#4b9160", "Plan Remind Refer Enquire"),
    "person": ("#fde9e7", "#c05a4e", "HandOff"),
    "decides": ("#f1eafa", "#8464b4", "Branch"),
    "leaves": ("#eef0f2", "#6c757d", "Go End"),
}
LEGEND = {
    "question": "asks", "says": "says", "does": "does something", "person": "hands over to a person",
    "decides": "decides", "leaves": "ends or goes on elsewhere",
}
LINES = ("#35608f", "#a0522d", "#2f7d5b", "#7d4fa3", "#a33d5e", "#5f6b1f", "#1f7a85", "#8a6414")


def svg(conversation: Conversation) -> str:
    graph = Graph(conversation)
    boxes = boxes_of(graph)
    rails = rails_of(boxes)
    width = LEFT + WIDTH + 18 + (max((rail.lane for rail in rails.values()), default=-1) + 1) * LANE + LEFT
    height = max((box.y + box.height for box in boxes), default=TOP) + 28
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="title" font-family="{FONT}" font-size="13" fill="#1f2328">',
        f'<title id="title">{escape(conversation.title or conversation.name)}</title>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_title(conversation),
        *(part for rail in rails.values() for part in _drawn_rail(rail)),
        *(part for one, two in pairwise(boxes) for part in _down(graph, one, two)),
        *(part for box in boxes for part in _drawn_box(box, rails)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _drawn_rail(rail: Rail) -> Iterator[str]:
    right = LEFT + WIDTH
    colour = _colour_of(rail)
    style = f'fill="none" stroke="{colour}" stroke-width="1.5" stroke-opacity="0.85"'
    for y in rail.starts:
        bend = 7 if rail.end > y else -7
        yield (f'<path d="M{right} {y} H{rail.x - 7} Q{rail.x} {y} {rail.x} {y + bend} V{rail.end - bend} '
               f'Q{rail.x} {rail.end} {rail.x - 7} {rail.end} H{right + 7}" {style}/>')
        yield f'<circle cx="{right}" cy="{y}" r="2.5" fill="{colour}"/>'
    yield f'<path d="M{right + 1} {rail.end} l8 -4.5 v9 z" fill="{colour}"/>'


def _colour_of(rail: Rail) -> str:
    """Rails that run beside each other differ in it."""
    return LINES[rail.lane % len(LINES)]


def _down(graph: Graph, one: Box, two: Box) -> Iterator[str]:
    """The arrow to the step below, dashed where it is only the way around a step that was left out."""
    edges = [edge for edge in graph.leaving(one.at) if edge.target == two.at]
    if not edges:
        return
    x, top, bottom = LEFT + 28, one.y + one.height, two.y
    dashed = "" if any(edge.taken for edge in edges) else ' stroke-dasharray="3 3"'
    yield f'<path d="M{x} {top} V{bottom - 6}" stroke="#6c757d" stroke-width="1.5" fill="none"{dashed}/>'
    yield f'<path d="M{x} {bottom - 1} l-4.5 -8 h9 z" fill="#6c757d"/>'
    labels = [edge.label for edge in edges if edge.taken and edge.label]
    if labels and any(row.edge for row in one.rows):
        yield _text(x + 10, bottom - 7, shorten(", ".join(labels), 60), 'font-size="11" fill="#57606a"')
    elif dashed:
        yield _text(x + 10, bottom - 7, "where it is left out", 'font-size="11" fill="#57606a"')


def _drawn_box(box: Box, rails: Mapping[int, Rail]) -> Iterator[str]:
    fill, stroke, _ = KINDS[_colour(box.step)]
    yield f'<g id="step-{escape(box.step.id)}">'
    yield (f'<rect x="{LEFT}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="6" fill="{fill}" '
           f'stroke="{stroke}"/>')
    kind = kind_of(box.step)
    yield _text(LEFT + PAD, box.y + 17, kind, f'font-size="11" font-weight="600" fill="{stroke}" '
                'filter="brightness(0.7)"')
    yield _text(LEFT + PAD + 62, box.y + 17, box.step.id, 'font-weight="600"')
    if isinstance(box.step, BRIEF):
        yield _text(LEFT + PAD + 222, box.y + 17, shorten(says(box.step), 36))
    if remarks := notes(box.step):
        yield _text(LEFT + WIDTH - PAD, box.y + 17, " · ".join(remarks), 'font-size="11" fill="#57606a" '
                    'text-anchor="end"')
    for number, line in enumerate(box.about):
        yield _text(LEFT + PAD, box.y + HEAD + 14 + number * LINE, line)
    for number, row in enumerate(box.rows):
        yield from _drawn_row(box.row_y(number) + 4, row, rails)
    yield "</g>"


def _drawn_row(y: int, row: Row, rails: Mapping[int, Rail]) -> Iterator[str]:
    rail = rails.get(row.edge.target) if row.edge else None
    colour = _colour_of(rail) if rail else "#57606a"
    yield _text(LEFT + PAD + 10, y, shorten(row.left, 20), 'font-size="12" fill="#57606a"')
    yield _text(LEFT + PAD + 150, y, shorten(row.text, 36), 'font-size="12"')
    if ends := " ".join(one for one in (row.note, row.goes) if one):
        yield _text(LEFT + WIDTH - PAD, y, ends, f'font-size="11" fill="{colour}" text-anchor="end"')


def _text(x: int, y: int, words: str, style: str = "") -> str:
    return f'<text x="{x}" y="{y}"{f" {style}" if style else ""}>{escape(words)}</text>'


def _colour(step: Step) -> str:
    return next(name for name, (_, _, kinds) in KINDS.items() if kind_of(step) in kinds.split())


def _title(conversation: Conversation) -> Iterator[str]:
    count = f"{len(conversation.steps)} steps"
    kept = ", keeps its place" if conversation.keeps else ""
    yield _text(LEFT, 34, conversation.title or conversation.name, 'font-size="20" font-weight="600"')
    yield _text(LEFT, 54, f"{conversation.name}: {count}{kept}", 'fill="#57606a"')
    x = LEFT
    used = {_colour(step) for step in conversation.steps}
    for name, (fill, stroke, _) in KINDS.items():
        if name in used:
            yield f'<rect x="{x}" y="67" width="12" height="12" rx="3" fill="{fill}" stroke="{stroke}"/>'
            yield _text(x + 17, 77, LEGEND[name], 'font-size="11" fill="#57606a"')
            x += 34 + int(len(LEGEND[name]) * 6.2)
