"""A text about time as a row of tokens, each with a class letter: "para dy muajve" is A n m.

N number of one or two digits    K of three     n number word    Y year       M month      W weekday
d w m y units, s Serbian "nedelja" (week or Sunday), v Albanian "vjet" ("years", or "last year")
A ago or before    q since    F in    B after or until    L last    X next    T this    R day from today
S season    O year from this year    H half a    h and a half    a "a", "an"    ! negation
? other word    # other digits
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import tomli

from conversations.readers.fold import fold
from conversations.readers.numbers import number_words, pieces

_CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")
_AND_A_HALF = re.compile(r"(?<![\d.,/])(\d{1,2})(?:[.,]5|\s*½)(?=\s*[^\W\d_])")
_FUZZY_FROM = 6


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    value: int = 0
    digits: int = 0


def _each(kind: str, groups: dict[str, str]) -> Iterator[tuple[str, Token]]:
    for value, words in groups.items():
        yield from ((word, Token(kind, int(value))) for word in words.split())


def _named(groups: dict[str, str]) -> Iterator[tuple[str, Token]]:
    for kind, words in groups.items():
        yield from ((word, Token(kind)) for word in words.split())


@cache
def _data() -> dict[str, Any]:
    return tomli.loads(Path(__file__).with_name("dates_words.toml").read_text("utf-8"))


@cache
def vocabulary() -> dict[str, Token]:
    """Later groups win: a word that is both number and month is a month."""
    data = _data()
    return dict((
        *((word, Token("n", number)) for word, number in number_words().items()),
        *_named(data["words"]),
        *_each("R", data["days"]),
        *_each("O", data["years"]),
        *_each("S", data["seasons"]),
        *_named(data["units"]),
        *_each("W", {str(i): words for i, words in enumerate(data["weekdays"])}),
        *_each("M", {str(i): words for i, words in enumerate(data["months"], 1)}),
    ))


@cache
def _ignored() -> frozenset[str]:
    return frozenset(_data()["ignored"].split())


@cache
def _phrases() -> tuple[re.Pattern[str], dict[str, str]]:
    phrases: dict[str, str] = _data()["phrases"]
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(longest_first)})(?![^\W\d_])"), phrases


@cache
def _long_words() -> list[str]:
    known = vocabulary().items()
    return [word for word, token in known if len(word) >= _FUZZY_FROM and token.kind in "MWRSdwmy"]


@lru_cache(maxsize=4096)
def _word(word: str) -> Token:
    known = vocabulary().get(word)
    if known or len(word) < _FUZZY_FROM:
        return known or Token("?")
    from rapidfuzz.distance import OSA  # 3 MB: only where somebody made a slip
    from rapidfuzz.process import extract

    near = extract(word, _long_words(), scorer=OSA.distance, score_cutoff=1, limit=20)
    meant = {vocabulary()[found] for found, *_rest in near}
    return meant.pop() if len(meant) == 1 else Token("?")


def _eight_digits(digits: str) -> list[Token]:
    """15032024, or 20240315"""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if day <= 31 and month <= 12 and 1900 <= year < 2200:
        return [Token("N", day, 2), Token("N", month, 2), Token("Y", year, 4)]
    return [Token("Y", int(digits[:4]), 4), Token("N", int(digits[4:6]), 2), Token("N", int(digits[6:]), 2)]


def _number(digits: str) -> list[Token]:
    if len(digits) == 8:
        return _eight_digits(digits)
    value, size = int(digits), len(digits)
    kind = {1: "N", 2: "N", 3: "K", 4: "Y"}.get(size, "#")
    return [Token("#" if kind == "Y" and not 1000 <= value < 3000 else kind, value, size)]


def _tokens(piece: str) -> list[Token]:
    if "0" <= piece[0] <= "9":
        return _number(piece)
    return [] if piece in _ignored() else [_word(piece)]


def _is_quantity_word(token: Token) -> bool:
    return token.kind in "NKnadwmysvH"


def _without_idle_in(tokens: list[Token]) -> list[Token]:
    """"in" counts before "2 weeks", not before "March 2019"."""
    around = [Token(" "), *tokens, Token(" ")]
    return [t for before, t, after in zip(around, tokens, around[2:], strict=False)
            if t.kind != "F" or _is_quantity_word(before) or _is_quantity_word(after)]


def plain(text: str) -> str:
    """Folded, clock times left out, phrases replaced."""
    raw = _CLOCK.sub(" ", unicodedata.normalize("NFC", text))
    pattern, phrases = _phrases()
    return pattern.sub(lambda found: phrases[found[0]], fold(_AND_A_HALF.sub(r"\1 and a half", raw)))


def tokens_of(text: str) -> list[Token]:
    found = [token for piece in pieces(plain(text)) for token in _tokens(piece)]
    return _without_idle_in(found)


def encoded(tokens: list[Token]) -> str:
    return "".join(token.kind for token in tokens)
