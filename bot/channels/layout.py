"""What channels with buttons and long texts share: rows of a keyboard, and where a text may be cut. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.channels.base import Button

_ENDS = ("\n\n", "\n", ". ", "! ", "? ", "… ", " ")
"""Where a text may be cut, the best place first."""


def rows_of(buttons: Sequence[Button], columns: int) -> list[list[Button]]:
    """The links, the answers in columns, a summary's lines two in a row, the moves, then what is always there."""
    by_kind: dict[str, list[Button]] = {}
    for button in buttons:
        by_kind.setdefault(button.kind, []).append(button)
    in_a_row = {"link": 1, "answer": max(1, columns), "line": 2, "move": len(buttons), "always": len(buttons)}
    return [by_kind[kind][at : at + many] for kind, many in in_a_row.items() if kind in by_kind
            for at in range(0, len(by_kind[kind]), many)]


def split(text: str, head: Callable[[str], str]) -> list[str]:
    """The text in parts that fit, cut after a paragraph, else a line, a sentence or a word near the limit.

    `head` gives as much of the beginning of a text as fits into one part, and at least a character."""
    parts = []
    while len(begin := head(text)) < len(text):
        cut = _cut(begin)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [part for part in (*parts, text) if part] or [text]


def _cut(head: str) -> int:
    """After the last good place in the second half of what fits."""
    places = (head.rfind(end, len(head) // 2) + len(end) for end in _ENDS if end in head[len(head) // 2 :])
    return next(places, len(head))
