"""A text of a person as it is understood, and in which language it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.receive.visit import Visit
from conversations.understanding import Understood, reader_for

if TYPE_CHECKING:
    from bot.receive.turns import Turns


def read(turns: Turns, visit: Visit, text: str) -> Understood:
    reader = reader_for(turns.knowledge.register, turns.settings.draft_languages)
    return reader.read(text, turns.translator[visit.person.language].heard_as)


def language_of(turns: Turns, visit: Visit, text: str) -> str | None:
    """The language that a text is surely in, where we speak it and it is another than the person's."""
    found = read(turns, visit, text).language
    return found if found is not None and is_another(turns, visit, found) else None


def is_another(turns: Turns, visit: Visit, language: str) -> bool:
    """Whether we speak it, and it is not the person's in another script or form."""
    spoken = turns.translator.languages
    return language in spoken and spoken[language].heard_as != turns.translator[visit.person.language].heard_as
