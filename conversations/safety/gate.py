"""A text in, the gravest sign of danger out."""

from __future__ import annotations

from collections.abc import Iterator

from conversations.safety.danger import Danger
from conversations.safety.reading import read
from conversations.safety.rules import rules
from conversations.safety.words import lexicon


def check(text: str) -> Danger | None:
    """The gravest sign of danger in a text, with the rule and the words, or None."""
    return min(findings(text), key=lambda one: one.tier, default=None)


def findings(text: str) -> Iterator[Danger]:
    """What every rule finds in a text."""
    seen, known = read(text, lexicon()), rules()
    for rule in known.rules:
        found = rule.found(seen, known.breaks)
        if found is not None:
            yield found
