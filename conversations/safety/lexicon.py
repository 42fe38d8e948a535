"""How a typed word finds its place in the word lists: what it means here, in each language."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from conversations.readers.slips import one_mistake_apart
from conversations.safety.spelling import without_digits

LANGUAGES = ("sq", "sr", "de", "en", "tr", "shared")
"""`shared`: emoji and signs, the same in every language."""
NOT_GUESSED = ("tr",)
"""Languages in whose words no typing mistake is looked for: their many forms would stand in for words of the others."""
KNOWN = 1
"""The first concept of every known word, also of one that means nothing here."""
WIDTH = 352
"""So many concepts each language has room for. What a word means in all of them is one number, a language beside
another: joining two meanings is one `|`."""
TALLY = 8
"""Bits in which words are counted for one language."""
_ONE_LANGUAGE = (1 << WIDTH) - 1
_SHORTEST_STEM = 3
LONGEST = 40
_JOINED_FROM, _LONGEST_PIECE = 8, 16
_MISTAKE_FROM = 6
_KEPT = 8_000
"""So many typed words are remembered with what they mean."""


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

    @property
    def languages(self) -> tuple[int, ...]:
        """Its concepts in each language."""
        return by_language(self.meant)


class Piece(NamedTuple):
    """What was typed without a space, as it is understood."""

    words: tuple[Word, ...]
    kind: str
    """word, score, sentence or clause (their ends), sign"""
    is_letter: bool
    """A letter that stands alone."""


class Spoken(NamedTuple):
    """In which languages something means anything."""

    languages: tuple[int, ...]
    bits: tuple[int, ...]
    """Its concepts in each of them."""
    shared: int
    """Those that it has in every language."""
    together: int
    """All of these."""
    one_each: int
    """A one for each of these languages, with room beside it to add up many: one number counts for all of them."""


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
    forwards: list[str] = field(default_factory=list)
    """The words in which a mistake is looked for, by their letters from the first to the last."""
    backwards: list[str] = field(default_factory=list)
    """The same words, by their letters from the last to the first."""
    pieces: dict[str, Piece] = field(default_factory=dict)
    """What was typed lately, as it was typed."""

    def remember(self, typed: str, piece: Piece) -> None:
        if len(self.pieces) > _KEPT:
            self.pieces.clear()
        if len(typed) <= LONGEST:
            self.pieces[typed] = piece

    def read(self, typed: str) -> tuple[Word, ...]:
        """The word that somebody meant with this key; several where it was written together; none if unknown."""
        typed = self.same.get(typed, typed)
        if known := self.known(typed):
            return (known,)
        if not typed.isalpha() and (known := self.known(without_digits(typed))):
            return (known,)
        return self._parted(typed) or self._mistyped(typed) or self._joined(typed)

    def known(self, form: str) -> Word | None:
        """Without any guess."""
        if len(form) > LONGEST:
            return None
        meant, phrases = self.whole.get(form, 0), self._phrases(form)
        for end in range(len(form), _SHORTEST_STEM - 1, -1):
            stem = form[:end] + "*"
            if stem in self.stems:
                meant = _filled(meant, self.stems[stem])
            if stem in self.phrases:
                phrases += self._phrases(stem)
        if not meant and not phrases:
            return None
        return Word(form, meant, _by_second_word(phrases))

    def _phrases(self, first: str) -> list[Phrase]:
        return [Phrase(words, meant) for words, meant in self.phrases.get(first, {}).items()]

    def _parted(self, typed: str) -> tuple[Word, ...]:
        """mrreh -> m rreh; smrreh -> s m rreh; nemogu -> ne mogu"""
        if len(typed) > LONGEST:
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
        if not _JOINED_FROM <= len(typed) <= LONGEST:
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
        if len(typed) > LONGEST or not may_be_mistyped(typed):
            return ()
        forms = [form for form in set(self._alike(typed)) if one_mistake_apart(typed, form)]
        meant = 0
        for form in forms:
            meant |= self.whole[form]
        return (Word(min(forms), meant),) if forms else ()

    def _alike(self, typed: str) -> Iterator[str]:
        """Those that share a half with it: one mistake leaves the other half as it was."""
        half = len(typed) // 2
        first, last = typed[:half], typed[half:]
        for form in _run(self.forwards, bisect_left(self.forwards, first)):
            if not form.startswith(first):
                break
            yield form
        for form in _run(self.backwards, bisect_left(self.backwards, last[::-1], key=reversed_)):
            if not form.endswith(last):
                break
            if form[0] == typed[0]:
                yield form


def _run(forms: list[str], start: int) -> Iterator[str]:
    for place in range(start, len(forms)):
        yield forms[place]


def each(bits: int) -> Iterator[int]:
    """The concepts, one by one."""
    while bits:
        yield bits & -bits
        bits &= bits - 1


def in_language(meant: int, language: int) -> int:
    """The concepts of a word in one language."""
    return meant >> (WIDTH * language) & _ONE_LANGUAGE


@lru_cache(maxsize=4096)
def by_language(meant: int) -> tuple[int, ...]:
    return tuple([in_language(meant, language) for language in range(len(LANGUAGES))])


@lru_cache(maxsize=4096)
def spoken_in(meant: int) -> Spoken:
    *languages, shared = by_language(meant)
    spoken = tuple([language for language, bits in enumerate(languages) if bits])
    one_each = sum([1 << TALLY * language for language in spoken])
    return Spoken(spoken, tuple([bits for bits in languages if bits]), shared, in_any(meant), one_each)


def _by_second_word(phrases: list[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        second = phrase.words[1]
        found.setdefault("*" if second[-1] == "*" else second, []).append(phrase)
    return {second: tuple(many) for second, many in found.items()}


def in_any(meant: int) -> int:
    """The concepts of all languages together."""
    bits = 0
    for one in by_language(meant):
        bits |= one
    return bits


def reversed_(form: str) -> str:
    return form[::-1]


def may_be_mistyped(form: str) -> bool:
    """Short words are too much alike."""
    return len(form) >= _MISTAKE_FROM and form.isalpha()


def _only(word: Word, language: int) -> Word:
    shift = WIDTH * language
    return Word(word.form, word.meant & _ONE_LANGUAGE << shift, word.phrases)


def _filled(meant: int, more: int) -> int:
    """With the meaning of a stem in those languages where the word has none."""
    for language in range(len(LANGUAGES)):
        if not in_language(meant, language):
            meant |= more & _ONE_LANGUAGE << (WIDTH * language)
    return meant
