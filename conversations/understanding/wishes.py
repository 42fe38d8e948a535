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


WORK = """got the job | got a job | got work | found a job | found work | found myself a job | have a job now |
    have work now | have a new job | i work now | im working now | started a job | started work | started working |
    start work on | was hired | been hired |
    gjeta punë | gjeta nje punë | gjeta një vend pune | kam gjetur punë | kam gjet punë | kom gjet punë |
    kam punë tani | kam punë tash | tani kam punë | tash kam punë | e mora punën | mora punë | fillova punë |
    fillova punën | fillova me punu | fillova të punoj | kam filluar punë | kam fillu punë | u punësova |
    jam punësuar | më pranuan në punë | më morën në punë | po punoj tash | po punoj tani |
    našao sam posao | našla sam posao | nasao posao | našla posao | nađoh posao | dobio sam posao | dobila sam posao |
    dobio posao | dobila posao | imam posao | počeo sam da radim | počela sam da radim | sada radim | zaposlio sam se |
    zaposlila sam se | zaposlen sam | zaposlena sam | primili su me |
    arbeit gefunden | job gefunden | stelle gefunden | arbeitsstelle gefunden | job bekommen | stelle bekommen |
    arbeit bekommen | habe jetzt arbeit | hab jetzt arbeit | habe einen job | hab einen job | habe eine stelle |
    ich arbeite jetzt | angestellt worden | wurde eingestellt"""
MOVED = """i moved | i have moved | ive moved | we moved | we have moved | weve moved | moved to | moved house |
    live now in | live in a new | have a new address | changed my address | changed our address |
    u shpërngula | jam shpërngulur | u shpërngulëm | u zhvendosa | u zhvendosëm | jam zhvendosur | ndërrova banesën |
    ndërrova banesë | ndërrova shtëpinë | ndërruam banesën | ndërruam shtëpinë | ndërrova vendbanimin |
    kam ndërruar vendbanimin | ndërrova adresën | kam adresë të re | jetoj tash në | jetoj tani në | jetojmë tash në |
    jetojmë tani në | tash jetoj në | tani jetoj në | tash jetojmë në | tani jetojmë në |
    preselio sam se | preselila sam se | preselili smo se | preselio se | preselila se | preselili se |
    promenio sam adresu | promenila sam adresu | promenili smo adresu | imam novu adresu | imamo novu adresu |
    sada živim u | sada živimo u | živim sada u | živimo sada u |
    umgezogen | wohne jetzt in | wohnen jetzt in | jetzt wohne ich | jetzt wohnen wir | habe eine neue adresse |
    haben eine neue adresse | in eine andere wohnung gezogen"""
DENIED = """not | never | no | dont | didnt | havent | hasnt | wont | cant | if | when | want | would | nuk | ska |
    skam | smund | jo | kurrë | nëse | kur | dua | du | nisam | nije | nismo | nema | nemam | nikad | ako | kad |
    kada | hoću | nicht | kein | keine | keinen | nie | wenn | falls | will | möchte"""
"""With these it has not happened."""
SAID_FIRST = frozenset({"no", "jo", "ne", "nein"})
"""Before news these only answer something else."""


def news(text: str) -> News | None:
    """What has changed for somebody, where a short text says just that."""
    said = fold(text)
    first, _, rest = said.partition(" ")
    if "?" in text or len(said.split()) > MOST_WORDS + 2 or _says(rest if first in SAID_FIRST else said, DENIED):
        return None
    return "work" if _says(said, WORK) else "moved" if _says(said, MOVED) else None


def _says(said: str, phrases: str) -> bool:
    return any(f" {one} " in f" {said} " for one in _folded(phrases))


@cache
def _folded(phrases: str) -> Sequence[str]:
    return tuple(fold(one) for one in phrases.split("|"))
