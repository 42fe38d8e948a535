"""Questions that say nearly the same, put together."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.understanding.spelling import key, skeleton, words_of
from conversations.understanding.terms import terms

ALIKE = 0.5
"""So much of what two questions say must be the same."""


def groups(texts: Sequence[str]) -> list[list[int]]:
    """The places of the texts, group by group: the largest group first, in a group as they came."""
    found: list[tuple[frozenset[str], list[int]]] = []
    for at, text in enumerate(texts):
        said = _said(text)
        known = next((members for keys, members in found if _alike(said, keys)), None)
        if known is None:
            found.append((said, [at]))
        else:
            known.append(at)
    return sorted((members for _, members in found), key=lambda members: (-len(members), members[0]))


def _said(text: str) -> frozenset[str]:
    common = frozenset().union(*terms().common.values())
    sounds = [skeleton(word) for word in words_of(text)]
    return frozenset(key(sound) for sound in sounds if sound not in common) or frozenset(sounds)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * max(1, len(one | other))
