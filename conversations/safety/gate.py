"""A text in, the gravest sign of danger out."""

from __future__ import annotations

from conversations.safety.danger import Danger
from conversations.safety.reading import read
from conversations.safety.rules import rules
from conversations.safety.words import lexicon


def check(text: str) -> Danger | None:
    """The gravest sign of danger in a text, with the rule and the words, or None."""
    seen, known = read(text, lexicon()), rules()
    gravest: Danger | None = None
    for rule in known.rules:
        if gravest is not None and gravest.tier <= rule.tier:
            break
        found = rule.found(seen, known.breaks)
        if found is not None and (gravest is None or found.tier < gravest.tier):
            gravest = found
    return gravest
