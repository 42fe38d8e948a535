"""How texts are worded: the one word for each thing, no word that hurts, short sentences, nothing left in English."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from conversations.checks.fault import Fault
from conversations.checks.texts import short

Kind = Literal["said", "list"]
"""Said: in a talk or as a fact, short. List: no sentences, as papers to bring."""
MOST_WORDS = 15
MOST_SENTENCES = 4
MOST_SIGNS = 350
"""Of what is said. An enumeration, one thing a line behind a dash, may be longer."""
GREETING = re.compile(r"(Hello|Thank you)\b")
"""Hello and thanks, as the English text begins, are no sentence that anybody has to take in;"""
FILLED_IN = re.compile(r"\{\w+\}")
"""neither is a line that something else is put into."""
ENGLISH_WORDS = re.compile(r"\b(the|you|your|with|please|and|cannot|our)\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"(?<=[.?])\s+(?=[„“”\"]?[A-ZÄÖÜÇËČĆŠŽĐİŞ]|(?<=[a-zëšđčćž]. )\d)"
                          r"(?!(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b)")
BREATH = re.compile(r"[:;]\s")
WORD = re.compile(r"\S*\w\S*")
NO_BOUNDARY = frozenset({"de"})
"""Languages that write words together: a word may stand inside of another one."""


@dataclass(frozen=True, slots=True)
class Said:
    """One text as it reads in one language, beside the English one."""

    where: str
    language: str
    english: str
    text: str
    kind: Kind = "said"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing of our field and its one name in each language."""

    id: str
    names: Mapping[str, str]
    also: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Other wordings that are fine in a sentence."""
    forbidden: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Wrong, loaded or ambiguous for this thing; elsewhere they may be right."""
    alone: bool = False
    """Its English is an everyday word: only where the whole text is this word, as on a button, is it this thing."""


@dataclass(frozen=True, slots=True)
class Termbase:
    terms: Sequence[Term]
    banned: Mapping[str, Sequence[str]]
    """Words for no text at all."""
    names: Mapping[str, Sequence[str]]
    """Names of offices that hold such a word."""
    same: Collection[str]
    """Texts that read the same in several languages: names, a loan word."""
    known: dict[str, list[Term]] = field(default_factory=dict, repr=False)

    def about(self, english: str) -> list[Term]:
        """The terms that this text names; looked for once, whatever the number of languages."""
        if english not in self.known:
            bare = re.sub(r"\{\w+\}", " ", english)
            lower = bare.lower()
            self.known[english] = [
                one for one in self.terms
                if _said_as(one.names["en"]).lower() in lower and _english(one.names["en"], one.alone).search(bare)
            ]
        return self.known[english]


def read_termbase(stored: Mapping[str, Any]) -> Termbase:
    """The content of locales/terms.toml."""
    languages = stored["languages"]
    terms = [
        Term(name, {code: one[code] for code in languages if code in one}, one.get("also", {}), one.get("not", {}),
             one.get("alone", False))
        for name, one in stored["term"].items()
    ]
    return Termbase(terms, stored["banned"], stored["names"], frozenset(stored["same"]["texts"]))


def check_wording(texts: Iterable[Said], termbase: Termbase) -> Iterator[Fault]:
    for said in texts:
        yield from _terms(said, termbase)
        yield from _banned(said, termbase)
        yield from _shape(said)
        yield from _untranslated(said, termbase)


def check_plurals(language: str, forms: Mapping[str, Sequence[str]], categories: int) -> Iterator[Fault]:
    """As many forms as the language has; a form may leave the number out only where it means one."""
    for english, wordings in forms.items():
        if len(wordings) != categories:
            yield Fault("plurals", language, "plural", f"“{short(english)}” has {len(wordings)} forms, the language "
                        f"has {categories}. Set Plural-Forms as CLDR has it, and translate each form.")
        for wording in wordings[1:]:
            if "{number}" not in wording:
                yield Fault("plurals", language, "plural", f"“{short(wording)}” says no number. Add {{number}}.")


# ------------------------------------------------------------------------ terms


def _terms(said: Said, termbase: Termbase) -> Iterator[Fault]:
    for term in termbase.about(said.english):
        chosen = term.names.get(said.language)
        if chosen is None:
            continue
        right = _wordings(said.language, (chosen, *term.also.get(said.language, ())))
        rest = right.sub(" ", said.text)
        for word in term.forbidden.get(said.language, ()):
            if _stands(word, term.alone).search(rest):
                yield Fault(said.where, said.language, "term", f"“{short(said.text)}” says “{word}” for "
                            f"“{term.names['en']}”. Say “{chosen}”.")
        if said.language != "en" and not right.search(said.text):
            yield Fault(said.where, said.language, "term", f"“{short(said.text)}” has another word for "
                        f"“{term.names['en']}” than “{chosen}”. Take this one, or add yours to locales/terms.toml.")


@cache
def _english(name: str, alone: bool) -> re.Pattern[str]:
    name = re.escape(_said_as(name))
    return re.compile(rf"\A{name}\Z" if alone else rf"\b{name}s?\b", re.IGNORECASE)


@cache
def _said_as(name: str) -> str:
    return _bare(name).partition(" / ")[0]


@cache
def _stands(word: str, alone: bool) -> re.Pattern[str]:
    """The word with an ending."""
    return re.compile(rf"\A{re.escape(word)}\Z" if alone else rf"\b{re.escape(word)}\w{{0,2}}\b", re.IGNORECASE)


@cache
def _wordings(language: str, names: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these names, whatever the endings of their words."""
    start = "" if language in NO_BOUNDARY else r"\b"
    ways = [way for name in names for way in _bare(name).split(" / ")]
    found = [r"\w*\b.{0,25}?".join(start + re.escape(_stem(word)) for word in way.split()
                                    if len(word) > 2 or word == way) for way in ways]
    return re.compile("|".join(rf"{one}\w*" for one in found), re.IGNORECASE | re.DOTALL)


def _bare(name: str) -> str:
    return re.sub(r"\s*\(.*?\)", "", name)


def _stem(word: str) -> str:
    return word if len(word) < 4 else word[: max(3, len(word) - 2)]


# ------------------------------------------------------------------- everywhere


def _banned(said: Said, termbase: Termbase) -> Iterator[Fault]:
    text = said.text
    for name in termbase.names.get(said.language, ()):
        text = re.sub(re.escape(name), " ", text, flags=re.IGNORECASE)
    for word in termbase.banned.get(said.language, ()):
        if _stands(word, False).search(text):
            yield Fault(said.where, said.language, "banned", f"“{short(said.text)}” says “{word}”, a word for none of "
                        "our texts. Say it in another way, or see locales/terms.toml.")
    if "!" in text:
        yield Fault(said.where, said.language, "banned", f"“{short(said.text)}” has an exclamation mark. Say it "
                    "calmly.")


def _untranslated(said: Said, termbase: Termbase) -> Iterator[Fault]:
    if said.language == "en" or said.text in termbase.same:
        return
    if said.text == said.english and re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", said.text)):
        yield Fault(said.where, said.language, "untranslated", f"“{short(said.text)}” is still English. Translate it, "
                    "or add it to `same` in locales/terms.toml.")
    elif said.kind == "said" and (found := ENGLISH_WORDS.search(said.text)):
        yield Fault(said.where, said.language, "untranslated", f"“{short(said.text)}” still has an English word, "
                    f"“{found.group()}”. Translate it.")


# ------------------------------------------------------------------------ shape


def _shape(said: Said) -> Iterator[Fault]:
    if said.kind == "list":
        return
    for sentence in sentences(said.text):
        for part in BREATH.split(sentence):
            if (count := len(WORD.findall(part))) > MOST_WORDS:
                yield Fault(said.where, said.language, "sentence", f"“{short(part)}” has {count} words. Make two "
                            f"sentences of it: {MOST_WORDS} are the most.")
    if "\n– " not in said.text:
        if (count := _sentences_to_take_in(said)) > MOST_SENTENCES:
            yield Fault(said.where, said.language, "message", f"“{short(said.text)}” has {count} sentences. Leave one "
                        f"out, or make two messages of it: {MOST_SENTENCES} are the most.")
        if len(said.text) > MOST_SIGNS:
            yield Fault(said.where, said.language, "message", f"“{short(said.text)}” has {len(said.text)} characters. "
                        f"Shorten it: {MOST_SIGNS} are the most.")


def _sentences_to_take_in(said: Said) -> int:
    count = sum(1 for one in sentences(said.text) if not FILLED_IN.fullmatch(one.strip()))
    return count - 1 if GREETING.match(said.english) else count


def sentences(text: str) -> list[str]:
    """What ends before a capital letter; "5. März" is no end."""
    return [part for line in text.split("\n") for part in SENTENCE_END.split(line) if part.strip(" –")]
