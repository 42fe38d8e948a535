"""An answer in the form in which it is shown again."""

from __future__ import annotations

from typing import Any

from conversations.engine.turn import Shown
from conversations.marking import mark as _
from conversations.model import Ask, Choose, Step


def shown(step: Step, value: Any) -> Shown:
    if value is None:
        return Shown("text", _("skipped"))
    if isinstance(step, Ask):
        return Shown(step.reads.kind, value)
    if isinstance(step, Choose):
        picked = value.get("picked", ()) if isinstance(value, dict) else (value,)
        names = [Shown("text", choice.label) for choice in step.choices if choice.id in picked]
        return Shown("items", names) if step.many else (names[0] if names else Shown("plain", value))
    return Shown("plain", value)
