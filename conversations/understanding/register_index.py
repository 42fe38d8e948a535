"""Which entries of a register share words with a text: an inverted index, as fast for 5,000 facts as for 100."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from conversations.understanding.spelling import key, skeleton, words_of

BEST_FOR_A_WORD = 40
"""So many entries are kept for one word, those that it says most about."""
FAINT = 0.12
"""Less than this share of an entry's words is chance."""
TOO_COMMON = 0.2
"""A word in more than this share of all entries says nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    texts: tuple[str, ...]
    """What it says, one text for each language."""


class RegisterIndex:
    def __init__(self, entries: Iterable[Entry], common: frozenset[str]) -> None:
        texts = [(one.id, _keys(text, common)) for one in entries for text in one.texts]
        self._common = common
        ids = {name for name, _ in texts}
        seen = Counter(name for _, keys in texts for name in keys)
        worth = {name: log(1 + len(texts) / count) for name, count in seen.items()
                 if count <= max(3, TOO_COMMON * len(ids))}
        self._postings: Mapping[str, list[tuple[str, float]]] = _postings(texts, worth)

    def near(self, keys: Iterable[str]) -> dict[str, float]:
        """How much of an entry's text these words are, 0 to 1; for each entry its best language."""
        found: dict[str, float] = defaultdict(float)
        for name in set(keys):
            for entry, share in self._postings.get(name, ()):
                found[entry] += share
        return {entry: min(1.0, share) for entry, share in found.items() if share > FAINT}

    def keys(self, sounds: Iterable[str]) -> list[str]:
        return [key(sound) for sound in sounds if sound not in self._common]


def _keys(text: str, common: frozenset[str]) -> frozenset[str]:
    sounds = (skeleton(word) for word in words_of(text))
    return frozenset(key(sound) for sound in sounds if sound not in common)


def _postings(
    texts: list[tuple[str, frozenset[str]]], worth: Mapping[str, float]
) -> dict[str, list[tuple[str, float]]]:
    best: dict[str, dict[str, float]] = defaultdict(dict)
    for entry, keys in texts:
        whole = sum(worth.get(name, 0.0) for name in keys)
        for name in keys & worth.keys():
            best[name][entry] = max(best[name].get(entry, 0.0), worth[name] / whole)
    return {name: sorted(shares.items(), key=lambda one: (-one[1], one[0]))[:BEST_FOR_A_WORD]
            for name, shares in best.items()}
