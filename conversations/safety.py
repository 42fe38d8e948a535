"""The gate in front of everything: the plainest signs of danger, in every language.

Deterministic: whole words of the folded text against phrases that a clinician can read and change
(`safety.toml`). T1: act or means now, violence under way, a child in danger. T2: thoughts of it,
threats, signs of trafficking. T3: distress.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from conversations.readers import fold

Tier: TypeAlias = Literal["T1", "T2", "T3"]


@dataclass(frozen=True, slots=True)
class Danger:
    tier: Tier
    rule: str
    words: str


@cache
def _phrases() -> tuple[list[str], list[tuple[Tier, str, str]]]:
    """What to leave alone, and tier, rule and folded phrase, the gravest first."""
    content = tomllib.loads((Path(__file__).parent / "safety.toml").read_text(encoding="utf-8"))
    quiet = [f" {fold(phrase)} " for phrases in content["quiet"].values() for phrase in phrases]
    loud: list[tuple[Tier, str, str]] = [
        (rule["tier"], rule["rule"], f" {fold(phrase)} ")
        for rule in content["rule"]
        for language in ("sq", "sr", "de", "en")
        for phrase in rule.get(language, ())
    ]
    return quiet, sorted(loud, key=lambda one: one[0])


def check(text: str) -> Danger | None:
    """The gravest sign of danger in a text, with the rule and the words, or None."""
    quiet, loud = _phrases()
    words = f" {fold(text)} "
    for phrase in quiet:
        words = words.replace(phrase, " … ")
    for tier, rule, phrase in loud:
        if phrase in words:
            return Danger(tier, rule, phrase.strip())
    return None
