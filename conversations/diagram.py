"""A conversation as a picture: SVG to look at, Mermaid to paste, a plain shape to review as a diff. Pure text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from conversations.checks.graph import Edge, Graph, name_of
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
    Recall,
    Refer,
    Remind,
    Review,
    Say,
    Section,
    Step,
    Suggest,
    Tell,
)

NOWHERE = "(nowhere)"


# ------------------------------------------------------------------------ words


def kind_of(step: Step) -> str:
    return type(step).__name__


def says(step: Step) -> str:
    """What a step is about, in a few words."""
    match step:
        case Say(text=text) | Ask(text=text) | Choose(text=text) | Review(text=text) | End(text=text):
            return text
        case Section(title=title):
            return title
        case Group(over=over, first=first):
            return f"for each of {over}" if over else first
        case Tell(facts=facts, by=by):
            return _by(facts, by, f"{len(facts)} answers") if isinstance(facts, Mapping) else ", ".join(facts)
        case Suggest(areas=areas, most=most):
            return f"{most} at most, of {', '.join(areas)}"
        case Plan(what=what, by=by, answer=answer):
            return f"the words of {answer}" if answer else _by(what, by, f"{len(what)} steps")
        case Remind(opens=opens, after=after, by=by):
            return f"{opens} after {_by(after, by, 'a time')}"
        case Refer(partner=partner, by=by):
            return _by(partner, by, "a partner")
        case Enquire(area=area, about=about, reason=reason):
            return f"{area}: {about or reason}"
        case HandOff(area=area, reason=reason, urgent=urgent):
            return f"{area}{', urgent' if urgent else ''}: {reason}"
        case Go(to=to):
            return f"opens {to}"
        case Recall(lists=name):
            return f"the lines of {name}"
    return ""


def _by(value: object, by: tuple[str, ...], many: str) -> str:
    if not isinstance(value, Mapping):
        return f"{value.days} days" if hasattr(value, "days") else str(value)
    return f"{many} by {by[0]}" + (f" and {len(by) - 1} more" if len(by) > 1 else "")


def shorten(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip(' .,;:')}…"


def notes(step: Step) -> list[str]:
    """What is special about a step: "skippable", "when has_children"."""
    found = ["skippable"] if getattr(step, "skippable", False) else []
    found += ["many"] if getattr(step, "many", False) else []
    for name in ("over", "records"):
        if value := getattr(step, name, None):
            found.append(f"{name} {value}")
    if step.when is not None and not isinstance(step, Branch):
        found.append(f"when {name_of(step.when)}")
    return found


# ------------------------------------------------------------------------ shape


def shape(conversation: Conversation) -> str:
    """One line for each step and each choice, with where it leads: made to be read as a diff."""
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


def target_name(graph: Graph, edge: Edge) -> str:
    if edge.target < 0:
        return NOWHERE
    return graph.step(edge.target).id if edge.target < graph.off_the_end else "(off the end)"


# ---------------------------------------------------------------------- Mermaid

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


# -------------------------------------------------------------------------- SVG

LEFT, TOP, WIDTH, PAD, GAP, LANE = 24, 96, 560, 12, 22, 16
LINE, HEAD = 19, 24
CHARS = 82
"""How many characters of a text fit into a box."""
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
BRIEF = (Section, Go, Recall)
"""Kinds whose words stand in the head of their box."""
LINES = ("#35608f", "#a0522d", "#2f7d5b", "#7d4fa3", "#a33d5e", "#5f6b1f", "#1f7a85", "#8a6414")


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

    @property
    def colour(self) -> str:
        """Rails that run beside each other differ in it."""
        return LINES[self.lane % len(LINES)]


def svg(conversation: Conversation) -> str:
    graph = Graph(conversation)
    boxes = _boxes(graph)
    rails = _rails(boxes)
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


def _boxes(graph: Graph) -> list[Box]:
    boxes: list[Box] = []
    y = TOP
    for at, step in enumerate(graph.conversation.steps):
        about = () if isinstance(step, BRIEF) else _wrapped(says(step), CHARS, 2)
        box = Box(at, step, tuple(about), tuple(_rows(graph, at, step)), y)
        boxes.append(box)
        y += box.height + GAP
    return boxes


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


def _rails(boxes: list[Box]) -> dict[int, Rail]:
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


def _drawn_rail(rail: Rail) -> Iterator[str]:
    right = LEFT + WIDTH
    style = f'fill="none" stroke="{rail.colour}" stroke-width="1.5" stroke-opacity="0.85"'
    for y in rail.starts:
        bend = 7 if rail.end > y else -7
        yield (f'<path d="M{right} {y} H{rail.x - 7} Q{rail.x} {y} {rail.x} {y + bend} V{rail.end - bend} '
               f'Q{rail.x} {rail.end} {rail.x - 7} {rail.end} H{right + 7}" {style}/>')
        yield f'<circle cx="{right}" cy="{y}" r="2.5" fill="{rail.colour}"/>'
    yield f'<path d="M{right + 1} {rail.end} l8 -4.5 v9 z" fill="{rail.colour}"/>'


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
    colour = rail.colour if rail else "#57606a"
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
