"""The form of a fact: what was typed -> a fact, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.safely import clean
from conversations.checks import check_register
from conversations.register import Fact, Partner, Register

LANGUAGES = ("sq", "sr", "de", "en")
"""Serbian is written in Latin letters; the other script is made of it."""
STATES = ("verified", "verify", "ask-counsellor")
CONFIDENCE = ("high", "medium", "low")
NO_DAY = "Write the day as it is in the calendar, for example 2027-05-31."


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: the fact as far as it can be read, and sentences about the rest."""

    fact: Fact
    wrong: tuple[str, ...]


def read_form(before: Fact, form: Mapping[str, Any], partners: Mapping[str, Partner], today: date) -> Typed:
    """`before` is the fact as it is stored: what the form does not have stays as it is there."""
    def text(name: str, otherwise: str = "") -> str:
        return clean(str(form.get(name, otherwise))).strip()

    wrong: list[str] = []
    days: dict[str, date] = {}
    for name in ("checked", "expires"):
        try:
            days[name] = date.fromisoformat(text(name, getattr(before, name).isoformat()))
        except ValueError:
            wrong.append(f"{name.capitalize()}: {NO_DAY}")
    papers = {one: tuple(line.strip() for line in text(f"papers.{one}").splitlines() if line.strip())
              for one in LANGUAGES}
    fact = replace(
        before, checked=days.get("checked", before.checked), expires=days.get("expires", before.expires),
        state=text("state"), confidence=text("confidence"), source=text("source"), seen=text("seen"),
        partner=text("partner") or None, note=text("note"),
        question={one: text(f"question.{one}") for one in LANGUAGES},
        answer={one: text(f"answer.{one}") for one in LANGUAGES},
        papers={one: items for one, items in papers.items() if items},
        version=_number(text("version"), before.version),
    )
    return Typed(fact, (*wrong, *_faults(fact, partners, today)))


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() and len(text) < 9 else otherwise


def _faults(fact: Fact, partners: Mapping[str, Partner], today: date) -> list[str]:
    found = [fault.says for fault in check_register(Register({fact.id: fact}, partners), LANGUAGES, today)]
    if fact.confidence not in CONFIDENCE:
        found.append(f"Its confidence is “{fact.confidence}”. Use one of {', '.join(CONFIDENCE)}.")
    if fact.checked > today:
        found.append("It cannot have been checked on a day that is still to come.")
    return found


def faults_of(facts: list[Fact], partners: Mapping[str, Partner], today: date) -> list[str]:
    """What is wrong with several, each named."""
    return [f"{one.id}: {says}" for one in facts for says in _faults(one, partners, today)]
