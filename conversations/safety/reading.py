"""A text as the rules see it: tokens with concepts, in sentences and clauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from conversations.safety.lexicon import LONGEST, Lexicon, Phrase, Piece, Word, by_language, in_any
from conversations.safety.spelling import key

_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
_MARKS = re.compile(r"[\u0300-\u036f]+")
_APOSTROPHE = "'’‘`´ʼʹ′"
_PIECES = re.compile(
    r"(?<!\d)(?P<score>\d ?[:-] ?\d)(?!\d)"
    rf"|(?P<word>[^\W_]+(?:[{_APOSTROPHE}][^\W_]+)*)"
    r"|(?P<sentence>[!?;]+|(?<!\.)\.(?!\.))"
    r"|(?P<clause>\n+|[,:()\[\]/…–—]|\.{2,}|(?<=\s)-(?=\s))"
    r"|(?P<sign>[\u2190-\u2bff\U0001f000-\U0001faff])"
)
_AROUND = 3
_ENDS = ("sentence", "clause")
_SPELLED_FROM = 3
"""So many single letters in a row may be a word: v d e s."""
_SPLIT = re.compile(f"[{_APOSTROPHE}]")


@dataclass(slots=True)
class Token:
    shown: str
    """As it was written."""
    word: Word
    sentence: int
    clause: int
    bits: int = 0
    """Its concepts, in the language that the sentence speaks for, with those of expressions that begin here."""
    phrases: list[tuple[Phrase, str]] = field(default_factory=list)
    """Such expressions, and how they were written."""

    def carried(self, term: int) -> tuple[str, int]:
        """The words that carry one of these concepts, and how many they are."""
        for phrase, words in self.phrases:
            if any(bits & term for bits in by_language(phrase.meant)):
                return words, len(phrase.words)
        return self.shown, 1


@dataclass(slots=True)
class Text:
    tokens: list[Token] = field(default_factory=list)
    present: int = 0
    """The concepts of all its tokens."""
    places: dict[int, list[int]] = field(default_factory=dict)
    """Where each concept stands."""

    def with_any(self, bits: int) -> list[int]:
        """The places of any of these concepts, in order."""
        found = self.places.get(bits)
        if found is None and not bits & self.present:
            return []
        if found is None:
            found = [place for place, token in enumerate(self.tokens) if token.bits & bits]
            self.places[bits] = found
        return found


class Reach(NamedTuple):
    """What a text can hold at most."""

    concepts: int
    forms: frozenset[str]
    """Its words; not those that are spelled out."""


def within_reach(text: str, lexicon: Lexicon) -> Reach:
    """Quicker than to read the text. Of words that are spelled out (v d e s) all concepts are within reach."""
    reach, begun, pieces, alone = 0, 0, 0, 0
    forms: set[str] = set()
    for found in _PIECES.finditer(_seen(text)):
        piece = _piece(found, lexicon)
        reach |= piece.reach
        begun |= piece.begun
        forms.update(piece.forms)
        pieces += 1
        written = found[0]
        if len(written) == 1 and written.isalpha():
            alone += 1
            if alone == _SPELLED_FROM:
                return Reach(-1, frozenset())
        elif found.lastgroup == "word":
            alone = 0
    return Reach(reach | begun if pieces > 1 else reach, frozenset(forms))


def _piece(found: re.Match[str], lexicon: Lexicon) -> Piece:
    """The words that stand there, with signs that mean something."""
    written = found[0]
    piece = lexicon.pieces.get(written)
    if piece is None:
        piece = _understood(_read(found.lastgroup, written, lexicon))
        lexicon.remember(written, piece)
    return piece


def _understood(words: tuple[Word, ...]) -> Piece:
    reach = begun = 0
    for word in words:
        reach |= in_any(word.meant)
        for phrases in word.phrases.values():
            for phrase in phrases:
                begun |= in_any(phrase.meant)
    forms = tuple([word.form for word in words])
    return Piece(words, forms, reach, begun) if len(words) < 2 else Piece(words, forms, reach | begun, 0)


def read(text: str, lexicon: Lexicon) -> Text:
    tokens = list(_with_phrases(list(_spelled_out(list(_tokens(text, lexicon)), lexicon))))
    _settle_languages(tokens)
    present = 0
    for token in tokens:
        present |= token.bits
    return Text(tokens, present)


def _seen(text: str) -> str:
    """What people see of it."""
    return text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFC", _UNSEEN.sub("", text)))


def _tokens(text: str, lexicon: Lexicon) -> Iterator[Token]:
    sentence = clause = 0
    for found in _PIECES.finditer(_seen(text)):
        ends = found.lastgroup in _ENDS
        for word in _piece(found, lexicon).words:
            yield Token("?" if ends else found[0], word, sentence, clause)
        clause += ends
        sentence += found.lastgroup == "sentence"


def _read(kind: str | None, written: str, lexicon: Lexicon) -> tuple[Word, ...]:
    if kind == "word":
        return _words(written, lexicon)
    if kind == "score":
        return lexicon.read("0:0")
    if kind == "sign":
        return lexicon.read(written)
    return lexicon.read("?") if "?" in written else ()


def _words(written: str, lexicon: Lexicon) -> tuple[Word, ...]:
    """An apostrophe parts a little word from the next (m'rreh); elsewhere it is dropped (don't)."""
    parts = _SPLIT.split(written)
    whole = key("".join(parts))
    if len(parts) > 1 and (lexicon.known(whole) is None or any(key(parts[0]) in little for little in lexicon.before)):
        return tuple(word for part in parts if part for word in lexicon.read(key(part)) or (_unknown(part),))
    return lexicon.read(whole) or (_unknown(whole),)


def _unknown(written: str) -> Word:
    return Word(key(written), 0)


def _spelled_out(tokens: list[Token], lexicon: Lexicon) -> Iterator[Token]:
    """v d e s -> vdes, where at least three letters stand alone and make known words."""
    at = 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and len(tokens[end].shown) == 1 and tokens[end].shown.isalpha():
            end += 1
        letters = "".join(key(one.shown) for one in tokens[at:end])
        words = lexicon.read(key(letters)) if _SPELLED_FROM <= end - at <= LONGEST else ()
        if words:
            shown = " ".join(one.shown for one in tokens[at:end])
            yield from (Token(shown, word, tokens[at].sentence, tokens[at].clause) for word in words)
            at = end
        else:
            end = max(end, at + 1)
            yield from tokens[at:end]
            at = end


def _with_phrases(given: list[Token]) -> Iterator[Token]:
    """An expression gives its meaning to its first word; a harmless one takes the meaning of its words away."""
    at = 0
    while at < len(given):
        token = given[at]
        standing = _phrases_at(given, at) if token.word.phrases else []
        if standing and standing[0].harmless:
            end = at + len(standing[0].words)
            yield Token(_shown(given[at:end]), Word(token.word.form, standing[0].meant), token.sentence, token.clause)
            at = end
            continue
        token.phrases = [(one, _shown(given[at:at + len(one.words)])) for one in standing if not one.harmless]
        yield token
        at += 1


def _phrases_at(tokens: list[Token], at: int) -> list[Phrase]:
    """The expressions that begin here, the longest first."""
    if at + 1 == len(tokens):
        return []
    known = tokens[at].word.phrases
    begun = (*known.get(tokens[at + 1].word.form, ()), *known.get("*", ()))
    return sorted((one for one in begun if _stands_at(one, tokens, at)), key=lambda one: -len(one.words))


def _shown(tokens: list[Token]) -> str:
    return " ".join(dict.fromkeys(one.shown for one in tokens))


def _stands_at(phrase: Phrase, tokens: list[Token], at: int) -> bool:
    end = at + len(phrase.words)
    if end > len(tokens) or tokens[at].sentence != tokens[end - 1].sentence:
        return False
    return all(
        token.word.form.startswith(word[:-1]) if word.endswith("*") else token.word.form == word
        for word, token in zip(phrase.words, tokens[at:end], strict=True)
    )


def _settle_languages(tokens: list[Token]) -> None:
    """A word that several languages know counts in the one that knows most of the words around it, the nearest first:
    "die", "me"."""
    meanings = [token.word.languages for token in tokens]
    for place, token in enumerate(tokens):
        if not token.word.meant and not token.phrases:
            continue
        around = [(meanings[near], 1 + _AROUND - abs(near - place))
                  for near in range(max(0, place - _AROUND), min(len(tokens), place + _AROUND + 1))
                  if tokens[near].sentence == token.sentence]
        token.bits = _settled(meanings[place], around)
        for phrase, _words in token.phrases:
            token.bits |= _settled(by_language(phrase.meant), around)


def _settled(meanings: tuple[int, ...], around: list[tuple[tuple[int, ...], int]]) -> int:
    """The concepts in those languages that know most of the words around, and the shared ones."""
    *languages, shared = meanings
    spoken = [language for language, bits in enumerate(languages) if bits]
    if len(spoken) == 1:
        return languages[spoken[0]] | shared
    known = {language: sum(weight for one, weight in around if one[language]) for language in spoken}
    most = max(known.values(), default=0)
    for language, words in known.items():
        if words == most:
            shared |= languages[language]
    return shared
