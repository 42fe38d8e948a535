"""How people ask for a fact, as somebody of the centre writes it down: a line made of a sentence, and what is wrong
with a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.readers import fold
from conversations.understanding.spelling import skeleton
from conversations.understanding.terms import part, terms
from conversations.understanding.weighing import NEAR

MOST_WORDS = 5
MOST_LINES = 40
"""For one fact, in one language."""
LONGEST_LINE = 80
SHORTEST_BEGINNING = 3
MOST_OF_A_SENTENCE = 3
"""Words of a sentence that a line is made of: the more must be there, the fewer people write them all."""


def heard() -> tuple[str, ...]:
    """The languages that there are words of."""
    return tuple(terms().common)


def wrong_with(asked: Mapping[str, Sequence[str]]) -> list[str]:
    """A sentence for each line that nobody would be understood by, or everybody."""
    found: list[str] = []
    for language, lines in asked.items():
        if language not in terms().common:
            found.append(Phrase("How people ask is kept in {languages}, not in “{language}”. Leave these words out.",
                                languages=", ".join(heard()), language=language))
            continue
        if len(lines) > MOST_LINES:
            found.append(Phrase("There are {number} ways to ask in {language}. Leave the {most} that are used most.",
                                number=len(lines), language=language, most=MOST_LINES))
        found += [Phrase(says, line=line[:LONGEST_LINE], most=MOST_WORDS)
                  for line in lines if (says := _wrong(line, language))]
    return found


def right_ones(asked: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The lines that nothing is wrong with."""
    return {language: tuple(line for line in lines[:MOST_LINES] if not _wrong(line, language))
            for language, lines in asked.items() if language in terms().common}


def _wrong(line: str, language: str) -> str | None:
    words = line.split()
    if len(words) > MOST_WORDS or len(line) > LONGEST_LINE:
        return _d("“{line}” is too long: all these words would have to be in a message. Leave the two or three that "
                  "matter, at most {most}.")
    if "|" in line:
        return _d("“{line}”: write each way of asking on a line of its own, without “|”.")
    if any("*" in word[:-1] for word in words):
        return _d("“{line}”: the star stands at the end of a word, as in “visa*”.")
    if not words or not all(part(word).sound for word in words):
        return _d("“{line}”: here is something without letters or digits. Take it out.")
    if any(" " in part(word).sound for word in words):
        return _d("“{line}”: put a space where a dash or a slash stands.")
    if any(word.endswith("*") and len(word) <= SHORTEST_BEGINNING for word in words):
        return _d("“{line}”: before a star stand at least three letters.")
    if len(words) == 1 and _says_nothing(words[0], language):
        return _d("“{line}” stands in nearly every message. Write a word beside it that says what it is about.")
    return None


def _says_nothing(word: str, language: str) -> bool:
    one = part(word)
    common = terms().common[language]
    return any(each.startswith(one.sound) for each in common) if one.begins else one.sound in common


def line_of(sentence: str) -> str:
    """What a sentence is recognised by: the words of it that say something, near enough to each other to be one term;
    empty where it has none."""
    common = frozenset().union(*terms().common.values())
    words = [(at, word) for at, word in enumerate(_words(sentence))]
    telling = [(at, word) for at, word in words if skeleton(fold(word)) not in common] or words
    best: list[str] = []
    for first, _ in telling:
        near = [word for at, word in telling if first <= at <= first + NEAR][:MOST_OF_A_SENTENCE]
        best = near if len(near) > len(best) else best
    line = " ".join(dict.fromkeys(word.casefold() for word in best))
    return "" if len(best) == 1 and skeleton(fold(line)) in common else line


def same_line(one: str, other: str) -> bool:
    """Whether two lines are one term, whatever the order and the spelling of their words."""
    return {part(word) for word in one.split()} == {part(word) for word in other.split()}


def _words(sentence: str) -> list[str]:
    """As they are written, one for each that is read."""
    found = (word.strip(".,;:!?…\"'“”„‘’()[]*|") for word in sentence.split())
    return [word for word in found if len(fold(word).split()) == 1]
