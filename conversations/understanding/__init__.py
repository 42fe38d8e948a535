"""Free text -> a command, an intent, an area, and the facts and schemes that answer it."""

from __future__ import annotations

from typing import Any

from conversations.register import Register
from conversations.safety import check
from conversations.understanding.commands import INTENTS, intent, language_named
from conversations.understanding.language import recognised
from conversations.understanding.reading import Reader, Understood, is_clear, reader_for, seed_reader
from conversations.understanding.spelling import skeleton, words_of
from conversations.understanding.terms import WAITING, terms
from conversations.understanding.weighing import Found

__all__ = ["INTENTS", "Found", "Reader", "Understood", "intent", "is_clear", "language_named", "language_of",
           "reader_for", "seed_reader", "understand"]


def language_of(text: str) -> str | None:
    """The language that a text is surely in."""
    return recognised(text, [skeleton(word) for word in words_of(text)], terms().common)


def understand(text: str, language: str, register: Register | None = None) -> dict[str, Any]:
    """What the bot makes of a text: the sign of danger, the command, the area and the facts that it names. Without a
    register: with the facts that a new installation starts with."""
    waiting = tuple(path.stem for path in WAITING if path.stem == language)
    reader = seed_reader(waiting) if register is None else reader_for(register, waiting)
    danger, found = check(text), reader.read(text, language)
    why = {"intents": (*found.intents, *found.perhaps), "areas": found.areas, "facts": found.facts}
    return {
        "safety": danger.tier if danger else None,
        "intent": intent(text) or ("language" if language_named(text) else found.intent),
        "area": found.area,
        "facts": [one.name for one in found.facts],
        "schemes": [one.name for one in found.schemes],
        "language": found.language,
        "why": {name: [{"name": one.name, "score": one.score, "words": list(one.words)} for one in listed[:3]]
                for name, listed in why.items()},
    }
