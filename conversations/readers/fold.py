"""One spelling for many: what people type and what we know are compared in this form."""

import re
import unicodedata
from functools import lru_cache

_CYRILLIC = dict(zip("абвгдезијклмнопрстуфхцйыэ", "abvgdezijklmnoprstufhcjie", strict=True))
_CYRILLIC |= {"ж": "z", "ћ": "c", "ч": "c", "ш": "s", "щ": "s", "ђ": "dj", "џ": "dz", "љ": "lj", "њ": "nj"}
_CYRILLIC |= {"ѓ": "gj", "ќ": "kj", "ѕ": "dz", "ъ": "", "ь": ""}
_RUSSIAN = {"я": "ja", "ю": "ju", "ё": "e"}
_LATIN = {"đ": "dj", "ð": "d", "ß": "ss", "ı": "i", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe"}
_LETTERS = str.maketrans(_CYRILLIC | _RUSSIAN | _LATIN)
_MARKS = re.compile(r"[\u0300-\u036f]+")
_APOSTROPHES = re.compile(r"['’‘`´ʼʹ′]+")
_OTHER = re.compile(r"[\W_]+")
_UNSEEN = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
"""Signs without width, and those that only say in which direction one reads."""


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case Latin letters without marks or apostrophes, words parted by one space."""
    return _OTHER.sub(" ", _APOSTROPHES.sub("", plain(text))).strip()


def plain(text: str) -> str:
    """Lower case Latin letters without marks; everything else as it was."""
    lower = text.casefold()
    if lower.isascii():
        return lower
    lower = _UNSEEN.sub("", lower)
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", lower.translate(_LETTERS)))
    return bare.casefold().translate(_LETTERS)


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """The folded text without spaces: "Fushë Kosova" and "fushekosova" are one name."""
    return fold(text).replace(" ", "")


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())
