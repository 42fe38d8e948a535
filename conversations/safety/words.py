"""Words and what they mean here: the four word lists, and how a typed word finds its place in them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA

from conversations.safety.spelling import key, keys, without_digits

LANGUAGES = ("sq", "sr", "de", "en", "shared")
"""`shared`: emoji and signs, the same in every language."""
KNOWN = 1
"""The first concept of every known word, also of one that means nothing here."""
NOTHING = (0,) * len(LANGUAGES)
_SHORTEST_STEM = 3
_LONGEST = 40
_JOINED_FROM = 8
_MISTAKE_FROM = 6


@dataclass(frozen=True, slots=True)
class Phrase:
    """Several words with one meaning: the longest one in a text wins over its single words."""

    words: tuple[str, ...]
    meant: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A known word. `meant` has the concepts in each language, as bits."""

    form: str
    meant: tuple[int, ...]
    phrases: tuple[Phrase, ...] = ()


@dataclass(slots=True)
class Lexicon:
    concepts: dict[str, int] = field(default_factory=lambda: {"plain": KNOWN})
    """The bit of each concept."""
    whole: dict[str, tuple[int, ...]] = field(default_factory=dict)
    stems: dict[str, tuple[int, ...]] = field(default_factory=dict)
    phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    """By their first word, with its star where it is a stem."""
    same: dict[str, str] = field(default_factory=dict)
    """Little words that many people write in their dialect: kom -> kam."""
    before: tuple[frozenset[str], ...] = ()
    """Little words that people write together with the next one, in each language: m'rreh, mrreh."""
    _near: dict[str, list[str]] = field(default_factory=dict)
    _found: dict[str, tuple[Word, ...]] = field(default_factory=dict)

    def read(self, typed: str) -> tuple[Word, ...]:
        """The word that somebody meant with this key; several where it was written together; none if unknown."""
        found = self._found.get(typed)
        if found is None:
            found = self._read(typed)
            if len(self._found) > 20_000:
                self._found.clear()
            self._found[typed] = found
        return found

    def _read(self, typed: str) -> tuple[Word, ...]:
        typed = self.same.get(typed, typed)
        if known := self.known(typed):
            return (known,)
        if len(typed) > _LONGEST:
            return ()
        if not typed.isalpha() and (known := self.known(without_digits(typed))):
            return (known,)
        return self._parted(typed) or self._mistyped(typed) or self._joined(typed)

    def known(self, form: str) -> Word | None:
        """Without any guess."""
        meant = self.whole.get(form, NOTHING)
        phrases = self.phrases.get(form, [])
        for end in range(len(form), _SHORTEST_STEM - 1, -1):
            stem = form[:end] + "*"
            if stem in self.stems:
                meant = tuple(own or longer for own, longer in zip(meant, self.stems[stem], strict=True))
            phrases = phrases + self.phrases.get(stem, [])
        if meant == NOTHING and not phrases:
            return None
        return Word(form, meant, tuple(sorted(phrases, key=lambda one: -len(one.words))))

    def _parted(self, typed: str) -> tuple[Word, ...]:
        """mrreh -> m rreh; nemogu -> ne mogu"""
        for language, little in enumerate(self.before):
            for size in (3, 2, 1):
                first, rest = typed[:size], typed[size:]
                if first in little and len(rest) > 1 and (word := self.known(rest)) and word.meant[language]:
                    return (*self.read(first), _only(word, language))
        return ()

    def _joined(self, typed: str) -> tuple[Word, ...]:
        """iwanttodie -> i want to die"""
        if len(typed) < _JOINED_FROM:
            return ()
        return next((words for language in range(len(LANGUAGES)) if (words := self._pieces(typed, language))), ())

    def _pieces(self, typed: str, language: int) -> tuple[Word, ...]:
        """The fewest whole words of one language that make up the typed one; none if they are crumbs."""
        best: list[tuple[str, ...] | None] = [()]
        for end in range(1, len(typed) + 1):
            ways = [(*before, piece) for start in range(max(0, end - 16), end)
                    if (before := best[start]) is not None
                    and self.whole.get(piece := typed[start:end], NOTHING)[language]]
            best.append(min(ways, key=len, default=None))
        pieces = best[-1]
        if pieces is None or len(typed) < 3 * len(pieces):
            return ()
        return tuple(Word(piece, self.whole[piece]) for piece in pieces)

    def _mistyped(self, typed: str) -> tuple[Word, ...]:
        """The nearest word with the same first letter and one mistake, from six letters on."""
        if len(typed) < _MISTAKE_FROM or not typed.isalpha():
            return ()
        forms = [form for form in set(self._candidates(typed)) if _distance(typed, form) <= 1]
        meant = NOTHING
        for form in forms:
            meant = union(meant, self.stems[form] if form.endswith("*") else self.whole[form])
        return (Word(min(forms), meant),) if forms else ()

    def _candidates(self, typed: str) -> Iterator[str]:
        """Those that share a half with it: one mistake leaves the other half as it was."""
        for size in {len(typed) // 2 + more for more in (-1, 0, 1)}:
            yield from self._near.get(typed[:size] + "-", ())
            yield from self._near.get(typed[0] + "-" + typed[-size:], ())
        for size in range(_SHORTEST_STEM, len(typed) // 2):
            yield from self._near.get(typed[:size] + "*", ())

    # ------------------------------------------------------------------ reading the lists

    def add(self, language: str, concept: str, words: str) -> None:
        bit = self.concepts.setdefault(concept, 1 << len(self.concepts)) | KNOWN
        meant = tuple(bit if one == language else 0 for one in LANGUAGES)
        for form in keys(language, words):
            if "_" in form:
                self._add_phrase(tuple(self.same.get(word, word) for word in form.split("_")), meant)
            else:
                form = self.same.get(form, form)
                place = self.stems if form.endswith("*") else self.whole
                there = place.get(form)
                place[form] = union(there, meant) if there else meant

    def _add_phrase(self, words: tuple[str, ...], meant: tuple[int, ...]) -> None:
        same = self.phrases.setdefault(words[0], [])
        for word in words:
            if not word.endswith("*"):
                self.whole[word] = union(self.whole.get(word, NOTHING), tuple(bits & KNOWN for bits in meant))
        there = next((one for one in same if one.words == words), None)
        if there:
            same.remove(there)
            meant = union(there.meant, meant)
        same.append(Phrase(words, meant))

    def ready(self) -> None:
        """Index the halves of all words, for those that are mistyped."""
        for form in self.whole:
            if len(form) >= _MISTAKE_FROM and form.isalpha():
                half = len(form) // 2
                self._near.setdefault(form[:half] + "-", []).append(form)
                self._near.setdefault(form[0] + "-" + form[half:], []).append(form)
        for form in self.stems:
            if len(form) > _MISTAKE_FROM:
                self._near.setdefault(form[:max(_SHORTEST_STEM, len(form) // 2)] + "*", []).append(form)


def _only(word: Word, language: int) -> Word:
    return Word(word.form, tuple(bits if i == language else 0 for i, bits in enumerate(word.meant)), word.phrases)


def _distance(typed: str, form: str) -> int:
    """Mistakes between a typed word and a known one; a stem may have any ending."""
    if not form.endswith("*"):
        return OSA.distance(typed, form, score_cutoff=1)
    stem = form[:-1]
    return min(OSA.distance(typed[:end], stem, score_cutoff=1) for end in (len(stem) - 1, len(stem), len(stem) + 1))


def union(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a | b for a, b in zip(one, other, strict=True))


def read_data(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def built(lists: Sequence[tuple[str, dict[str, Any]]]) -> Lexicon:
    made = Lexicon()
    before: list[frozenset[str]] = []
    for language, content in lists:
        for usual, variants in content.get("same", {}).items():
            made.same |= dict.fromkeys(keys(language, variants), key(usual))
    for language, content in lists:
        for concept, words in content["words"].items():
            made.add(language, concept, words)
        before.append(frozenset(content.get("written_together", "").split()))
    made.before = tuple(before)
    made.ready()
    return made


@cache
def lexicon() -> Lexicon:
    """All word lists. Read at the first message."""
    return built([(language, read_data(language)) for language in LANGUAGES])
