"""What the gate found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Tier: TypeAlias = Literal["T1", "T2", "T3"]


@dataclass(frozen=True, slots=True)
class Danger:
    """T1: act or means now. T2: thoughts of it, threats, signs of trafficking. T3: distress."""

    tier: Tier
    rule: str
    words: str
    """The very words that led to it, as they were written."""
