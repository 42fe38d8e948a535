"""The gate in front of everything: the plainest signs of danger, in every language.

Deterministic: whole words of the folded text against phrases that a clinician can read and change
(`safety.toml`). T1: act or means now, violence under way, a child in danger. T2: thoughts of it,
threats, signs of trafficking. T3: distress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import tomli

from conversations.readers import fold

Tier: TypeAlias = Literal["T1", "T2", "T3"]


@dataclass(frozen=True, slots=True)
class Danger:
    tier: Tier
    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    number: int
    """The gravest come first."""
    danger: Danger
    text: str
    """Folded, with a space before and after."""


class _Phrases:
    """Phrases by their first word: a text is looked at once, however many there are."""

    def __init__(self, phrases: Iterable[Danger]) -> None:
        self._by_word: dict[str, list[_Phrase]] = {}
        for number, danger in enumerate(phrases):
            phrase = _Phrase(number, danger, f" {danger.words} ")
            self._by_word.setdefault(danger.words.split(" ")[0], []).append(phrase)

    def in_text(self, words: str) -> Iterator[_Phrase]:
        """Those that are in a folded text with a space before and after."""
        at = 0
        while (end := words.find(" ", at + 1)) > 0:
            for phrase in self._by_word.get(words[at + 1 : end], ()):
                if words.startswith(phrase.text, at):
                    yield phrase
            at = end


@cache
def _phrases() -> tuple[_Phrases, _Phrases]:
    """What to leave alone; and what alarms, the gravest first."""
    content = tomli.loads((Path(__file__).parent / "safety.toml").read_text(encoding="utf-8"))
    quiet = [Danger("T3", "", fold(phrase)) for phrases in content["quiet"].values() for phrase in phrases]
    loud = [
        Danger(rule["tier"], rule["rule"], fold(phrase))
        for rule in content["rule"]
        for language in ("sq", "sr", "de", "en")
        for phrase in rule.get(language, ())
    ]
    return _Phrases(quiet), _Phrases(sorted(loud, key=lambda one: one.tier))


def check(text: str) -> Danger | None:
    """The gravest sign of danger in a text, with the rule and the words, or None."""
    quiet, loud = _phrases()
    words = f" {fold(text)} "
    for phrase in sorted(quiet.in_text(words), key=lambda one: one.number):
        words = words.replace(phrase.text, " … ")
    gravest = min(loud.in_text(words), key=lambda one: one.number, default=None)
    return gravest.danger if gravest is not None else None
