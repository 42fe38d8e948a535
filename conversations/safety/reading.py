"""A text as the rules see it: tokens with concepts, in sentences and clauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from conversations.safety.lexicon import (
    LONGEST,
    TALLY,
    Lexicon,
    Phrase,
    Piece,
    Spoken,
    Word,
    by_language,
    spoken_in,
)
from conversations.safety.spelling import key

_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]+")
_MARKS = re.compile(r"[\u0300-\u036f]+")
_APOSTROPHE = "'’‘`´ʼʹ′"
_KINDS = {
    "score": r"(?<!\d)\d ?[:-] ?\d(?!\d)",
    "word": rf"[^\W_]+(?:[{_APOSTROPHE}][^\W_]+)*",
    "sentence": r"[!?;]+|(?<!\.)\.(?!\.)",
    "clause": r"\n+|[,:()\[\]/…–—]|\.{2,}|(?<=\s)-(?=\s)",
    "sign": r"[\u2190-\u2bff\U0001f000-\U0001faff]",
}
_PIECES = re.compile("|".join(_KINDS.values()))
_KIND = re.compile("|".join(f"(?P<{kind}>{written})" for kind, written in _KINDS.items()))
_AROUND = 3
_MOST = (1 << TALLY) - 1
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
    phrases: Sequence[tuple[Phrase, str]] = ()
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


Written: TypeAlias = list[tuple[str, Piece]]
"""A text in pieces: each as it was written, and as it is understood."""


def pieces(text: str, lexicon: Lexicon) -> Written:
    """The words that stand there, with signs that mean something."""
    known = lexicon.pieces
    return [(one, known.get(one) or _piece(one, lexicon)) for one in _PIECES.findall(_seen(text))]


def _piece(written: str, lexicon: Lexicon) -> Piece:
    found = _KIND.match(written)
    kind = found.lastgroup if found and found.lastgroup else "clause"  # a dash is one where it stands by itself
    piece = Piece(_read(kind, written, lexicon), kind, len(written) == 1 and written.isalpha())
    lexicon.remember(written, piece)
    return piece


def read(written: Written, lexicon: Lexicon) -> Text:
    tokens = _tokens(written)
    if sum([piece.is_letter for _one, piece in written]) >= _SPELLED_FROM:
        tokens = list(_spelled_out(tokens, lexicon))
    if any(token.word.phrases for token in tokens):
        tokens = list(_with_phrases(tokens))
    _settle_languages(tokens)
    present = 0
    for token in tokens:
        present |= token.bits
    return Text(tokens, present)


def _seen(text: str) -> str:
    """What people see of it."""
    return text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFC", _UNSEEN.sub("", text)))


def _tokens(written: Written) -> list[Token]:
    sentence = clause = 0
    tokens: list[Token] = []
    for one, piece in written:
        ends_sentence = piece.kind == "sentence"
        if ends_sentence or piece.kind == "clause":
            tokens += [Token("?", word, sentence, clause) for word in piece.words]
            clause += 1
            sentence += ends_sentence
        else:
            tokens += [Token(one, word, sentence, clause) for word in piece.words]
    return tokens


def _read(kind: str, written: str, lexicon: Lexicon) -> tuple[Word, ...]:
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
        standing = _phrases_at(given, at) if token.word.phrases else ()
        if standing and standing[0].harmless:
            end = at + len(standing[0].words)
            yield Token(_shown(given[at:end]), Word(token.word.form, standing[0].meant), token.sentence, token.clause)
            at = end
            continue
        if standing:
            token.phrases = [(one, _shown(given[at:at + len(one.words)])) for one in standing if not one.harmless]
        yield token
        at += 1


def _phrases_at(tokens: list[Token], at: int) -> Sequence[Phrase]:
    """The expressions that begin here, the longest first; of as many words, the one with more letters: kendimi
    öldürmeyece* before kendimi öldür*."""
    if at + 1 == len(tokens):
        return ()
    known = tokens[at].word.phrases
    begun = (*known.get(tokens[at + 1].word.form, ()), *known.get("*", ()))
    if not begun:
        return ()
    return sorted((one for one in begun if _stands_at(one, tokens, at)), key=_how_long)


def _how_long(phrase: Phrase) -> tuple[int, int]:
    return -len(phrase.words), -sum(map(len, phrase.words))


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
    spoken = [spoken_in(token.word.meant) for token in tokens]
    for place, token in enumerate(tokens):
        if token.word.meant or token.phrases:
            meant = spoken[place]
            token.bits = meant.together if len(meant.languages) < 2 else _settled(meant, place, tokens, spoken)
            for phrase, _words in token.phrases:
                token.bits |= _settled(spoken_in(phrase.meant), place, tokens, spoken)


def _settled(meanings: Spoken, place: int, tokens: list[Token], spoken: list[Spoken]) -> int:
    """The concepts in those languages that know most of the words around, and the shared ones."""
    if len(meanings.languages) < 2:
        return meanings.together
    sentence, tally = tokens[place].sentence, 0
    for near in range(max(0, place - _AROUND), min(len(tokens), place + _AROUND + 1)):
        if tokens[near].sentence == sentence:
            tally += spoken[near].one_each * (1 + _AROUND - abs(near - place))
    known = [tally >> TALLY * language & _MOST for language in meanings.languages]
    most, bits = max(known), meanings.shared
    for words, meant in zip(known, meanings.bits, strict=True):
        if words == most:
            bits |= meant
    return bits
