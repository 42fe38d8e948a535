"""One key for a word, however it is typed: script, capitals, marks, doubled and stretched letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from string import ascii_lowercase

from conversations.readers.fold import plain

_DOUBLED = re.compile(r"([^\W\d_])\1+")
_DIGITS_FOR_LETTERS = str.maketrans("013457@$", "oieastas")


def key(text: str) -> str:
    """Lower case Latin letters without marks, every letter once where it stands twice or more."""
    bare = plain(text)
    if not bare.isascii():
        return _DOUBLED.sub(r"\1", bare)
    for letter in ascii_lowercase:
        while letter + letter in bare:
            bare = bare.replace(letter + letter, letter)
    return bare


def without_digits(word: str) -> str:
    """v3t3vrasje -> vetevrasje"""
    return word.translate(_DIGITS_FOR_LETTERS)


def _swapped(*pairs: tuple[str, str]) -> Callable[[str], str]:
    def swap(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    return swap


def _as_is(text: str) -> str:
    return text


def _without_inner_e(text: str) -> str:
    """fëmijë -> fmij. Short words keep it: nënë."""
    return re.sub(r"\w{6,}", lambda word: word[0][0] + word[0][1:].replace("ë", ""), text)


_WAYS: dict[str, tuple[Callable[[str], str], ...]] = {
    "sq": (
        _as_is, _without_inner_e, _swapped(("ç", "q")), _swapped(("ç", "ch")),
        lambda text: re.sub(r"(?<=\w\w)ë(?![\w*])", "", text),
        lambda text: re.sub(r"(?<=\w\w)ë(?=\w\w)", "", text),
    ),
    "sr": (
        _as_is, _swapped(("š", "sh"), ("ž", "zh"), ("č", "ch"), ("ć", "ch"), ("đ", "dj")), _swapped(("đ", "d")),
    ),
    "de": (
        _as_is, _swapped(("ä", "ae"), ("ö", "oe"), ("ü", "ue")), _swapped(("ä", "e"), ("ö", "o"), ("ü", "i")),
        _swapped(("sch", "sh"), ("ch", "h"), ("ß", "s")), _swapped(("sch", "sh"), ("ß", "s")),
        _swapped(("w", "v")), _swapped(("ei", "ai"), ("ä", "e")),
    ),
    "en": (_as_is,),
    "tr": (_as_is,),
    "shared": (_as_is,),
}
"""How people who write a language without its letters spell its words: each way for a whole list of words at once."""


def keys(language: str, lists: Sequence[str]) -> list[set[str]]:
    """The words of each list, in every usual spelling. All lists at once: this is the slowest part of reading them."""
    if not lists:
        return []
    usual = [words.lower().split() for words in lists]
    found: list[set[str]] = [set() for _ in lists]
    for way in _WAYS[language]:
        spelled = [way(" ".join(words)).split() for words in usual]
        if way is not _as_is:
            spelled = [[one for one, other in zip(new, old, strict=True) if one != other]
                       for new, old in zip(spelled, usual, strict=True)]
        for known, line in zip(found, key("\n".join(map(" ".join, spelled))).split("\n"), strict=True):
            known.update(line.split())
    return found
