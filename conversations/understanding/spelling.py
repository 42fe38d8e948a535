"""One skeleton for the many spellings of a word: Gheg without ë, Serbian without č, German by ear, either script."""

from __future__ import annotations

import re
from functools import lru_cache

from conversations.readers import fold

LONGEST_KEY = 6
"""So many letters of a word tell what it is about; what follows is mostly its ending."""
_SOUNDS = (
    ("tsch", "c"), ("sch", "s"), ("sh", "s"), ("ch", "c"), ("zh", "z"), ("q", "c"), ("ph", "f"), ("w", "v"),
    ("ije", "e"), ("dj", "d"), ("nj", "n"), ("lj", "l"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("y", "i"),
    ("ej", "ai"), ("ei", "ai"), ("aj", "ai"), ("ie", "i"), ("tz", "z"), ("ck", "k"),
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.I)
_JE = re.compile(r"(?<=[lmnsrc])je")
_DOUBLE = re.compile(r"([a-z])\1+")


@lru_cache(maxsize=8192)
def skeleton(word: str) -> str:
    """A folded word as it would be written by ear."""
    for written, sound in _SOUNDS:
        word = word.replace(written, sound)
    return _DOUBLE.sub(r"\1", _JE.sub("e", word))


@lru_cache(maxsize=8192)
def key(sound: str) -> str:
    """The beginning of a skeleton, without the vowels at its end: what the forms of one word share."""
    short = sound[:LONGEST_KEY]
    bare = short.rstrip("aeiou")
    return bare if len(bare) > 2 else short


def words_of(text: str) -> list[str]:
    """The words of a text, folded, without addresses on the web: what stands in those nobody has said."""
    return fold(_ADDRESS.sub(" ", text)).split()
