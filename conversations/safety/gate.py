"""A text in, the gravest sign of danger out."""

from __future__ import annotations

from conversations.safety.danger import Danger
from conversations.safety.points import points
from conversations.safety.reading import Text, read, within_reach
from conversations.safety.rules import Rule, rules
from conversations.safety.words import known_words


def check(text: str) -> Danger | None:
    """The gravest sign of danger in a text, with the rule and the words, or None."""
    known = known_words()
    reach = within_reach(text, known)
    if not (rules().may_find(reach) or points().may_find(reach)):
        return None
    seen = read(text, known)
    near = rules().within_reach(seen.present)
    found = _by_rules(seen, near)
    if found is not None and found.tier != "T3":
        return found
    if any(rule.tier != "T3" and rule.was_taken_back(seen) for rule in near):
        return found
    return points().found(seen) or found


def _by_rules(text: Text, near: list[Rule]) -> Danger | None:
    """What the gravest of these rules found; of one tier, the first."""
    gravest: Danger | None = None
    for rule in near:
        if gravest is not None and gravest.tier <= rule.tier:
            break
        found = rule.found(text, rules().breaks)
        if found is not None and (gravest is None or found.tier < gravest.tier):
            gravest = found
    return gravest
