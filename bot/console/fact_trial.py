"""What the bot would make of a sentence, with a fact as it stands in the form: shown before anything is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from conversations.eligibility import schemes
from conversations.register import Fact, Register
from conversations.safety import check
from conversations.understanding import Found, Reader, Understood, intent, is_clear
from conversations.understanding.asked import right_ones

MOST = 3


@dataclass(frozen=True, slots=True)
class Trial:
    text: str
    language: str
    found: Understood
    facts: Mapping[str, Fact]
    is_danger: bool
    wish: str | None

    @property
    def led_to(self) -> tuple[Found, ...]:
        """The facts, the likeliest first."""
        return self.found.facts[:MOST]

    @property
    def could_be(self) -> tuple[Found, ...]:
        """Those that little speaks for."""
        return () if self.led_to else self.found.candidates[:MOST]

    @property
    def is_clear(self) -> bool:
        return bool(self.led_to) and is_clear(self.found, self.facts)


async def trial(text: str, language: str, fact: Fact, register: Register) -> Trial:
    """Lines with which something is wrong say nothing yet."""
    fact = replace(fact, asked=right_ones(fact.asked))
    return await asyncio.to_thread(_made, text, language, {**register.facts, fact.id: fact})


def _made(text: str, language: str, facts: Mapping[str, Fact]) -> Trial:
    found = Reader(facts.values(), schemes()).read(text, language)
    return Trial(text, language, found, facts, check(text) is not None, intent(text) or found.intent)
