"""The table and the chart of a run, for people: in the terminal, in docs/why/performance.md and as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, TypeAlias

Line: TypeAlias = dict[str, Any]
"""A measure: `median` or `value` or `ratio`, with `min` and `max`, and `at_least`, `aim` or `at_most`."""

LEFT, WIDE, ROW, TOP = 440, 330, 30, 64
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2933 } .dim { fill: #5c6773 }
.title { font-size: 16px; font-weight: 600 }
.bar { fill: #2b6cb0 } .short { fill: #b5482a } .limit { stroke: #1f2933; stroke-width: 1.5 }
.aim { stroke: #5c6773; stroke-dasharray: 3 3 } .spread { stroke: #1f2933; stroke-width: 1.5 } .back { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e9ed } .dim { fill: #a9b3bd } .bar { fill: #63a4e0 } .short { fill: #e8906f } .back { fill: #15191e }
  .limit, .spread { stroke: #e6e9ed } .aim { stroke: #a9b3bd }
}"""


def found(line: Line) -> float:
    return float(next(line[name] for name in ("median", "value", "ratio") if name in line))


def wanted(line: Line) -> tuple[float | None, bool]:
    """What it must reach, and whether more is better."""
    if line.get("at_most") is not None:
        return line["at_most"], False
    return line.get("at_least"), line.get("more_is_better", True)


def verdict(line: Line) -> str:
    """yes, no, or nothing where nothing is asked."""
    limit, more = wanted(line)
    if limit is None:
        return ""
    return "yes" if (found(line) >= limit if more else found(line) <= limit) else "**no**"


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(title: str, lines: Sequence[Line]) -> str:
    """As Markdown, which reads well in a terminal too."""
    if any("small" in line for line in lines):
        return _growth(title, lines)
    rows = [f"| {title} | at least | aim | measured | lowest to highest | reached |", "|---|---|---|---|---|---|"]
    for line in lines:
        limit, more = wanted(line)
        spread = f"{number(line['min'])} to {number(line['max'])}" if "min" in line else ""
        sign = "" if more or limit is None else "≤ "
        rows.append(f"| {line['measure']} | {sign}{number(limit)} | {number(line.get('aim'))} | {number(found(line))} "
                    f"| {spread} | {verdict(line)} |")
    return "\n".join(rows)


def _growth(title: str, lines: Sequence[Line]) -> str:
    rows = [f"| {title} | small | large | ratio | lowest to highest | at most | reached |",
            "|---|---|---|---|---|---|---|"]
    for line in lines:
        spread = f"{number(line['min'])} to {number(line['max'])}" if "min" in line else ""
        rows.append(f"| {line['measure']} | {number(line.get('small'))} | {number(line.get('large'))} "
                    f"| {number(found(line))} | {spread} | {number(wanted(line)[0])} | {verdict(line)} |")
    return "\n".join(rows)


def chart(title: str, below: str, lines: Sequence[Line]) -> str:
    """Bars on a logarithmic scale: 1 is what must be reached, to the right of it is better."""
    asked = [line for line in lines if wanted(line)[0]]  # what must be none at all has no scale
    high = TOP + ROW * len(asked) + 24
    parts = [_bar(line, TOP + ROW * at) for at, line in enumerate(asked)]
    zero = _x(1.0)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 200} {high + 18}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="back" width="100%" height="100%"/><text class="title" x="12" y="26">{escape(title)}</text>',
        f'<text class="dim" x="12" y="46">{escape(below)}</text>',
        *parts,
        f'<line class="limit" x1="{zero}" x2="{zero}" y1="{TOP - 6}" y2="{high - 16}"/>',
        f'<text class="dim" x="{zero}" y="{high}" text-anchor="middle">must reach</text>',
        '</svg>', ""])


def _bar(line: Line, y: float) -> str:
    limit, more = wanted(line)
    assert limit is not None

    def better(value: float) -> float:
        return value / limit if more else limit / max(value, 1e-9)

    x, zero = _x(better(found(line))), _x(1.0)
    left, right = min(x, zero), max(x, zero)
    label = escape(str(line.get("label", line["measure"])))
    parts = [f'<text x="{LEFT - 12}" y="{y + 15}" text-anchor="end">{label}</text>',
             f'<rect class="{"bar" if x >= zero else "short"}" x="{left:.1f}" y="{y + 3}" '
             f'width="{max(right - left, 1):.1f}" height="16" rx="2"/>']
    if "min" in line:
        ends = sorted((_x(better(line["min"])), _x(better(line["max"]))))
        parts.append(f'<line class="spread" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y + 11}" y2="{y + 11}"/>')
    if line.get("aim"):
        aim = _x(better(line["aim"]))
        parts.append(f'<line class="aim" x1="{aim:.1f}" x2="{aim:.1f}" y1="{y}" y2="{y + 22}"/>')
    sign = "≥" if more else "≤"
    parts.append(f'<text x="{LEFT + WIDE + 14}" y="{y + 15}">{number(found(line))} '
                 f'<tspan class="dim">({sign} {number(limit)})</tspan></text>')
    return "".join(parts)


def _x(better: float) -> float:
    """From a quarter of what is asked to sixteen times as much."""
    share = (math.log2(min(max(better, 0.25), 16)) + 2) / 6
    return LEFT + WIDE * share
