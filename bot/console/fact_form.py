"""The form of a fact: what was typed -> a fact, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.safely import clean
from bot.translate import stored_languages
from conversations.checks import check_register
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.register import Fact, Partner, Register

LANGUAGES = stored_languages()
"""Serbian is written in Latin letters; the other script is made of it."""
MUST = ("sq", "sr", "de", "en")
"""Without these nothing is saved; in any other language the next one stands in until somebody translates."""
STATES = ("verified", "verify", "ask-counsellor")
CONFIDENCE = ("high", "medium", "low")
DAYS = {"checked": _d("Checked on"), "expires": _d("Not told any more from")}
NO_DAY = _d("Write the day as it is in the calendar, for example 2027-05-31.")


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
            wrong.append(Phrase("{field}: {why}", field=Phrase(DAYS[name]), why=Phrase(NO_DAY)))
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
    found = [fault.says for fault in check_register(Register({fact.id: fact}, partners), MUST, today)]
    if fact.confidence not in CONFIDENCE:
        found.append(Phrase("Its confidence is “{word}”. Use one of {words}.", word=fact.confidence,
                            words=", ".join(CONFIDENCE)))
    if fact.checked > today:
        found.append(_d("It cannot have been checked on a day that is still to come."))
    return found


def faults_of(facts: list[Fact], partners: Mapping[str, Partner], today: date) -> list[str]:
    """What is wrong with several, each named."""
    return [Phrase("{field}: {why}", field=one.id, why=says) for one in facts for says in _faults(one, partners, today)]
