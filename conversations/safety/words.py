"""The word lists, as they are read from their files."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from conversations.kept import kept
from conversations.safety.data import HERE, read_data
from conversations.safety.lexicon import KNOWN, LANGUAGES, NOT_GUESSED, WIDTH, Lexicon, may_be_mistyped, reversed_
from conversations.safety.spelling import key, keys

Form = TypeVar("Form")
"""A word, or the words of an expression."""
_ALL = (1 << WIDTH) - 1
SOURCES = (
    *(HERE / f"{language}.toml" for language in LANGUAGES),
    *(HERE.parent / name for name in ("safety/words.py", "safety/lexicon.py", "safety/spelling.py", "readers/fold.py")),
)
"""The lists, and the code that reads them."""


@cache
def known_words() -> Lexicon:
    """All word lists. Read at the first message."""
    return Lexicon(*kept(HERE, "words", SOURCES, _made))


def _made() -> tuple[Any, ...]:
    made = built([(language, read_data(language)) for language in LANGUAGES])
    return (made.concepts, made.sizes, made.whole, made.stems, made.phrases, made.same, made.before, made.forwards,
            made.backwards)


def built(lists: Sequence[tuple[str, Mapping[str, Any]]]) -> Lexicon:
    """Of each language, its list as it stands in the file."""
    made = Lexicon()
    before: list[frozenset[str]] = []
    for language, content in lists:
        same = content.get("same", {})
        for usual, variants in zip(same, keys(language, list(same.values())), strict=True):
            made.same |= dict.fromkeys(variants, key(usual))
    for language, content in lists:
        concepts = content["words"]
        for concept, forms in zip(concepts, keys(language, list(concepts.values())), strict=True):
            _add(made, concept, forms, WIDTH * LANGUAGES.index(language))
        before.append(frozenset(content.get("written_together", "").split()))
    made.before = tuple(before)
    guessed = ((1 << WIDTH * len(LANGUAGES)) - 1) ^ sum(_ALL << WIDTH * LANGUAGES.index(one) for one in NOT_GUESSED)
    made.forwards = sorted(form for form, meant in made.whole.items() if meant & guessed and may_be_mistyped(form))
    made.backwards = sorted(made.forwards, key=reversed_)
    _share(made)
    return made


def _add(made: Lexicon, concept: str, forms: set[str], shift: int) -> None:
    bit = made.concepts.setdefault(concept, 1 << len(made.concepts))
    made.sizes[bit] = made.sizes.get(bit, 0) + len(forms)
    meant = (bit | KNOWN) << shift
    for form in forms:
        if "_" in form:
            _add_phrase(made, form.split("_"), meant, KNOWN << shift)
        else:
            form = made.same.get(form, form)
            place = made.stems if form[-1] == "*" else made.whole
            place[form] = place.get(form, 0) | meant


def _add_phrase(made: Lexicon, parts: list[str], meant: int, known: int) -> None:
    """Its words are known words too."""
    row = tuple([sys.intern(made.same.get(word, word)) for word in parts])
    for word in row:
        if word[-1] != "*":
            made.whole[word] = made.whole.get(word, 0) | known
    beginning = made.phrases.setdefault(row[0], {})
    beginning[row] = beginning.get(row, 0) | meant


def _share(made: Lexicon) -> None:
    """Words of the same meaning share one number: there are ten times as many words as meanings."""
    shared: dict[int, int] = {}
    made.whole, made.stems = _sharing(made.whole, shared), _sharing(made.stems, shared)
    made.phrases = {first: _sharing(meanings, shared) for first, meanings in made.phrases.items()}


def _sharing(meanings: dict[Form, int], shared: dict[int, int]) -> dict[Form, int]:
    return {form: shared.setdefault(meant, meant) for form, meant in meanings.items()}

