"""What the words of a text say about its area or intent beside the terms: small numbers, worked out from questions that
people ask (`python -m tests.understanding.fit`), in `conversations/facts/terms/points.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from conversations.kept import kept
from conversations.understanding.spelling import key
from conversations.understanding.terms import FOLDER

UNIT = 10
"""So many points are worth as much as 1.0 of a term."""
BEGINNING = 4
"""So many letters are what the forms of a word nearly always share."""
NO_AREA, NO_INTENT = "no_area", "no_intent"
"""What stands in the file behind the areas, and behind the intents: what speaks for none of them."""
LEADS = 5
"""A word with so many points has led to it."""
LENGTHS = (1, 2, 4, 8)
"""A wish is short, a question is not: up to so many words."""


@dataclass(frozen=True, slots=True)
class Points:
    names: tuple[str, ...]
    """The areas, then `NO_AREA`; the intents, then `NO_INTENT`."""
    without: tuple[int, ...]
    """What each has in a text that says nothing."""
    worth: Mapping[str, tuple[tuple[int, int], ...]]
    """What a sign of a text is worth: for which of them, how much."""

    def of(self, sounds: Sequence[str], area_is_sure: bool) -> tuple[dict[str, float], dict[str, list[int]]]:
        """What the text is worth for each area and intent, and the places of the words that led to it; nothing where no
        word is known."""
        total, leads = list(self.without), [[0] * len(sounds) for _ in self.names]
        known, seen = self.worth, set()
        for at, sign in signs(sounds):
            worth = known.get(sign)
            if worth is None or sign in seen:
                continue
            seen.add(sign)
            for one, points in worth:
                total[one] += points
                leads[one][at] += points
        if not seen:
            return {}, {}
        for sign in around(len(sounds), area_is_sure):
            for one, points in known.get(sign, ()):
                total[one] += points
        found: dict[str, float] = {}
        against = 0
        for one in range(len(self.names) - 1, -1, -1):
            if self.names[one] in (NO_AREA, NO_INTENT):
                against = total[one]
            else:
                found[self.names[one]] = (total[one] - against) / UNIT
        return found, {name: [at for at, points in enumerate(leads[one]) if points >= LEADS]
                       for one, name in enumerate(self.names)}


def signs(sounds: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The signs that points are given for, with the place of the word: a word, how it begins, two beside each other."""
    before = ""
    for at, sound in enumerate(sounds):
        stem = key(sound)
        yield at, stem + "-"
        if sound != stem:
            yield at, sound
        if len(sound) > BEGINNING:
            yield at, sound[:BEGINNING] + "*"
        if before:
            yield at, f"{before}+{stem}"
        before = stem


def around(words: int, area_is_sure: bool) -> Iterator[str]:
    """What a text is as a whole: how long, and whether the terms are sure of an area."""
    yield f"={sum(words > most for most in LENGTHS)}"
    if area_is_sure:
        yield "=sure"


@cache
def points() -> Points:
    sources = (Path(__file__), FOLDER / "points.toml")
    return Points(*kept(Path(__file__).parent, "points", sources, _made))


def _made() -> tuple[Any, ...]:
    content = tomli.loads((FOLDER / "points.toml").read_text(encoding="utf-8"))
    names = tuple(content["without"])
    worth: dict[str, list[tuple[int, int]]] = {}
    for one, name in enumerate(names):
        for points, written in content[name].items():
            value = (one, int(points))
            for sign in written.split():
                worth.setdefault(sign, []).append(value)
    return names, tuple(content["without"].values()), {sign: tuple(each) for sign, each in worth.items()}
