"""Somebody comes by a link that the centre has handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.receive.visit import Visit
from storage import ways

if TYPE_CHECKING:
    from bot.receive.turns import Turns


def came_by(turns: Turns, visit: Visit, code: str) -> None:
    """Counted where they are new; greeted in the link's language, where they have not chosen one. A code that nobody
    knows means nothing."""
    language = ways.came(visit.connection, visit.id, code, visit.now)
    if language in turns.translator.languages and not visit.person.chose_language:
        visit.person.language, visit.person.changed = language, True
