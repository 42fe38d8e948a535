"""Help that a counsellor has confirmed for somebody: what they read of it."""

from __future__ import annotations

from bot.receive.visit import Visit
from bot.translate import Translator
from conversations.eligibility import schemes
from storage import tickets


def confirmed(visit: Visit, reminder: str, translator: Translator) -> str:
    """What the task was about of which this reminder tells, by its names in the person's language, one a line."""
    language = visit.person.language
    named = {scheme.name["en"]: scheme.name for scheme in schemes()}
    about = tickets.about(visit.connection, visit.id, f"{tickets.CONFIRM}{reminder.partition(':')[2]}")
    names = (translator.pick(language, named[one]) if one in named else one for one in about.split("; "))
    return translator[language].in_script("\n".join(f"• {name}" for name in names))
