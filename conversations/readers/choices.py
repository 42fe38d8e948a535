"""Which of the offered choices a typed text means. Never a guess: when in doubt Several, or nothing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import TypeAlias

from conversations.readers.base import LONGEST_ANSWER, MOST_OFFERED, Several
from conversations.readers.choices_words import (
    BEFORE_NUMBER,
    COURTESY,
    FUNCTION_WORDS,
    LAST,
    NEGATIONS,
    NO,
    ORDINALS,
    YES,
)
from conversations.readers.fold import fold, squeeze
from conversations.readers.numbers import number_words

Labels: TypeAlias = Mapping[str, Sequence[str]]

_TYPO_RATIO = 88
_TYPO_FROM = 5
_SENTENCE_START = re.compile(r"^\s*([^\W\d_]+)\s*[,.!;:–-]+\s*(.+)$", re.DOTALL)
_SHORT_NEGATION = re.compile(r"\bs['’´`]\s?\w")  # Albanian s'kam
_LIST = re.compile(r"[,;\n&+/]")
_AND = re.compile(r"\b(?:and|dhe|edhe|und|i|e)\b", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+")


def _answer(ids: Iterable[str]) -> str | Several | None:
    found = tuple(dict.fromkeys(ids))
    if len(found) == 1:
        return found[0]
    return Several(found) if 1 < len(found) <= MOST_OFFERED else None


@cache
def _ordinals() -> dict[str, int]:
    return {word: position for position, words in enumerate(ORDINALS, 1) for word in words.split()}


def _position(words: list[str], count: int) -> int | None:
    """ "2", "nr 2", "two", "the second", "e dyta": a place in the list, from 1."""
    bare = [word for word in words if word not in BEFORE_NUMBER]
    if len(bare) != 1:
        return None
    word = bare[0]
    if word in LAST:
        return count
    named = number_words().get(word) or _ordinals().get(word)
    number = int(word) if _NUMBERS.fullmatch(word) else named
    return number if number and 1 <= number <= count else None


def _equal(folded: str, labels: Labels) -> list[str]:
    """Spaces do not count: "neznam" is "ne znam"."""
    typed = folded.replace(" ", "")
    return [choice for choice, texts in labels.items() if any(squeeze(text) == typed for text in texts)]


@lru_cache(maxsize=2048)
def _negations(text: str) -> frozenset[str]:
    found = {word for word in fold(text).split() if word in NEGATIONS}
    return frozenset(found | ({"s"} if _SHORT_NEGATION.search(text.casefold()) else set()))


def _label_negates(label: str) -> bool:
    """Labels are spelled with marks: Albanian "në" (in) is not Serbian "ne" (not)."""
    without_in = re.sub(r"\bnë\b", " ", label.casefold())
    return bool(_negations(without_in))


def _agrees(text: str, label: str) -> bool:
    """Both say not, or neither: "I work" is no part of "I do not work", "children" none of "2 children"."""
    said = _negations(text)
    if not set(_NUMBERS.findall(label)) <= set(_NUMBERS.findall(text)):
        return False
    return said <= _negations(label) and (bool(said) or not _label_negates(label))


# ---- yes and no ----

def _whole_yes_no(words: Iterable[str]) -> str | None:
    said = [word for word in words if word not in COURTESY]
    if said and all(word in NO for word in said):
        return "no"
    return "yes" if said and all(word in YES for word in said) else None


def _yes_no(text: str) -> str | None:
    """All words say so, or the one before a comma and the rest does not contradict: "Po, kam"."""
    start = _SENTENCE_START.match(text)
    whole = _whole_yes_no(fold(text).split())
    if whole or not start:
        return whole
    said, rest = _whole_yes_no([fold(start[1])]), fold(start[2]).split()
    other = YES if said == "no" else NO | NEGATIONS
    return None if any(word in other for word in rest) else said


def _stands_for(yes_no: str, choice: str, texts: Sequence[str]) -> bool:
    """Its id says so, or most of its labels begin so: "Yes, keep it", "Po, ruajeni"."""
    words = YES if yes_no == "yes" else NO
    begins = sum(fold(text).partition(" ")[0] in words for text in texts)
    return choice == yes_no or (choice not in ("yes", "no") and 2 * begins > len(texts))


def _by_yes_no(text: str, labels: Labels) -> list[str]:
    said = _yes_no(text)
    if said is None:
        return []
    if said in labels:
        return [said]
    return [choice for choice, texts in labels.items() if _stands_for(said, choice, texts)]


# ---- a part of a label, a typing slip ----

def _is_part(words: list[str], label: str) -> bool:
    of_label = fold(label).split()
    return words == of_label[:len(words)] or set(words) <= set(of_label)


def _by_part(text: str, labels: Labels) -> list[str]:
    content = [word for word in fold(text).split() if word not in FUNCTION_WORDS]
    if not any(len(word) > 2 and not _NUMBERS.fullmatch(word) and word not in NEGATIONS for word in content):
        return []
    return [choice for choice, texts in labels.items()
            if any(_is_part(content, label) and _agrees(text, label) for label in texts)]


def _by_number_in_label(word: str, labels: Labels) -> list[str]:
    """ "2" where a label says "2 children" """
    return [choice for choice, texts in labels.items() if any(word in fold(text).split() for text in texts)]


def _is_slip(folded: str, label: str) -> bool:
    """One letter off, not at the beginning of a word: "employed" is not "unemployed"."""
    from rapidfuzz.distance import OSA  # 3 MB: only where somebody made a slip
    from rapidfuzz.fuzz import ratio

    known = fold(label)
    near = OSA.distance(folded, known, score_cutoff=1) <= 1 and ratio(folded, known) >= _TYPO_RATIO
    if len(known) < _TYPO_FROM or not near:
        return False
    return [word[0] for word in folded.split()] == [word[0] for word in known.split()]


def _by_slip(text: str, labels: Labels) -> list[str]:
    folded = fold(text)
    if len(folded) < _TYPO_FROM or _NUMBERS.search(folded):
        return []
    return [choice for choice, texts in labels.items()
            if any(_is_slip(folded, label) and _agrees(text, label) for label in texts)]


def _by_position(folded: str, labels: Labels) -> list[str]:
    position = _position(folded.split(), len(labels))
    own = [list(labels)[position - 1]] if position else []
    figure = folded if _NUMBERS.fullmatch(folded) else str(number_words().get(folded, ""))
    return [*own, *_by_number_in_label(figure, labels)] if figure else own


def match_choice(text: str, labels: Labels) -> str | Several | None:
    folded = fold(text) if len(text) <= LONGEST_ANSWER else ""
    if not folded:
        return None
    exact = [*_equal(folded, labels), *(_by_position(folded, labels))]
    if exact or len(folded) == 1:
        return _answer(exact)
    return _answer(_by_yes_no(text, labels) or _by_part(text, labels) or _by_slip(text, labels))


def _each(parts: list[str], labels: Labels) -> list[str] | None:
    found = [match_choice(part, labels) for part in parts if fold(part)]
    ids = [choice for choice in found if isinstance(choice, str)]
    return list(dict.fromkeys(ids)) if ids and len(ids) == len(found) else None


def _split(part: str, labels: Labels) -> list[str]:
    """At "and", unless the words with it are one label: "Employment and career"."""
    return [part] if isinstance(match_choice(part, labels), str) else _AND.split(part)


def match_many(text: str, labels: Labels) -> list[str] | None:
    """Several choices in one text, in the order typed; None unless every part is clear."""
    if len(text) > LONGEST_ANSWER:
        return None
    numbers = [word for word in fold(text).split() if not _AND.fullmatch(word)]
    if numbers and all(_NUMBERS.fullmatch(word) for word in numbers):
        return _each(numbers, labels)
    return _each([piece for part in _LIST.split(text) for piece in _split(part, labels)], labels)
