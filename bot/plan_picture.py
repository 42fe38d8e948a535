"""The plan as a picture: a path from what is done to what comes next. What it is drawn with is loaded only for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDE, MARGIN, HEAD = 1080, 72, 300
PATH, TEXT = MARGIN + 22, MARGIN + 84
"""Where the path runs, and where the words beside it begin."""
LINE, GAP = 52, 26
FINE = 2
"""Drawn so many times larger: then round things are round."""
BLUE, PAPER, INK, SOFT, GREEN, PALE = "#1b635b", "#ffffff", "#23282a", "#5b615f", "#2f8f6b", "#cfe3dd"
MOST_LINES = 3
"""So many lines of one step; the words beside the picture say it whole."""


def draw(made_of: Mapping[str, Any]) -> bytes:
    """PNG. `made_of`: title, progress, done, all, and sections of title, mark (today, next, done) and lines: all of
    them in the person's language and script."""
    from PIL import Image, ImageDraw

    rows = list(_rows(made_of["sections"]))
    tall = HEAD + sum(_height(kind, lines) for kind, _mark, lines in rows) + MARGIN
    picture = Image.new("RGB", (WIDE * FINE, tall * FINE), PAPER)
    brush = ImageDraw.Draw(picture)
    _head(brush, made_of)
    _path(brush, rows)
    small = picture.resize((WIDE, tall), Image.Resampling.LANCZOS).quantize(64)
    content = BytesIO()
    small.save(content, "PNG", optimize=True)
    return content.getvalue()


Rows = Sequence[tuple[str, str, list[str]]]
"""A title or a step; the mark of its section; its lines."""


def _rows(sections: Sequence[Mapping[str, Any]]) -> Rows:
    """What is done first: the path leads from there to what comes next."""
    order = {"done": 0, "today": 1, "next": 2}
    rows = []
    for section in sorted(sections, key=lambda one: order.get(one["mark"], 3)):
        rows.append(("title", section["mark"], [section["title"]]))
        rows += [("step", section["mark"], _wrapped(line)) for line in section["lines"]]
    return rows


def _wrapped(text: str) -> list[str]:
    """Lines that fit; the last one says that there is more."""
    font, most, lines = _font("Regular", 36), WIDE - TEXT - MARGIN, [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= most * FINE:
            lines[-1] = longer
        else:
            lines.append(_cut(word, most))
    lines = [one for one in lines if one]
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} …"]


def _cut(word: str, most: int) -> str:
    font = _font("Regular", 36)
    while font.getlength(word) > most * FINE:
        word = f"{word[: len(word) * 3 // 4]}…"
    return word


def _height(kind: str, lines: Sequence[str]) -> int:
    return LINE + GAP + 14 if kind == "title" else LINE * len(lines) + GAP


def _head(brush: ImageDraw, made_of: Mapping[str, Any]) -> None:
    brush.rectangle((0, 0, WIDE * FINE, (HEAD - 40) * FINE), fill=BLUE)
    _write(brush, MARGIN, 66, made_of["title"], _font("Bold", 64), PAPER)
    _write(brush, MARGIN, 156, made_of["progress"], _font("Regular", 40), PALE)
    x, y, radius, wide = WIDE - MARGIN - 82, (HEAD - 40) // 2, 82, 22
    done, all_ = int(made_of["done"]), max(1, int(made_of["all"]))
    box = [one * FINE for one in (x - radius, y - radius, x + radius, y + radius)]
    brush.arc(box, 0, 360, fill="#3d7d75", width=wide * FINE)
    if done:
        brush.arc(box, -90, -90 + 360 * done / all_, fill=PAPER, width=wide * FINE)
    font, text = _font("Bold", 44), f"{done}/{made_of['all']}"
    _write(brush, x - font.getlength(text) / FINE / 2, y - 30, text, font, PAPER)


def _path(brush: ImageDraw, rows: Rows) -> None:
    y, last = HEAD, None
    for kind, mark, lines in rows:
        if kind == "title":
            _write(brush, TEXT, y + 14, lines[0], _font("Bold", 34), BLUE if mark != "done" else GREEN)
        else:
            middle = y + LINE // 2
            if last is not None:
                colour = GREEN if mark == "done" else BLUE if mark == "today" else PALE
                brush.line([PATH * FINE, (last + 22) * FINE, PATH * FINE, (middle - 22) * FINE], colour, 6 * FINE)
            _node(brush, middle, mark)
            for number, line in enumerate(lines):
                colour = SOFT if mark == "done" else INK
                _write(brush, TEXT, y + 2 + number * LINE, line, _font("Regular", 36), colour)
            last = middle
        y += _height(kind, lines)


def _node(brush: ImageDraw, y: int, mark: str) -> None:
    """Done: a tick. Today: a full ring. Next: an empty one. They differ without their colours."""
    x, radius = PATH, 22
    box = [one * FINE for one in (x - radius, y - radius, x + radius, y + radius)]
    if mark == "done":
        brush.ellipse(box, fill=GREEN)
        tick = [(x - 10, y), (x - 3, y + 8), (x + 11, y - 8)]
        brush.line([(a * FINE, b * FINE) for a, b in tick], fill=PAPER, width=6 * FINE, joint="curve")
        return
    brush.ellipse(box, fill=PAPER, outline=BLUE if mark == "today" else "#85887f", width=6 * FINE)
    if mark == "today":
        inner = [one * FINE for one in (x - 10, y - 10, x + 10, y + 10)]
        brush.ellipse(inner, fill=BLUE)


def _write(brush: ImageDraw, x: float, y: float, text: str, font: FreeTypeFont, colour: str) -> None:
    brush.text((x * FINE, y * FINE), text, font=font, fill=colour)


@cache
def _font(style: str, size: int) -> FreeTypeFont:
    """Albanian, Serbian in both scripts, German and English, whatever the machine has."""
    import fontpkg_fira_sans
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(fontpkg_fira_sans.ROOT) / "files" / f"FiraSans-{style}.ttf"), size * FINE)
