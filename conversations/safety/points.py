"""How much in a text speaks for danger: the points of its concepts, of those that are denied, of two together in one
clause, of its words and of how they begin, added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, NamedTuple

from conversations.kept import kept
from conversations.safety.danger import Danger
from conversations.safety.data import HERE, read_data
from conversations.safety.lexicon import KNOWN, each
from conversations.safety.reading import Reach, Text, Token
from conversations.safety.words import SOURCES, known_words

QUESTIONS = ("danger", "now", "distress")
"""Is it a T1 or T2? If so, is it a T1? If not, is it a T3? Each has its own points: points_danger.toml and so on."""
_WORDS_SHOWN = 6
_DENIED_WITHIN = 3
BEGINNINGS = (4, 5, 6)
"""Letters of the beginnings of words that count: what words of one stem have in common."""
_STRETCH = 40
"""Words of a long text that are added up together; the next such stretch begins in the middle of this one."""


class Signs(NamedTuple):
    """What counts in a stretch of a text."""

    present: tuple[int, ...]
    """The concepts."""
    denied: tuple[int, ...]
    """Those that stand within three words behind a "not", or before a German one, in one clause."""
    clauses: tuple[tuple[int, ...], ...]
    """The concepts of each clause that has two or more, the lower bits first."""
    forms: frozenset[str]
    """The keys of its words."""
    beginnings: frozenset[str]
    """The first letters of its longer words."""


@dataclass(frozen=True, slots=True)
class Points:
    needed: int
    """With so many points more than a text has without any sign the answer is yes."""
    sure: Mapping[str, int]
    """By a rule's name: added where it finds something, so that hardly any point takes it back. Chosen by hand."""
    rules: Mapping[str, int]
    """Where a rule finds something: of the tier that it says, and of the rule by its name; both are added."""
    concepts: Mapping[int, int]
    """Of each concept, once in a stretch."""
    denied: Mapping[int, int]
    """Added where the concept is denied."""
    together: Mapping[int, Mapping[int, int]]
    """Of two concepts in one clause, by the lower bit, then by the higher."""
    words: Mapping[str, int]
    """By the key of the word."""
    beginnings: Mapping[str, int]
    """Of all longer words that begin so, once in a stretch."""

    def may_find(self, reach: Reach) -> bool:
        """Whether a text within this reach can come to so many points without any rule."""
        if reach.concepts < 0:
            return True
        within = tuple(each(reach.concepts))
        most = _above(self.words, reach.forms) + _above(self.beginnings, beginnings(reach.forms))
        most += _above(self.concepts, within) + _above(self.denied, within)
        for place, one in enumerate(within):
            if most >= self.needed:
                return True
            if others := self.together.get(one):
                most += _above(others, within[place + 1:])
        return most >= self.needed

    def score(self, stretches: Iterable[Signs]) -> int:
        """Of the stretch with the most points."""
        return max(self._of(signs) for signs in stretches)

    def of_rule(self, found: Danger) -> int:
        """What it counts that a rule has found something."""
        return self.rules.get(found.tier, 0) + self.rules.get(found.rule, 0) + self.sure.get(found.rule, 0)

    def _of(self, signs: Signs) -> int:
        words, begun, concepts = self.words, self.beginnings, self.concepts
        points = sum([words[form] for form in signs.forms if form in words])
        points += sum([begun[beginning] for beginning in signs.beginnings if beginning in begun])
        points += sum([concepts[concept] for concept in signs.present if concept in concepts])
        points += sum([self.denied.get(concept, 0) for concept in signs.denied])
        if len(signs.clauses) < 2:
            return points + sum([worth for clause in signs.clauses for _pair, worth in self._pairs(clause)])
        return points + sum(dict([pair for clause in signs.clauses for pair in self._pairs(clause)]).values())

    def _pairs(self, clause: tuple[int, ...]) -> list[tuple[tuple[int, int], int]]:
        """Each two that stand together, with their points."""
        return [((one, other), others[other]) for place, one in enumerate(clause) if (others := self.together.get(one))
                for other in clause[place + 1:] if other in others]

    def words_of(self, text: Text) -> str:
        """The words with the most points, as they stand in the text."""
        worth = [self._worth(token) for token in text.tokens]
        most = sorted((place for place, points in enumerate(worth) if points > 0), key=lambda place: -worth[place])
        shown = sorted(most[:_WORDS_SHOWN]) or range(min(_WORDS_SHOWN, len(text.tokens)))
        return " ".join(dict.fromkeys(text.tokens[place].shown for place in shown))

    def _worth(self, token: Token) -> int:
        form = token.word.form
        worth = self.words.get(form, 0) + sum(self.beginnings.get(one, 0) for one in beginnings((form,)))
        return worth + sum(self.concepts.get(one, 0) for one in each(token.bits))


def signs(text: Text, concepts: Mapping[str, int]) -> list[Signs]:
    """Of each stretch of a text; one at least."""
    denied = _denied(text, concepts["not"] | concepts["nobody"], concepts["not_after"])
    last = max(1, len(text.tokens) - _STRETCH // 2)
    return [_signs(text.tokens[start:start + _STRETCH], denied[start:start + _STRETCH])
            for start in range(0, last, _STRETCH // 2)]


def _signs(tokens: Sequence[Token], denied: Sequence[bool]) -> Signs:
    present = behind_not = 0
    clauses: dict[int, int] = {}
    for token, is_denied in zip(tokens, denied, strict=True):
        bits = token.bits & ~KNOWN
        present |= bits
        clauses[token.clause] = clauses.get(token.clause, 0) | bits
        if is_denied:
            behind_not |= bits
    together = [tuple(each(bits)) for bits in clauses.values() if bits & (bits - 1)]
    forms = frozenset([token.word.form for token in tokens])
    return Signs(tuple(each(present)), tuple(each(behind_not)), tuple(together), forms, beginnings(forms))


def beginnings(forms: Iterable[str]) -> frozenset[str]:
    return frozenset([form[:letters] for form in forms for letters in BEGINNINGS if len(form) > letters])


def _denied(text: Text, before: int, after: int) -> list[bool]:
    """Which words a "not" denies: one of these concepts before it, or after it."""
    denied = [False] * len(text.tokens)
    for place in text.with_any(before | after):
        here = text.tokens[place]
        first = place - _DENIED_WITHIN if here.bits & after else place + 1
        last = place + _DENIED_WITHIN if here.bits & before else place - 1
        for near in range(max(0, first), min(last + 1, len(denied))):
            denied[near] |= near != place and text.tokens[near].clause == here.clause
    return denied


def _above(points: Mapping[Any, int], names: Iterable[Any]) -> int:
    """Those that speak for it, added up."""
    return sum([worth for name in names if (worth := points.get(name, 0)) > 0])


# ---------------------------------------------------------------------- reading the points


def built(content: Mapping[str, Any], concepts: Mapping[str, int]) -> Points:
    """From a file of points, as it stands there."""
    together: dict[int, dict[int, int]] = {}
    for one, others in content["together"].items():
        for pair in others.split(","):
            other, worth = pair.split()
            low, high = sorted((concepts[one], concepts[other]))
            together.setdefault(low, {})[high] = int(worth)
    alone, denied = ({concepts[name]: worth for name, worth in content[part].items()}
                     for part in ("concepts", "denied"))
    words, begun = ({word: int(worth) for worth, many in content[part].items() for word in many.split()}
                    for part in ("words", "beginnings"))
    return Points(content["needed"] - content["without"], content["sure"], content["rules"], alone, denied, together,
                  words, begun)


def _made() -> tuple[Any, ...]:
    concepts = known_words().concepts
    return tuple([tuple(getattr(points, part.name) for part in fields(points))
                  for question in QUESTIONS for points in [built(read_data(f"points_{question}"), concepts)]])


@cache
def points() -> tuple[Points, ...]:
    """Of each question."""
    sources = (*SOURCES, *(HERE / f"points_{question}.toml" for question in QUESTIONS), HERE / "points.py")
    return tuple([Points(*one) for one in kept(HERE, "points", sources, _made)])
