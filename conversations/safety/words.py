"""Words and what they mean here: the four word lists, and how a typed word finds its place in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import tomli
from rapidfuzz.distance import OSA

from conversations.safety.spelling import key, keys, without_digits

LANGUAGES = ("sq", "sr", "de", "en", "shared")
"""`shared`: emoji and signs, the same in every language."""
KNOWN = 1
"""The first concept of every known word, also of one that means nothing here."""
_WIDTH = 320
"""So many concepts each language has room for. What a word means in all of them is one number, a language beside
another: joining two meanings is one `|`."""
_ONE_LANGUAGE = (1 << _WIDTH) - 1
_SHORTEST_STEM = 3
_LONGEST = 40
_JOINED_FROM, _LONGEST_PIECE = 8, 16
_MISTAKE_FROM = 6


@dataclass(frozen=True, slots=True)
class Phrase:
    """Several words with one meaning: the longest one in a text wins over its single words."""

    words: tuple[str, ...]
    meant: int

    @property
    def harmless(self) -> bool:
        return not any(bits & ~KNOWN for bits in by_language(self.meant))


@dataclass(frozen=True, slots=True)
class Word:
    """A known word and its concepts in every language."""

    form: str
    meant: int
    phrases: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """The expressions that begin with it, by their second word; "*" for those whose second word is a stem."""
    languages: tuple[int, ...] = field(init=False)
    """The same, in each language."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "languages", by_language(self.meant))


@dataclass(slots=True)
class Lexicon:
    concepts: dict[str, int] = field(default_factory=lambda: {"plain": KNOWN})
    """The bit of each concept."""
    sizes: dict[int, int] = field(default_factory=dict)
    """How many words each concept has, by its bit."""
    whole: dict[str, int] = field(default_factory=dict)
    stems: dict[str, int] = field(default_factory=dict)
    phrases: dict[str, dict[tuple[str, ...], int]] = field(default_factory=dict)
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
        if not typed.isalpha() and (known := self.known(without_digits(typed))):
            return (known,)
        return self._parted(typed) or self._mistyped(typed) or self._joined(typed)

    def known(self, form: str) -> Word | None:
        """Without any guess."""
        if len(form) > _LONGEST:
            return None
        meant, phrases = self.whole.get(form, 0), self._phrases(form)
        for end in range(len(form), _SHORTEST_STEM - 1, -1):
            stem = form[:end] + "*"
            if stem in self.stems:
                meant = _filled(meant, self.stems[stem])
            phrases += self._phrases(stem)
        if not meant and not phrases:
            return None
        return Word(form, meant, _by_second_word(phrases))

    def _phrases(self, first: str) -> list[Phrase]:
        return [Phrase(words, meant) for words, meant in self.phrases.get(first, {}).items()]

    def _parted(self, typed: str) -> tuple[Word, ...]:
        """mrreh -> m rreh; smrreh -> s m rreh; nemogu -> ne mogu"""
        if len(typed) > _LONGEST:
            return ()
        for language, little in enumerate(self.before):
            for size in (2, 1):
                first, rest = typed[:size], typed[size:]
                if first not in little or len(rest) < 2:
                    continue
                word = self.known(rest)
                if word is not None and word.languages[language]:
                    return (*self.read(first), _only(word, language))
                if word is None and (more := self._parted(rest)):
                    return (*self.read(first), *more)
        return ()

    def _joined(self, typed: str) -> tuple[Word, ...]:
        """iwanttodie -> i want to die"""
        if not _JOINED_FROM <= len(typed) <= _LONGEST:
            return ()
        return next((words for language in range(len(LANGUAGES)) if (words := self._pieces(typed, language))), ())

    def _pieces(self, typed: str, language: int) -> tuple[Word, ...]:
        """The fewest whole words of one language that make up the typed one; none if they are two, as in German, or
        crumbs. Two may share a letter, since a key has no doubled ones: want+to."""
        best: list[tuple[str, ...] | None] = [()]
        for end in range(1, len(typed) + 1):
            ways = [(*before, piece) for start in range(max(0, end - _LONGEST_PIECE), end)
                    if (before := best[start]) is not None
                    for piece in (typed[start:end], typed[start - 1:end] if start else "")
                    if in_language(self.whole.get(piece, 0), language)]
            best.append(min(ways, key=len, default=None))
        pieces = best[-1]
        if pieces is None or len(pieces) < 3 or len(typed) <= 2 * len(pieces):
            return ()
        return tuple([Word(piece, self.whole[piece]) for piece in pieces])

    def _mistyped(self, typed: str) -> tuple[Word, ...]:
        """The nearest word with the same first letter and one mistake, from six letters on."""
        if not _MISTAKE_FROM <= len(typed) <= _LONGEST or not typed.isalpha():
            return ()
        forms = [form for form in set(self._candidates(typed)) if OSA.distance(typed, form, score_cutoff=1) <= 1]
        meant = 0
        for form in forms:
            meant |= self.whole[form]
        return (Word(min(forms), meant),) if forms else ()

    def _candidates(self, typed: str) -> Iterator[str]:
        """Those that share a half with it: one mistake leaves the other half as it was."""
        for size in {len(typed) // 2 + more for more in (-1, 0, 1)}:
            yield from self._near.get(typed[:size] + "-", ())
            yield from self._near.get(typed[0] + "-" + typed[-size:], ())

    # ------------------------------------------------------------------ reading the lists

    def add(self, language: str, concepts: Mapping[str, str]) -> None:
        """The words of each concept in a language."""
        for concept, words in zip(concepts, keys(language, list(concepts.values())), strict=True):
            self._add(concept, words, _WIDTH * LANGUAGES.index(language))

    def _add(self, concept: str, words: set[str], shift: int) -> None:
        bit = self.concepts.setdefault(concept, 1 << len(self.concepts))
        self.sizes[bit] = self.sizes.get(bit, 0) + len(words)
        meant = (bit | KNOWN) << shift
        for form in words:
            if "_" in form:
                self._add_phrase(form.split("_"), meant, KNOWN << shift)
            else:
                form = self.same.get(form, form)
                place = self.stems if form[-1] == "*" else self.whole
                place[form] = place.get(form, 0) | meant

    def _add_phrase(self, parts: list[str], meant: int, known: int) -> None:
        """Its words are known words too."""
        words = tuple([self.same.get(word, word) for word in parts])
        for word in words:
            if word[-1] != "*":
                self.whole[word] = self.whole.get(word, 0) | known
        beginning = self.phrases.setdefault(words[0], {})
        beginning[words] = beginning.get(words, 0) | meant

    def ready(self) -> None:
        """Index the halves of all words, for those that are mistyped."""
        for form in self.whole:
            if len(form) >= _MISTAKE_FROM and form.isalpha():
                half = len(form) // 2
                self._near.setdefault(form[:half] + "-", []).append(form)
                self._near.setdefault(form[0] + "-" + form[half:], []).append(form)


def in_language(meant: int, language: int) -> int:
    """The concepts of a word in one language."""
    return meant >> (_WIDTH * language) & _ONE_LANGUAGE


def by_language(meant: int) -> tuple[int, ...]:
    return tuple([in_language(meant, language) for language in range(len(LANGUAGES))])


def _by_second_word(phrases: list[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        second = phrase.words[1]
        found.setdefault("*" if second[-1] == "*" else second, []).append(phrase)
    return {second: tuple(many) for second, many in found.items()}


def _only(word: Word, language: int) -> Word:
    shift = _WIDTH * language
    return Word(word.form, word.meant & _ONE_LANGUAGE << shift, word.phrases)


def _filled(meant: int, more: int) -> int:
    """With the meaning of a stem in those languages where the word has none."""
    for language in range(len(LANGUAGES)):
        if not in_language(meant, language):
            meant |= more & _ONE_LANGUAGE << (_WIDTH * language)
    return meant


def read_data(name: str) -> dict[str, Any]:
    return tomli.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def built(lists: Sequence[tuple[str, dict[str, Any]]]) -> Lexicon:
    made = Lexicon()
    before: list[frozenset[str]] = []
    for language, content in lists:
        same = content.get("same", {})
        for usual, variants in zip(same, keys(language, list(same.values())), strict=True):
            made.same |= dict.fromkeys(variants, key(usual))
    for language, content in lists:
        made.add(language, content["words"])
        before.append(frozenset(content.get("written_together", "").split()))
    made.before = tuple(before)
    made.ready()
    return made


@cache
def lexicon() -> Lexicon:
    """All word lists. Read at the first message."""
    return built([(language, read_data(language)) for language in LANGUAGES])
