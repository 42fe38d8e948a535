"""What we ask to say what a person may ask for: a question is left out where no rule waits for its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from conversations.areas import naming
from conversations.eligibility.fields import CHILDREN, fields, from_children
from conversations.eligibility.judge import Verdict, answer, missing
from conversations.eligibility.rules import schemes
from conversations.guard import ASYLUM_BENEFITS, ENTRY_BAN, HAS_PASSPORT
from conversations.marking import mark as _
from conversations.model import Ask, Choice, Choose, holds
from conversations.profile import (
    COUNTRY,
    ENGLISH,
    GERMAN,
    HOUSEHOLD,
    LAND,
    LEFT_YEAR,
    MONTHS_ABROAD,
    MUNICIPALITY,
    PAPERS,
    RETURN_DATE,
    RETURN_KIND,
    SITUATION,
    only,
)
from conversations.register import Certainty

YES, NO, NOT_SURE = Choice("yes", _("Yes")), Choice("no", _("No")), Choice("unknown", _("I don't know"))


def closed(id: str, text: str, label: str, why: str | None = None) -> Choose:
    """A question that is answered with yes, no, or not at all."""
    return Choose(id, text, YES, NO, NOT_SURE, label=label, skippable=True, remember=True, why=why)


NATIONALITY = Choose(
    "nationality", _("Which citizenship do you have?"),
    Choice("XK", _("Kosovo")),
    Choice("balkans", _("A neighbouring country")),
    Choice("other", _("Another one")),
    label=_("Citizenship"), skippable=True, remember=True,
    why=_("Some help is only for citizens of Kosovo or of its neighbours."),
)
QUALIFICATION = Choose(
    "qualification", _("What have you learned for your work, with a certificate?"),
    Choice("none", _("No certificate")),
    Choice("two_years_or_more", _("Two years or more")),
    Choice("degree", _("University diploma")),
    Choice("recognised_in_germany", _("Recognised in Germany")),
    label=_("Certificate for work"), skippable=True, remember=True,
)
AGE = Choose(
    "age_group", _("How old are you?"),
    Choice("under_18", _("Under 18")),
    Choice("18_29", _("18 to 29")),
    Choice("30_65", _("30 to 65")),
    Choice("over_65", _("Over 65")),
    columns=2, label=_("Age"), skippable=True, remember=True, why=_("Some help depends on the age."),
)
WHO_CAN_WORK = Choose(
    "who_can_work", _("How many people in your family could work?"),
    Choice("nobody", _("Nobody")),
    Choice("one", _("One person")),
    Choice("several", _("Two or more")),
    label=_("Can work"), skippable=True, remember=True, why=_("Social assistance depends on it."),
)
UNREGISTERED = Choose(
    "unregistered_child", _("Was a child of yours born abroad who is not yet registered in Kosovo?"),
    Choice("none", _("No")),
    Choice("under_14", _("Yes, under 14")),
    Choice("over_14", _("Yes, 14 or older")),
    label=_("Child to register"), skippable=True, remember=True,
)

ASKED: tuple[tuple[Ask | Choose, tuple[str, ...]], ...] = (
    (SITUATION, ("situation", "country")),
    (COUNTRY, ("country",)),
    (RETURN_DATE, ("return_date", "days_since_return")),
    (RETURN_KIND, ("return_kind",)),
    (LAND, ("land",)),
    (MONTHS_ABROAD, ("months_abroad",)),
    (LEFT_YEAR, ("left_kosovo_date",)),
    (NATIONALITY, ("nationality",)),
    (closed("job_offer", _("Do you have a firm job offer in Germany?"), _("Job offer in Germany")), ("job_offer",)),
    (closed("occupation_regulated", _("Does Germany ask for a licence for this job? For example nurse, doctor, "
                                      "teacher."), _("Job with a licence")), ("occupation_regulated",)),
    (QUALIFICATION, ("qualification",)),
    (closed("experience", _("Have you worked in your trade for two of the last five years?"),
            _("Two years of work")), ("experience",)),
    (closed("training_contract", _("Do you have a training contract in Germany?"), _("Training contract")),
     ("training_contract",)),
    (GERMAN, ("german_level",)),
    (ENGLISH, ("english_level",)),
    (closed("family_in_germany", _("Do your wife or husband, your child or your parents live in Germany?"),
            _("Close family in Germany")), ("family_in_germany",)),
    (closed("employed", _("Do you have work now?"), _("Has work")), ("employed",)),
    (closed("registered_jobseeker", _("Are you registered at the employment office?"),
            _("Registered for work")), ("registered_jobseeker",)),
    (AGE, ("age",)),
    (MUNICIPALITY, ("municipality",)),
    (HOUSEHOLD, ("household",)),
    (closed("school_child", _("Do you have children who go to school, or should?"), _("School children")),
     ("school_child",)),
    (UNREGISTERED, ("unregistered_child",)),
    (PAPERS, ("papers",)),
    (WHO_CAN_WORK, ("who_can_work",)),
    (closed("child_under_5", _("Is a child in your family under five?"), _("Child under five")), ("child_under_5",)),
    (closed("low_income", _("Does your family have little or no income?"), _("Little income"),
            _("Some help is only for families with little money.")), ("low_income",)),
    (closed("social_assistance", _("Does your family get social assistance?"), _("Social assistance")),
     ("social_assistance",)),
    (closed("worked_in_germany", _("Did you work in Germany with a contract?"), _("Worked in Germany")),
     ("worked_in_germany",)),
    (closed("displaced_card", _("Do you have a card as a displaced person or refugee?"), _("Card as displaced")),
     ("displaced_card",)),
    (closed("property_title", _("Do you have a paper that shows that house or land is yours?"), _("Paper of property")),
     ("property_title",)),
    (closed("household_goods", _("Do you bring furniture or household things from abroad?"), _("Household things")),
     ("household_goods",)),
    (closed("foreign_car", _("Do you have a car with plates from abroad?"), _("Car from abroad")), ("foreign_car",)),
    (closed("residence_abroad", _("Do you still have a residence permit abroad?"), _("Residence permit abroad")),
     ("residence_abroad",)),
    (closed("foreign_licence", _("Do you have a driving licence from abroad?"), _("Licence from abroad")),
     ("foreign_licence",)),
)
"""The questions, those that decide most first, each with the fields of the rules that its answer gives."""
NAMES = ("about", "entry_ban", "asylum_benefits", "has_passport", *(step.id for step, _of in ASKED))


def _waited_for(step: Ask | Choose, of: tuple[str, ...]) -> Ask | Choose:
    """The question, asked only where its own condition holds and a rule waits for its answer."""
    own = step.when

    def waits(**scope: Any) -> bool:
        if not holds(own, scope):
            return False
        known = {name: value for name, value in scope.items() if name not in ("about", "today", "known")}
        known |= {path: value for path, value in (scope["known"] or {}).items() if path.startswith(CHILDREN)}
        return bool(still_missing(scope["about"], known, scope["today"]).intersection(of))

    before = [name for name in NAMES if name != step.id]
    return only(step, when=naming(waits, dict.fromkeys(["today", "known", *before])))


def still_missing(subject: str, known: Mapping[str, Any], today: date) -> frozenset[str]:
    """The fields whose answers could decide a scheme of this subject that is open."""
    return missing(schemes(), subject, fields(known, today), today)


def said_of(known: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, and what that answers beside."""
    return {**from_children(known), **{name: value for name, value in known.items() if value is not None}}


def offered(known: Mapping[str, Any], subject: str, today: date, unverified: bool) -> list[Verdict]:
    """What may be told of a subject: the help that somebody may ask for, what is open, and what is probably not for
    them."""
    verdicts = answer(said_of(known), subject, today, schemes())
    return [one for one in verdicts if one.scheme.certainty(today, unverified) != Certainty.UNKNOWN]


QUESTIONS: tuple[Ask | Choose, ...] = tuple(_waited_for(step, of) for step, of in ASKED)


def _by_field() -> dict[str, tuple[Ask | Choose, ...]]:
    """The questions whose answers give a field, the first of them the one to name where it is missing."""
    found: dict[str, tuple[Ask | Choose, ...]] = {"entry_ban": (ENTRY_BAN,), "asylum_benefits": (ASYLUM_BENEFITS,)}
    for step, names in ASKED[1:]:
        found |= {name: (*found.get(name, ()), step) for name in names}
    return found | {"situation": (SITUATION,), "country": (COUNTRY, SITUATION), "papers": (PAPERS, HAS_PASSPORT)}


BY_FIELD: Mapping[str, tuple[Ask | Choose, ...]] = _by_field()
