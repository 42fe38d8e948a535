"""What somebody says about how often we write: a pause of two weeks, or less often. Only short texts say it surely."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal, TypeAlias

from conversations.readers import fold

Wish: TypeAlias = Literal["pause", "less"]
News: TypeAlias = Literal["work", "moved"]
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


WORK = """got the job | got a job | found a job | found work | have a job now | have work now |
    gjeta punë | kam gjetur punë | kam gjet punë | e mora punën | fillova punë | kam filluar punë |
    našao sam posao | našla sam posao | dobio sam posao | dobila sam posao | imam posao | počeo sam da radim |
    arbeit gefunden | einen job gefunden | job bekommen | habe jetzt arbeit | habe einen job"""
MOVED = """i moved | i have moved | ive moved | we moved | we have moved |
    u shpërngula | jam shpërngulur | u shpërngulëm | ndërrova banesën | preselio sam se | preselila sam se |
    preselili smo se | promenio sam adresu | umgezogen"""


def news(text: str) -> News | None:
    """What has changed for somebody, where a short text says just that."""
    said = fold(text)
    if not 0 < len(said.split()) <= MOST_WORDS + 2 or "?" in text:
        return None
    return "work" if _says(said, WORK) else "moved" if _says(said, MOVED) else None


def _says(said: str, phrases: str) -> bool:
    return any(f" {one} " in f" {said} " for one in _folded(phrases))


@cache
def _folded(phrases: str) -> Sequence[str]:
    return tuple(fold(one) for one in phrases.split("|"))
