"""A table as bars, drawn here: read without colour, as the bars are filled and hatched, and each has its number."""

from __future__ import annotations

from html import escape
from textwrap import wrap

from markupsafe import Markup

from bot.console.reports.tables import Cell, Table
from bot.console.tongue import spoken

WIDTH, LABEL, NUMBER = 480, 176, 92
BAR, GAP, BETWEEN = 14, 3, 14
LETTERS = 24
"""So many fit into one line beside the bars."""


def drawn(table: Table) -> Markup:
    """The SVG; nothing where there is nothing to draw."""
    numbers = [cell.number for row in table.rows for cell in (row.now, row.before) if cell.number]
    if not numbers:
        return Markup()
    most, parts, top = max(numbers), list[str](), 0
    for row in table.rows:
        lines = _lines(row.label)
        height = max(2 * BAR + GAP, 16 * len(lines))
        parts += [_label(lines, top), _bar(row.now, most, top, "now"),
                  _bar(row.before, most, top + BAR + GAP, "before")]
        top += height + BETWEEN
    title = spoken("{title}: the same numbers are in the table below", title=table.title)
    pattern = (f'<defs><pattern id="hatched-{table.id}" width="6" height="6" patternUnits="userSpaceOnUse" '
               'patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>')
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {top}" role="img" aria-label="{escape(title)}">{pattern}'
        + "".join(parts).replace("url(#hatched)", f"url(#hatched-{table.id})") + "</svg>")


def _lines(label: str) -> list[str]:
    lines = wrap(label, LETTERS) or [""]
    return lines if len(lines) <= 2 else [lines[0], f"{lines[1][: LETTERS - 2]} …"]


def _label(lines: list[str], top: int) -> str:
    spans = "".join(f'<tspan x="0" y="{top + 13 + 16 * number}">{escape(line)}</tspan>'
                    for number, line in enumerate(lines))
    return f'<text class="label">{spans}</text>'


def _bar(cell: Cell, most: float, top: int, kind: str) -> str:
    length = round((WIDTH - LABEL - NUMBER) * (cell.number or 0) / most, 1)
    fill = ' fill="url(#hatched)"' if kind == "before" else ""
    bar = f'<rect class="{kind}" x="{LABEL}" y="{top}" width="{max(length, 1)}" height="{BAR}"{fill}/>'
    return f'{bar}<text class="number" x="{LABEL + max(length, 1) + 6}" y="{top + 12}">{escape(cell.shown)}</text>'
