"""How much in a text speaks for danger: the points of its concepts, of those that are denied, of two together in one
clause, of its words and of how they begin, added up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache, reduce
from itertools import pairwise
from operator import or_
from typing import Any, NamedTuple

from conversations.kept import kept
from conversations.safety.danger import Danger
from conversations.safety.data import HERE, read_data
from conversations.safety.lexicon import KNOWN, each
from conversations.safety.reading import Text, Token
from conversations.safety.words import SOURCES, known_words

QUESTIONS = ("danger", "now", "distress")
"""Is it a T1 or T2? If so, is it a T1? If not, is it a T3? Each has its own points: points_danger.toml and so on."""
_WORDS_SHOWN = 6
_DENIED_WITHIN = 3
BEGINNINGS = (4, 5, 6)
"""Letters of the beginnings of words that count: what words of one stem have in common."""
_CONCEPTS = ~KNOWN
_KEPT = 8_000
"""So many words and meanings are remembered with what they count."""
_NOTHING: Mapping[Any, int] = {}
_STRETCH = 40
"""Words of a long text that are added up together; the next such stretch begins in the middle of this one."""
_SHORTEST = 3
"""So many words a sentence has that is looked at by itself."""
_LONG, _PIECE, _STEP = 18, 12, 4
"""A sentence of more words is looked at in pieces of so many, each beginning so many behind the one before."""
SENTENCE_APART, PIECE_APART = 10, 20


class Signs(NamedTuple):
    """What counts in a stretch of a text."""

    forms: frozenset[str]
    """The keys of its words."""
    meant: frozenset[int]
    """The concepts of each word that has any."""
    denied: int
    """Those that stand within three words behind a "not", or before a German one, in one clause."""
    clauses: tuple[int, ...]
    """The concepts of each clause that has two or more."""


class Stretch(NamedTuple):
    """Words of a text that are added up together."""

    first: int
    end: int
    """Its first word, and the one behind its last."""
    apart: int
    """So many points more are needed than of a whole text: what stands around it may explain it."""
    signs: Signs


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
    together: Mapping[int, tuple[Mapping[int, int], int]]
    """Of two concepts in one clause: by the lower bit, the points by the higher, and all of these."""
    firsts: int
    """All lower ones."""
    words: Mapping[str, int]
    """By the key of the word."""
    beginnings: Mapping[str, int]
    """Of all longer words that begin so, once in a stretch."""
    of_words: dict[str, Mapping[Any, int]] = field(default_factory=dict, compare=False)
    """What a word counts that was read lately: for itself, and for each way it begins."""
    of_meanings: dict[int, Mapping[Any, int]] = field(default_factory=dict, compare=False)
    """The same by its concepts."""

    def score(self, stretch: Stretch) -> int:
        """What everything in this stretch counts, but for the rules."""
        return self._of(stretch.signs)

    def of_rule(self, found: Danger) -> int:
        """What it counts that a rule has found something."""
        return self.rules.get(found.tier, 0) + self.rules.get(found.rule, 0) + self.sure.get(found.rule, 0)

    def _of(self, signs: Signs) -> int:
        counted: dict[Any, int] = {}
        of_words, of_meanings = self.of_words, self.of_meanings
        for form in signs.forms:
            worth = of_words.get(form)
            counted.update(self._of_word(form) if worth is None else worth)
        for bits in signs.meant:
            worth = of_meanings.get(bits)
            counted.update(self._of_meaning(bits) if worth is None else worth)
        points = sum(counted.values())
        if signs.denied:
            points += sum([self.denied.get(concept, 0) for concept in each(signs.denied)])
        if len(signs.clauses) == 1:
            return points + sum([worth for _pair, worth in self._pairs(signs.clauses[0])])
        return points + sum(dict([pair for clause in signs.clauses for pair in self._pairs(clause)]).values())

    def _pairs(self, clause: int) -> list[tuple[tuple[int, int], int]]:
        """Each two that stand together, with their points."""
        found = []
        for one in each(clause & self.firsts):
            others, seconds = self.together[one]
            found += [((one, other), others[other]) for other in each(clause & seconds)]
        return found

    def _of_word(self, form: str) -> Mapping[Any, int]:
        """What the word itself counts, and how it begins."""
        worth: dict[Any, int] = {form: self.words[form]} if form in self.words else {}
        worth.update({(one,): self.beginnings[one] for one in beginnings(form) if one in self.beginnings})
        return _remembered(self.of_words, form, worth)

    def _of_meaning(self, bits: int) -> Mapping[Any, int]:
        """What its concepts count."""
        worth = {one: self.concepts[one] for one in each(bits) if one in self.concepts}
        return _remembered(self.of_meanings, bits, worth)

    def words_of(self, tokens: Sequence[Token]) -> str:
        """The words with the most points, as they stand there."""
        worth = [self._worth(token) for token in tokens]
        most = sorted((place for place, points in enumerate(worth) if points > 0), key=lambda place: -worth[place])
        shown = sorted(most[:_WORDS_SHOWN]) or range(min(_WORDS_SHOWN, len(tokens)))
        return " ".join(dict.fromkeys(tokens[place].shown for place in shown))

    def _worth(self, token: Token) -> int:
        form = token.word.form
        worth = self.words.get(form, 0) + sum(self.beginnings.get(one, 0) for one in beginnings(form))
        return worth + sum(self.concepts.get(one, 0) for one in each(token.bits))


def stretches(text: Text, concepts: Mapping[str, int]) -> list[Stretch]:
    """A text as a whole, or where it is long, stretch by stretch; then what may be told by itself among other things:
    its sentences, and pieces of those that are long."""
    denied = _denied(text, concepts["not"] | concepts["nobody"], concepts["not_after"])
    last = max(1, len(text.tokens) - _STRETCH // 2)
    found = [(start, min(start + _STRETCH, len(text.tokens)), 0) for start in range(0, last, _STRETCH // 2)]
    return [Stretch(first, end, apart, _signs(text.tokens[first:end], [one - first for one in denied
                                                                       if first <= one < end]))
            for first, end, apart in (*found, *_parts(text))]


def _parts(text: Text) -> Iterator[tuple[int, int, int]]:
    tokens = text.tokens
    if not tokens or (len(tokens) <= _LONG and tokens[0].sentence == tokens[-1].sentence):
        return
    begins = [place for place, token in enumerate(tokens) if not place or token.sentence != tokens[place - 1].sentence]
    for first, end in pairwise((*begins, len(tokens))):
        if _SHORTEST <= end - first <= _STRETCH and len(begins) > 1:
            yield first, end, SENTENCE_APART
        if end - first > _LONG:
            yield from ((start, min(start + _PIECE, end), PIECE_APART)
                        for start in range(first, end - _PIECE + _STEP, _STEP))


def _signs(tokens: Sequence[Token], denied: Collection[int]) -> Signs:
    behind_not = 0
    meant: set[int] = set()
    clauses: dict[int, int] = {}
    for token in tokens:
        if bits := token.bits & _CONCEPTS:
            meant.add(bits)
            clauses[token.clause] = clauses.get(token.clause, 0) | bits
    for place in denied:
        behind_not |= tokens[place].bits & _CONCEPTS
    forms = frozenset([token.word.form for token in tokens])
    return Signs(forms, frozenset(meant), behind_not, tuple([bits for bits in clauses.values() if bits & (bits - 1)]))


def beginnings(form: str) -> list[str]:
    return [form[:letters] for letters in BEGINNINGS if len(form) > letters]


def _denied(text: Text, before: int, after: int) -> set[int]:
    """The places of words that a "not" denies: one of these concepts before it, or after it."""
    denied: set[int] = set()
    for place in text.with_any(before | after):
        here = text.tokens[place]
        first = place - _DENIED_WITHIN if here.bits & after else place + 1
        last = place + _DENIED_WITHIN if here.bits & before else place - 1
        for near in range(max(0, first), min(last + 1, len(text.tokens))):
            if near != place and text.tokens[near].clause == here.clause:
                denied.add(near)
    return denied


def _remembered(known: dict[Any, Mapping[Any, int]], name: Any, worth: dict[Any, int]) -> Mapping[Any, int]:
    """The same one for all that count nothing: they are most."""
    if len(known) > _KEPT:
        known.clear()
    return known.setdefault(name, worth or _NOTHING)


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
    beside = {low: (others, reduce(or_, others)) for low, others in together.items()}
    return Points(content["needed"] - content["without"], content["sure"], content["rules"], alone, denied, beside,
                  reduce(or_, beside, 0), words, begun)


def _made() -> tuple[Any, ...]:
    concepts = known_words().concepts
    return tuple([tuple(getattr(points, part.name) for part in fields(points) if part.compare)
                  for question in QUESTIONS for points in [built(read_data(f"points_{question}"), concepts)]])


@cache
def points() -> tuple[Points, ...]:
    """Of each question."""
    sources = (*SOURCES, *(HERE / f"points_{question}.toml" for question in QUESTIONS), HERE / "points.py")
    return tuple([Points(*one) for one in kept(HERE, "points", sources, _made)])
