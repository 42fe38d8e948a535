"""The register of facts: complete, sourced, in date."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from conversations.checks.fault import Fault, in_each_language
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.register import Fact, Line, Partner, Register
from conversations.understanding.asked import wrong_with

LONGEST_ANSWER = 600
STATES = ("verified", "verify", "ask-counsellor")


def check_register(register: Register, languages: Collection[str], today: date) -> list[Fault]:
    found: list[Fault] = []
    for fact in register.facts.values():
        found += _fact(fact, register, languages, today)
    for partner in register.partners.values():
        found += _partner(partner, languages)
    return found


def check_lines(register: Register, languages: Collection[str]) -> list[Fault]:
    """The phones for people in danger: each with its fact, its number and its name."""
    return [fault for line in register.lines for fault in _line(line, register, languages)]


def _fact(fact: Fact, register: Register, languages: Collection[str], today: date) -> Iterator[Fault]:
    yield from in_each_language("facts", fact.id, languages, question=fact.question, answer=fact.answer,
                                papers=fact.papers)
    if today >= fact.expires:
        yield Fault("facts", fact.id, "expired", Phrase("It expired on {date} and is not told any more. Check it "
                    "again at its source and set `checked` and `expires`.", date=fact.expires))
    if fact.state not in STATES:
        yield Fault("facts", fact.id, "state", Phrase(
            "Its state is “{word}”. Use one of {words}.", word=fact.state, words=", ".join(STATES)))
    if fact.state != "ask-counsellor" and not fact.source.strip():
        yield Fault("facts", fact.id, "source", _d("It is told and has no source. Add one, or set it "
                    "to ask-counsellor."))
    if fact.partner and fact.partner not in register.partners:
        yield Fault("facts", fact.id, "target", Phrase(
            "There is no partner “{slug}”. Correct it, or add it.", slug=fact.partner))
    for says in wrong_with(fact.asked):
        yield Fault("facts", fact.id, "asked", says)
    for language, answer in fact.answer.items():
        if len(answer) > LONGEST_ANSWER:
            yield Fault("facts", fact.id, "length", Phrase(
                "Its answer has {length} characters in {language}. Shorten it to {most}.", length=len(answer),
                language=language, most=LONGEST_ANSWER))


def _partner(partner: Partner, languages: Collection[str]) -> Iterator[Fault]:
    yield from in_each_language("partners", partner.slug, languages, name=partner.name, what=partner.what,
                                for_whom=partner.for_whom)


def _line(line: Line, register: Register, languages: Collection[str]) -> Iterator[Fault]:
    where = ", ".join(line.kinds)
    yield from in_each_language("lines", where, languages, name=line.name)
    if line.fact not in register.facts:
        yield Fault("lines", where, "target", f"There is no fact “{line.fact}”. Correct it, or add it.")
    partner = register.partners.get(line.partner)
    if partner is None or not partner.phone:
        yield Fault("lines", where, "target", f"There is no partner “{line.partner}” with a phone. Correct it, or add "
                    "the number.")
