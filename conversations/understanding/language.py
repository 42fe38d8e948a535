"""In which language a text is: by its small words, its letters and its script. Short or mixed texts stay open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Common: TypeAlias = Mapping[str, frozenset[str]]
"""Small words, by language."""
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_NOT_SERBIAN = re.compile(r"[ыэяюёйщьъїєґ]", re.I)
"""Letters of other languages that are written in Cyrillic."""
_LETTERS = {"sq": re.compile(r"[ëç]", re.I), "sr": re.compile(r"[čćšžđ]", re.I), "de": re.compile(r"[äöüß]", re.I),
            "tr": re.compile(r"[ğışİ]")}
FOR_A_LETTER = 1.5
ENOUGH = 3.0
"""Less than this says nothing: a place name or one borrowed word is no other language."""
CLEARLY = 1.6
"""So many times more than for the next language."""


def likely(sounds: Sequence[str], language: str, common: Common) -> frozenset[str]:
    """The languages that the text may be in: the one chosen, and those that its small words speak for."""
    counts = _counts(sounds, common)
    chosen = language.split("_")[0]
    least = max(1, counts.get(chosen, 0))
    return frozenset({chosen} | {name for name, count in counts.items() if count >= least})


def recognised(text: str, sounds: Sequence[str], common: Common) -> str | None:
    """The language that a text is surely in, or None."""
    counts = {name: float(count) for name, count in _counts(sounds, common).items()}
    for name, letters in _LETTERS.items():
        if name not in counts:
            continue
        counts[name] += FOR_A_LETTER * min(2, len(letters.findall(text)))
    if _NOT_SERBIAN.search(text):
        return None
    cyrillic = len(_CYRILLIC.findall(text))
    if cyrillic:
        counts["sr"] += FOR_A_LETTER * min(2, cyrillic)
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    (name, best), (_, next_best) = ranked[:2]
    if best < ENOUGH or best < CLEARLY * next_best:
        return None
    return "sr_Cyrl" if name == "sr" and 2 * cyrillic > sum(map(str.isalpha, text)) else name


def _counts(sounds: Sequence[str], common: Common) -> dict[str, int]:
    return {name: sum(1 for sound in sounds if sound in words) for name, words in common.items()}
