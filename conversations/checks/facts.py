"""The register of facts and the rules of eligibility: complete, sourced, in date, and about answers that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from conversations.checks.fault import Fault
from conversations.eligibility import Condition, Scheme
from conversations.model import Ask, Choose, Conversation
from conversations.register import Fact, Line, Partner, Register

LONGEST_ANSWER = 600
STATES = ("verified", "verify", "ask-counsellor")
OPERATORS = frozenset({
    "known", "unknown", "eq", "ne", "in", "not_in", "lt", "before", "lte", "gt", "gte", "not_before", "has_any",
    "has_all", "lacks",
})
DERIVED = frozenset({"days_since_return", "left_kosovo_date"})
"""What eligibility works out of other answers."""
ASKED_BY_NOBODY = frozenset({
    "age", "employed", "foreign_car", "household_goods", "job_offer", "months_since_asylum_benefits", "nationality",
    "occupation_regulated", "qualification", "registered_jobseeker", "topic", "training_contract", "worked_in_germany",
    "years_experience",
})
"""Fields that the rules use and that no question asks yet: their conditions stay open, a counsellor asks."""


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
    yield from _languages("facts", fact.id, languages, question=fact.question, answer=fact.answer, papers=fact.papers)
    if today >= fact.expires:
        yield Fault("facts", fact.id, "expired", f"It expired on {fact.expires} and is not told any more. Check it "
                    "again at its source and set `checked` and `expires`.")
    if fact.state not in STATES:
        yield Fault("facts", fact.id, "state", f"Its state is “{fact.state}”. Use one of {', '.join(STATES)}.")
    if fact.state != "ask-counsellor" and not fact.source.strip():
        yield Fault("facts", fact.id, "source", "It is told and has no source. Add one, or set it to ask-counsellor.")
    if fact.partner and fact.partner not in register.partners:
        yield Fault("facts", fact.id, "target", f"There is no partner “{fact.partner}”. Correct it, or add it.")
    for language, answer in fact.answer.items():
        if len(answer) > LONGEST_ANSWER:
            yield Fault("facts", fact.id, "length", f"Its answer has {len(answer)} characters in {language}. Shorten "
                        f"it to {LONGEST_ANSWER}.")


def _partner(partner: Partner, languages: Collection[str]) -> Iterator[Fault]:
    yield from _languages("partners", partner.slug, languages, name=partner.name, what=partner.what,
                          for_whom=partner.for_whom)


def _line(line: Line, register: Register, languages: Collection[str]) -> Iterator[Fault]:
    where = ", ".join(line.kinds)
    yield from _languages("lines", where, languages, name=line.name)
    if line.fact not in register.facts:
        yield Fault("lines", where, "target", f"There is no fact “{line.fact}”. Correct it, or add it.")
    partner = register.partners.get(line.partner)
    if partner is None or not partner.phone:
        yield Fault("lines", where, "target", f"There is no partner “{line.partner}” with a phone. Correct it, or add "
                    "the number.")


def _languages(where: str, step: str, languages: Collection[str], /, **texts: Mapping[str, Any]) -> Iterator[Fault]:
    for attribute, wordings in texts.items():
        missing = [language for language in languages if not wordings.get(language)]
        if missing and (wordings or attribute != "papers"):
            yield Fault(where, step, "language", f"Its {attribute} is missing in {', '.join(missing)}. Translate it.")


# ------------------------------------------------------------------ eligibility


def check_schemes(
    schemes: Iterable[Scheme], partners: Collection[str], conversations: Mapping[str, Conversation],
    languages: Collection[str], today: date,
) -> list[Fault]:
    questions = remembered(conversations)
    found: list[Fault] = []
    for scheme in schemes:
        found += _scheme(scheme, partners, languages, today)
        for route in scheme.routes:
            for condition in route.conditions:
                found += _condition(scheme.id, condition, questions)
    return found


def remembered(conversations: Mapping[str, Conversation]) -> dict[str, Ask | Choose]:
    """The questions whose answers belong to the person."""
    return {step.id: step for one in conversations.values() for step in one.steps
            if isinstance(step, Ask | Choose) and step.remember}


def _scheme(scheme: Scheme, partners: Collection[str], languages: Collection[str], today: date) -> Iterator[Fault]:
    yield from _languages("schemes", scheme.id, languages, name=scheme.name, may_ask_for=scheme.may_ask_for,
                          papers=scheme.papers)
    for slug in scheme.where:
        if slug not in partners:
            yield Fault("schemes", scheme.id, "target", f"There is no partner “{slug}”. Correct it, or add it.")
    if today >= scheme.expires:
        yield Fault("schemes", scheme.id, "expired", f"It expired on {scheme.expires} and is not suggested any more. "
                    "Check it again at its source and set `checked` and `expires`.")


def _condition(scheme: str, condition: Condition, questions: Mapping[str, Ask | Choose]) -> Iterator[Fault]:
    if condition.op not in OPERATORS:
        yield Fault("schemes", scheme, "operator", f"“{condition.op}” is no comparison. Use one of "
                    f"{', '.join(sorted(OPERATORS))}.")
    if condition.field not in questions and condition.field not in DERIVED | ASKED_BY_NOBODY:
        yield Fault("schemes", scheme, "field", f"No question asks “{condition.field}”. Correct the name, ask it, or "
                    "add it to ASKED_BY_NOBODY.")
    question = questions.get(condition.field)
    if isinstance(question, Choose) and not question.many and condition.op in ("eq", "ne", "in", "not_in"):
        offered = {choice.id for choice in question.choices}
        for value in _wanted(condition.value):
            if value not in offered:
                yield Fault("schemes", scheme, "value", f"“{value}” is no choice of the question “{condition.field}”. "
                            "Use the choice's id.")


def _wanted(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
