"""A short pulse of our own: how it goes on three sides of settling in again, one tap each.

It is no test and no survey of others: three plain questions, so that a person sees how it has gone, and a counsellor
sees where it gets worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.marking import mark as _
from conversations.model import Choice, Choose

SIDES: Mapping[str, str] = {
    "money": _("Work and money"), "people": _("People and services"), "mood": _("How I am"),
}
LEVELS: Mapping[str, int] = {"bad": 1, "so_so": 2, "good": 3}
BARS = {1: "▁", 2: "▄", 3: "█"}
GAP = "·"
"""Where nothing was answered."""
MOST = 12
"""So many check-ins are in the curve."""
ANSWERS = (Choice("good", _("Good")), Choice("so_so", _("So-so")), Choice("bad", _("Not good")))


def question(side: str, text: str) -> Choose:
    return Choose(side, text, *ANSWERS, skippable=True)


def levels(answers: Mapping[str, Any]) -> dict[str, int]:
    """How it goes on each side that was answered."""
    return {side: LEVELS[answers[side]] for side in SIDES if answers.get(side) in LEVELS}


def curve(side: str, history: Sequence[Mapping[str, int]]) -> str:
    """The oldest first: "▁▄█"."""
    return "".join(BARS[one[side]] if side in one else GAP for one in history[-MOST:])


def fell(money: str | None, people: str | None, mood: str | None, pulse_before: Mapping[str, int] | None) -> bool:
    """Worse than the last time: from good to not good on one side, or a step down on two."""
    now = levels({"money": money, "people": people, "mood": mood})
    falls = [before - now[side] for side, before in (pulse_before or {}).items() if side in now]
    return max(falls, default=0) >= 2 or sum(1 for fall in falls if fall > 0) >= 2


def has_curve(pulse: Sequence[object]) -> bool:
    return bool(pulse)
