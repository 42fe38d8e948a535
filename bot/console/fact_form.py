"""The form of a fact: what was typed -> a fact, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from bot.safely import clean
from bot.translate import stored_languages
from conversations.checks import check_register
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.readers import fold
from conversations.register import Fact, Partner, Register
from conversations.understanding.asked import heard

T = TypeVar("T")
LANGUAGES = stored_languages()
"""Serbian is written in Latin letters; the other script is made of it."""
MUST = ("sq", "sr", "de", "en")
"""Without these nothing is saved; in any other language the next one stands in until somebody translates."""
STATES = ("verified", "verify", "ask-counsellor")
CONFIDENCE = ("high", "medium", "low")
DAYS = {"checked": _d("Checked on"), "expires": _d("Not told any more from")}
AREAS = ("employment", "migration", "reintegration", "psychosocial", "centre", "emergency")
LONGEST_ID = 44
"""It stands in buttons, and Telegram takes 64 bytes of those."""
HALF_A_YEAR = timedelta(days=181)
NO_AREA = _d("Choose what it is about.")
NO_NAME = _d("Give it a short name of plain letters, two or three words.")
LONG_NAME = _d("Its short name is too long. Two or three words are enough.")
NOT_SEEN = _d("Write the date of the source: a year, a month, or “undated”.")
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
    asked = {one: lines_of(text(f"asked.{one}", "\n".join(before.asked.get(one, ())))) for one in asked_in(before)}
    fact = replace(
        before, checked=days.get("checked", before.checked), expires=days.get("expires", before.expires),
        state=text("state"), confidence=text("confidence"), source=text("source"), seen=text("seen"),
        partner=text("partner") or None, note=text("note"),
        question=with_others(before.question, {one: text(f"question.{one}") for one in LANGUAGES}),
        answer=with_others(before.answer, {one: text(f"answer.{one}") for one in LANGUAGES}),
        papers=with_others(before.papers, {one: items for one, items in papers.items() if items}),
        asked={one: lines for one, lines in asked.items() if lines},
        version=_number(text("version"), before.version),
    )
    return Typed(fact, (*wrong, *_faults(fact, partners, today)))


def with_others(before: Mapping[str, T], typed: Mapping[str, T]) -> dict[str, T]:
    """What was typed, with the languages that have no field here (those that wait to be read). Where anything was typed
    otherwise than it stood there, they would say the old: then they go, and the next language stands in."""
    others = {one: said for one, said in before.items() if one not in LANGUAGES}
    is_same = all((before.get(one) or None) == (typed.get(one) or None) for one in LANGUAGES)
    return {**typed, **others} if is_same else dict(typed)


def asked_in(fact: Fact) -> list[str]:
    """The languages in which there is a field for how people ask; what a file has brought beside them is not lost."""
    return list(dict.fromkeys([*(one for one in LANGUAGES if one in heard()), *fact.asked]))


def lines_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))


def blank(today: date) -> Fact:
    """What the form of a new fact begins with."""
    return Fact("", "", "verify", "medium", "", "", today, today + HALF_A_YEAR, {}, {}, {}, version=0)


def read_new(form: Mapping[str, Any], register: Register, today: date) -> Typed:
    """A fact that nobody knew yet: its id is made of what it is about and a short name."""
    area, name = str(form.get("area", "")), fold(clean(str(form.get("name", "")))).replace(" ", "-")
    fact_id = f"{area}.{name}"
    typed = read_form(replace(blank(today), id=fact_id, area=area), {**form, "version": "0"}, register.partners, today)
    wrong = []
    if area not in AREAS:
        wrong.append(NO_AREA)
    if not name or not name.isascii():
        wrong.append(NO_NAME)
    elif len(fact_id) > LONGEST_ID:
        wrong.append(LONG_NAME)
    elif fact_id in register.facts:
        wrong.append(there_already(fact_id))
    if not typed.fact.seen:
        wrong.append(NOT_SEEN)
    return Typed(typed.fact, (*wrong, *typed.wrong))


def there_already(fact_id: str) -> Phrase:
    return Phrase("There is a fact “{name}” already. Change that one, or give this one another short name.",
                  name=fact_id)


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
