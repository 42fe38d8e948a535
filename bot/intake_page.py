"""The intake as counsellors see it: one page, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.translate import Translator
from conversations import CONVERSATIONS
from conversations.engine import Shown, shown
from conversations.intake import INTAKE
from conversations.marking import mark as _
from conversations.model import Ask, Choose, Conversation, Group, Section

NOT_ANSWERED = _("not answered")
GUARD = CONVERSATIONS["migration"]


def intake_lines(translator: Translator, raw: Mapping[str, Any], language: str) -> list[tuple[str, str, str]]:
    """Section, label and value of every question with a label, also of those not answered."""
    lines = _lines(translator, INTAKE, raw, language)
    title = translator.text(language, GUARD.title)
    guard = _lines(translator, GUARD, raw, language)
    unanswered = translator.text(language, NOT_ANSWERED)
    return lines + [(title, label, value) for _section, label, value in guard if value != unanswered]


def _lines(
    translator: Translator, conversation: Conversation, raw: Mapping[str, Any], language: str
) -> list[tuple[str, str, str]]:
    section, lines = "", []
    for step in conversation.steps:
        if isinstance(step, Section):
            section = translator.text(language, step.title)
        elif isinstance(step, Group):
            lines += _group(translator, step, raw, language, section)
        elif isinstance(step, Ask | Choose) and step.label is not None:
            value = _shown(step, raw[step.id]) if step.id in raw else Shown("text", NOT_ANSWERED)
            lines.append((section, translator.text(language, step.label), translator.show(language, value)))
    return lines


def _shown(step: Ask | Choose, value: Any) -> Shown:
    """An answer that its question would not take today is shown as it is."""
    if isinstance(step, Ask) and value is not None and not step.reads.accepts(value):
        return Shown("plain", value)
    return shown(step, value)


def _group(
    translator: Translator, group: Group, raw: Mapping[str, Any], language: str, section: str
) -> list[tuple[str, str, str]]:
    """One line for each item: "Work before: painter, 5"."""
    lines = []
    for number in range(group.most):
        values = [
            (step.label, translator.show(language, _shown(step, raw[f"{group.id}/{number}/{step.id}"])))
            for step in group.steps
            if isinstance(step, Ask | Choose) and f"{group.id}/{number}/{step.id}" in raw
        ]
        if values and values[0][0] is not None:
            label = translator.text(language, values[0][0])
            lines.append((section, label, ", ".join(value for _label, value in values)))
    return lines
