"""A text in, the gravest sign of danger out."""

from __future__ import annotations

from conversations.safety.danger import Danger, Tier
from conversations.safety.points import Points, Signs, points, signs
from conversations.safety.reading import Text, pieces, read
from conversations.safety.rules import rules
from conversations.safety.words import known_words

BY_POINTS = "signs.together"


def check(text: str) -> Danger | None:
    """The gravest sign of danger in a text, with the rule and the words, or None."""
    known = known_words()
    danger, now, distress = points()
    seen = read(pieces(text, known), known)
    if not seen.tokens:
        return None
    found = by_rules(seen)
    stretches = signs(seen, known.concepts)
    if _is(danger, stretches, found):
        return _told("T1" if _is(now, stretches, found) else "T2", found, danger, seen)
    return _told("T3", found, distress, seen) if _is(distress, stretches, found) else None


def _is(question: Points, stretches: list[Signs], found: Danger | None) -> bool:
    """Whether the points, with those for what a rule found, answer yes."""
    return question.score(stretches) + (question.of_rule(found) if found else 0) >= question.needed


def _told(tier: Tier, found: Danger | None, question: Points, text: Text) -> Danger:
    """In the words of the rule, where one found it: its name tells which line fits. The points may change the tier."""
    if found and (found.tier == tier or "T3" not in (found.tier, tier)):
        return Danger(tier, found.rule, found.words)
    return Danger(tier, BY_POINTS, question.words_of(text))


def by_rules(text: Text) -> Danger | None:
    """What the gravest rule found; of one tier, the first."""
    gravest: Danger | None = None
    for rule in rules().within_reach(text.present):
        if gravest is not None and gravest.tier <= rule.tier:
            break
        found = rule.found(text, rules().breaks)
        if found is not None and (gravest is None or found.tier < gravest.tier):
            gravest = found
    return gravest
