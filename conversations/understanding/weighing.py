"""What terms and single words are worth together, and which words of a text led to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conversations.understanding.points import points
from conversations.understanding.terms import Part, Term

NEAR = 4
"""So many other words may stand between the words of one term."""
LONG_TERM = 5
ANOTHER_LANGUAGE, ANOTHER_AND_SHORT = 0.7, 0.25
"""What a term of a language that the text is not in still counts: a short word is easily another one there."""
AREAS = frozenset({"employment", "migration", "reintegration", "psychosocial"})
SURE_AREA = 2.0
CLEAR, CLEARLY_MORE = 3.0, 1.0
"""A fact with so many points, and so many more than the next, is the answer."""
LEAST_INTENT = 1.0
SHORT = 4
"""In so many words a term is what the text says, whatever else speaks against it."""
SURE_WITHOUT_A_TERM = 1.5
"""So much an intent needs that no term speaks for."""
UNCERTAIN = 0.5
"""So much an area loses that no term speaks for."""
LEAST_LIKELY = -1.0
"""What is less likely is not even named."""
Ranked: TypeAlias = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Found:
    name: str
    score: float
    words: tuple[str, ...]
    """What of the text led to it."""
    share: float = 0.0
    """Of an intent: how much of what the text says is this."""


def with_points(
    areas: Ranked, intents: Ranked, sounds: Sequence[str], scores: dict[tuple[str, str], dict[int, float]]
) -> tuple[Ranked, Ranked, Ranked]:
    """Both with what single words say beside the terms, these words named with the others; and the intents that are not
    sure."""
    more, leads = points().of(sounds, bool(areas) and areas[0][1] >= SURE_AREA)
    found: dict[str, dict[str, float]] = {"area": dict(areas), "intent": dict(intents), "perhaps": {}}
    for name, worth in more.items():
        kind = "area" if name in AREAS else "intent"
        if name in found[kind] and len(sounds) <= SHORT:
            worth = max(worth, 0.0)
        total = found[kind].get(name, 0.0) + worth
        if kind == "area" and name not in found[kind]:
            total -= UNCERTAIN
        if kind == "intent" and total < (LEAST_INTENT if name in found[kind] else SURE_WITHOUT_A_TERM):
            found[kind].pop(name, None)
            kind = "perhaps"
        found[kind][name] = total
        if total > 0:
            words = scores.setdefault(("area" if kind == "area" else "intent", name), {})
            for at in leads[name]:
                words.setdefault(at, 0.0)
    return (best({name: score for name, score in found["area"].items() if score > LEAST_LIKELY}),
            best(found["intent"]),
            best({name: score for name, score in found["perhaps"].items() if score > LEAST_LIKELY}))


def covers(scores: Mapping[tuple[str, str], Mapping[int, float]], intent: str, area: str) -> bool:
    """True where the words that led to the area are only a part of the wish: "how does this work"."""
    words = scores.get(("area", area), {}).keys()
    return bool(words) and words <= scores.get(("intent", intent), {}).keys()


def weight(term: Term, languages: frozenset[str]) -> float:
    if term.language in languages:
        return term.weight
    is_long = sum(len(part.sound) for part in term.parts) >= LONG_TERM
    return term.weight * (ANOTHER_LANGUAGE if is_long else ANOTHER_AND_SHORT)


def together(term: Term, places: Mapping[Part, Sequence[int]]) -> tuple[int, ...]:
    """Where the words of the term stand near each other; nowhere: empty."""
    for first in places.get(term.parts[0], ()):
        where = [first]
        for part in term.parts[1:]:
            near = [at for at in places.get(part, ()) if at not in where and abs(at - first) <= NEAR]
            if not near:
                break
            where.append(min(near, key=lambda at: abs(at - first)))
        else:
            return tuple(where)
    return ()


def worth_of(found: list[tuple[float, tuple[int, ...]]]) -> dict[int, float]:
    """Each word counts once, in the weightiest term that it stands in."""
    words: dict[int, float] = {}
    for weight, where in sorted(found, key=lambda one: (-one[0], one[1])):
        new = [at for at in where if at not in words]
        for at in new:
            words[at] = weight / len(where) if len(new) < len(where) else 0.0
        if len(new) == len(where):
            words[new[0]] = weight
    return words


def best(total: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(total.items(), key=lambda one: (-one[1], one[0]))


def found_in(
    ranked: Sequence[tuple[str, float]], kind: str, scores: Mapping[tuple[str, str], Mapping[int, float]],
    words: Sequence[str],
) -> tuple[Found, ...]:
    return tuple(Found(name, round(score, 2), tuple(words[at] for at in sorted(scores.get((kind, name), ()))))
                 for name, score in ranked)
