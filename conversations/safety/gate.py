"""A text in, the gravest sign of danger out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from conversations.safety.danger import Danger, Tier
from conversations.safety.points import Points, Stretch, points, stretches
from conversations.safety.reading import Text, pieces, read
from conversations.safety.rules import Sighting, rules
from conversations.safety.words import known_words

BY_POINTS = "signs.together"


def check(text: str) -> Danger | None:
    """The gravest sign of danger in a text, with the rule and the words, or None."""
    known = known_words()
    seen = read(pieces(text, known), known)
    if not seen.tokens:
        return None
    danger, now, distress = points()
    found = looked_at(seen)
    grave = [one for one in found if _points(danger, *one) >= danger.needed + one[0].apart]
    if grave:
        tier: Tier = "T1" if any(_points(now, *one) >= now.needed for one in grave) else "T2"
        return _told(tier, grave, danger, seen)
    sad = [one for one in found if _points(distress, *one) >= distress.needed + one[0].apart]
    return _told("T3", sad, distress, seen) if sad else None


def looked_at(text: Text) -> list[tuple[Stretch, Sighting | None]]:
    """Each stretch of a text, with the gravest that a rule finds in it."""
    sightings = rules().found(text)
    found = []
    for stretch in stretches(text, known_words().concepts):
        begun = sightings[bisect_left(sightings, stretch.first, key=_first):
                          bisect_left(sightings, stretch.end, key=_first)]
        within = (one for one in begun if one.last < stretch.end)
        found.append((stretch, min(within, key=_rank, default=None)))
    return found


def _points(question: Points, stretch: Stretch, found: Sighting | None) -> int:
    return question.score(stretch) + (question.of_rule(found.danger) if found else 0)


def _told(
    tier: Tier, stretches: Sequence[tuple[Stretch, Sighting | None]], question: Points, text: Text
) -> Danger:
    """In the words of the rule, where one found it: its name tells which line fits. The points may change the tier."""
    gravest = min((one for _stretch, one in stretches if one), key=_rank, default=None)
    if gravest and (gravest.danger.tier == tier or "T3" not in (gravest.danger.tier, tier)):
        return Danger(tier, gravest.danger.rule, gravest.danger.words)
    most = max(stretches, key=lambda one: _points(question, *one) - one[0].apart)[0]
    return Danger(tier, BY_POINTS, question.words_of(text.tokens[most.first:most.end]))


def _first(sighting: Sighting) -> int:
    return sighting.first


def _rank(sighting: Sighting) -> tuple[Tier, int]:
    return sighting.rank
