"""Which parts of terms a word could be: as written, as the beginning of it, or with one slip of the finger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from conversations.readers.slips import one_mistake_apart
from conversations.understanding.terms import Part, Term

SHORTEST_WITH_A_SLIP = 6
SHORTEST_BEHIND = 4
SHORTEST_BEGINNING_WITH_A_SLIP = 7
"""In a shorter word one other letter makes another word."""


class Vocabulary:
    """Found by the word itself, its beginnings, or what is left of it without one letter: never by trying all."""

    def __init__(self, terms: tuple[Term, ...], same: Mapping[str, tuple[str, ...]]) -> None:
        self._same = same
        self._whole: dict[str, list[Part]] = defaultdict(list)
        self._begun: dict[str, Part] = {}
        self._near: dict[str, Part] = {}
        self._near_too: dict[str, list[Part]] = defaultdict(list)
        """The few of which one letter less leaves the same as of another: a list for each would be larger than all."""
        self._known: dict[str, tuple[Part, ...]] = {}
        for part in dict.fromkeys(part for term in terms for part in term.parts):
            self._add(part)

    def _add(self, part: Part) -> None:
        if part.begins:
            self._begun[part.sound] = part
        else:
            self._whole[part.sound].append(part)
            if len(part.sound) > 4 and part.sound[-1] == "e":
                self._whole[part.sound[:-1]].append(part)
        if len(part.sound) >= (SHORTEST_BEGINNING_WITH_A_SLIP if part.begins else SHORTEST_WITH_A_SLIP):
            for left in _without_one(part.sound):
                if self._near.setdefault(left, part) is not part:
                    self._near_too[left].append(part)

    def parts(self, sound: str) -> tuple[Part, ...]:
        """The parts that a word could be; a slip is looked for only where nothing fits as it is written."""
        known = self._known.get(sound)
        if known is None:
            if len(self._known) > 20_000:
                self._known.clear()
            known = self._known[sound] = (
                tuple(dict.fromkeys(self._meant(sound))) or self._behind(sound) or tuple(self._slips(sound)))
        return known

    def _behind(self, sound: str) -> tuple[Part, ...]:
        """Albanian writes "në", "të", "më" and "s'" together with the word behind: n'shkollë, m'ndihmu."""
        stands_before = len(sound) > SHORTEST_BEHIND and sound[0] in "nmst" and sound[1] not in "aeiou"
        return tuple(dict.fromkeys(self._meant(sound[1:]))) if stands_before else ()

    def _meant(self, sound: str) -> Iterator[Part]:
        for one in (sound, *self._same.get(sound, ())):
            yield from self._exact(one)

    def _exact(self, sound: str) -> Iterator[Part]:
        yield from self._whole.get(sound, ())
        if len(sound) > 3 and sound[-1] == "e":
            yield from self._whole.get(sound[:-1], ())
        for end in range(2, len(sound) + 1):
            if (part := self._begun.get(sound[:end])) is not None:
                yield part

    def _slips(self, sound: str) -> Iterator[Part]:
        if len(sound) < SHORTEST_WITH_A_SLIP or not sound.isalpha():
            return
        seen: set[Part] = set()
        for end in range(SHORTEST_WITH_A_SLIP - 1, len(sound) + 1):
            begun = sound[:end]
            for left in _without_one(begun):
                if left not in self._near:
                    continue
                for part in (self._near[left], *self._near_too.get(left, ())):
                    if part not in seen and (part.begins or end == len(sound)) and _slipped(begun, part.sound):
                        seen.add(part)
                        yield part


def _slipped(typed: str, meant: str) -> bool:
    """One letter more, less, other or swapped; the first letter is rarely the wrong one."""
    return typed[0] == meant[0] and one_mistake_apart(typed, meant)


def _without_one(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1:]
