"""What somebody says about how often we write: a pause of two weeks, or less often. Only short texts say it surely."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal, TypeAlias

from conversations.readers import fold

Wish: TypeAlias = Literal["pause", "less"]
MOST_WORDS = 6
LESS = """less often | not so often | less frequently | fewer messages | not so many messages | write less |
    më rrallë | jo kaq shpesh | jo aq shpesh | më pak mesazhe | shkruani më pak |
    ređe | rede | ne tako često | ne toliko često | manje poruka | pišite manje |
    seltener | nicht so oft | weniger oft | weniger nachrichten | nicht so häufig"""
BREAK = "pause | break | pauzë | pushim | pauza | pauzu | predah | auszeit"
TWO_WEEKS = """two weeks | 2 weeks | 14 days | dy javë | 2 javë | dyjavore | dve nedelje | 2 nedelje | dve sedmice |
    2 sedmice | dvije sedmice | zwei wochen | 2 wochen | 14 tage"""


def wish(text: str) -> Wish | None:
    """The wish that a text as a whole is, or None."""
    said = fold(text)
    if not 0 < len(said.split()) <= MOST_WORDS:
        return None
    if _says(said, LESS):
        return "less"
    return "pause" if _says(said, BREAK) and _says(said, TWO_WEEKS) else None


def _says(said: str, phrases: str) -> bool:
    return any(f" {one} " in f" {said} " for one in _folded(phrases))


@cache
def _folded(phrases: str) -> Sequence[str]:
    return tuple(fold(one) for one in phrases.split("|"))
