"""The rules: which concepts beside each other mean danger, and what takes it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import permutations
from operator import or_
from typing import Any, NamedTuple

from conversations.safety.danger import Danger, Tier
from conversations.safety.data import read_data
from conversations.safety.lexicon import each
from conversations.safety.reading import Text
from conversations.safety.words import known_words

PLACES = ("before", "after", "inside", "near", "clause", "sentence", "text")
"""Where a guard may stand, seen from what a rule found."""
_NEAR = 4
_GAP = 3


@dataclass(frozen=True, slots=True)
class Match:
    """Where a row of concepts stands in a text."""

    places: tuple[int, ...]
    last: int
    """The last word, also of an expression that begins at the last place."""
    words: str

    @staticmethod
    def of(places: tuple[int, ...], order: tuple[int, ...], text: Text) -> Match:
        carried = [text.tokens[place].carried(term) for place, term in zip(places, order, strict=True)]
        last = max(place + length - 1 for place, (_words, length) in zip(places, carried, strict=True))
        return Match(places, last, " ".join(dict.fromkeys(words for words, _length in carried)))


@dataclass(frozen=True, slots=True)
class Guard:
    """Concepts that take an alarm back where they stand there."""

    bits: int
    place: str
    within: int

    def stands(self, match: Match, text: Text, breaks: int) -> bool:
        """Whether its concepts stand where they take the match back."""
        first, last = match.places[0], match.last
        if self.place == "before":
            return _along(self, first, -1, text, breaks)
        if self.place == "after":
            return _along(self, last, 1, text, breaks)
        if self.place == "near" and (_along(self, first, -1, text, 0) or _along(self, last, 1, text, 0)):
            return True
        elsewhere = (place for place in text.with_any(self.bits) if place not in match.places)
        if self.place in ("inside", "near"):
            return any(first < place < match.places[-1] for place in elsewhere)
        if self.place == "text":
            return any(True for _place in elsewhere)
        if self.place == "sentence":
            return any(text.tokens[place].sentence == text.tokens[first].sentence for place in elsewhere)
        return any(text.tokens[place].clause == text.tokens[first].clause for place in elsewhere)


@dataclass(frozen=True, slots=True)
class Row:
    """Concepts beside each other; of each term any bit is enough."""

    orders: tuple[tuple[int, ...], ...]
    """The orders in which they may stand."""
    gap: int
    """So many other words may stand between two terms."""

    def matches(self, text: Text) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Where it stands, and in which order."""
        for term in self.orders[0]:
            if not term & text.present:
                return
        for order in self.orders:
            for start in text.with_any(order[0]):
                for match in _on(order, text, self.gap, (start,)):
                    yield match, order


class Sighting(NamedTuple):
    """Where a rule finds something: its first and its last word."""

    first: int
    last: int
    rank: tuple[Tier, int]
    """The gravest first; of one tier, that of the first rule, and of its first row."""
    danger: Danger


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    tier: Tier
    rows: tuple[Row, ...]
    guards: tuple[Guard, ...]
    milder: tuple[Guard, ...]
    """What makes it T2: the past, a mere thought."""

    def found(self, text: Text, breaks: int) -> Iterator[tuple[int, int, Danger]]:
        """Everywhere that this rule finds something: the first and the last word, and what it is."""
        for row in self.rows:
            for places, order in row.matches(text):
                match = Match.of(places, order, text)
                if not any(guard.stands(match, text, breaks) for guard in self.guards):
                    milder = any(guard.stands(match, text, breaks) for guard in self.milder)
                    danger = Danger("T2" if milder else self.tier, self.name, match.words)
                    yield match.places[0], max(match.places[-1], match.last), danger


@dataclass(frozen=True, slots=True)
class Rules:
    rules: tuple[Rule, ...]
    """The gravest first."""
    breaks: int
    """Words that begin a new thought: what was denied before them is not denied after them."""
    rows: Mapping[int, Sequence[tuple[tuple[int, ...], int]]]
    """By each concept of its rarest term: the terms of every row of every rule, and the number of the rule."""
    rarest: int
    """The concepts of all rarest terms."""

    def found(self, text: Text) -> list[Sighting]:
        """What all rules find, in the order of the text."""
        found = [one for number in sorted(set(self._near(text.present)))
                 for one in self.rules[number].found(text, self.breaks)]
        return sorted(Sighting(first, last, (danger.tier, order), danger)
                      for order, (first, last, danger) in enumerate(found))

    def _near(self, present: int) -> Iterator[int]:
        bits = present & self.rarest
        while bits:
            bit = bits & -bits
            bits ^= bit
            for terms, number in self.rows[bit]:
                for term in terms:
                    if not term & present:
                        break
                else:
                    yield number


def _on(pattern: tuple[int, ...], text: Text, gap: int, begun: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    if len(begun) == len(pattern):
        yield begun
        return
    last, term = begun[-1], pattern[len(begun)]
    for place in range(last + 1, min(last + gap + 2, len(text.tokens))):
        token = text.tokens[place]
        if token.sentence != text.tokens[last].sentence:
            return
        if token.bits & term:
            yield from _on(pattern, text, gap, (*begun, place))


def _along(guard: Guard, start: int, step: int, text: Text, breaks: int) -> bool:
    """From a match onwards or backwards within its clause, until a new thought begins."""
    here = text.tokens[start]
    for distance in range(1, guard.within + 1):
        place = start + step * distance
        if not 0 <= place < len(text.tokens):
            return False
        token = text.tokens[place]
        if token.clause != here.clause:
            return False
        if token.bits & guard.bits:
            return True
        if token.bits & breaks:
            return False
    return False


# ---------------------------------------------------------------------- reading the rules


def terms(row: str, groups: Mapping[str, str], concepts: Mapping[str, int]) -> tuple[int, ...]:
    """`want die|dead` -> the bits of each term."""
    return tuple(_bits(term, groups, concepts) for term in row.split())


def _bits(term: str, groups: Mapping[str, str], concepts: Mapping[str, int]) -> int:
    bits = 0
    for name in term.split("|"):
        if name in groups:
            bits |= _bits(groups[name].replace(" ", "|"), groups, concepts)
        else:
            bits |= concepts[name]
    return bits


def _guards(written: list[str], content: Mapping[str, Any], concepts: Mapping[str, int]) -> Iterator[Guard]:
    for one in written:
        for guard in content["guards"].get(one, [one]):
            what, place, *within = guard.split()
            yield Guard(_bits(what, content["groups"], concepts), place, int(within[0]) if within else _NEAR)


def _rule(written: Mapping[str, Any], content: Mapping[str, Any], concepts: Mapping[str, int]) -> Rule:
    rows = [_row(row, False, written, content, concepts) for row in written.get("in_order", ())]
    rows += [_row(row, True, written, content, concepts) for row in written.get("any_order", ())]
    guards, milder = (tuple(_guards(written.get(name, []), content, concepts)) for name in ("unless", "milder"))
    return Rule(written["name"], written["tier"], tuple(rows), guards, milder)


def _row(
    row: str, any_order: bool, written: Mapping[str, Any], content: Mapping[str, Any], concepts: Mapping[str, int],
) -> Row:
    what, _, within = row.partition(" within ")
    order = terms(what, content["groups"], concepts)
    orders = tuple(dict.fromkeys(permutations(order))) if any_order else (order,)
    return Row(orders, int(within or written.get("gap", _GAP)))


def built(content: Mapping[str, Any], concepts: Mapping[str, int], sizes: Mapping[int, int]) -> Rules:
    """`sizes`: how many words each concept has."""
    rules = sorted((_rule(one, content, concepts) for one in content["rule"]), key=lambda one: one.tier)
    rows: defaultdict[int, list[tuple[tuple[int, ...], int]]] = defaultdict(list)
    for number, rule in enumerate(rules):
        for row in rule.rows:
            for bit in each(min(row.orders[0], key=lambda term: sum(sizes.get(bit, 0) for bit in each(term)))):
                rows[bit].append((row.orders[0], number))
    return Rules(tuple(rules), _bits("break", content["groups"], concepts), dict(rows), reduce(or_, rows))


@cache
def rules() -> Rules:
    return built(read_data("rules"), known_words().concepts, known_words().sizes)
