"""What we ask about a person, once: the questions that intake and areas share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar, cast

from conversations.marking import mark as _
from conversations.model import Ask, Choice, Choose, Step
from conversations.readers import country, duration_months, land, municipality, past_date, year

S = TypeVar("S", bound=Ask | Choose)


def came_back(situation: str | None = "returned") -> bool:
    return situation in ("returned", None)


def was_abroad(situation: str | None = "returned") -> bool:
    return situation in ("returned", "returning", None)


def was_in_germany(country: str | None = None, situation: str | None = "returned") -> bool:
    return country == "DE" and was_abroad(situation)


SITUATION = Choose(
    "situation",
    _("Which of these is you?"),
    Choice("returned", _("I came back to Kosovo")),
    Choice("returning", _("I am abroad, coming back")),
    Choice("resident", _("I live here")),
    Choice("relative", _("I ask for a relative")),
    label=_("Situation"), remember=True,
)
RETURN_DATE = Ask(
    "return_date", _("When did you come back to Kosovo? The month and the year are enough."),
    reads=past_date, label=_("Came back"), skippable=True, remember=True, when=came_back,
    why=_("Some help can only be asked for in the first weeks."),
)
COUNTRY = Ask(
    "country", _("In which country were you, or are you still?"), reads=country, label=_("Country"),
    skippable=True, remember=True, when=was_abroad,
)
LAND = Ask(
    "land", _("Where in Germany? Please write the state or the city."), reads=land,
    label=_("State in Germany"), skippable=True, remember=True, when=was_in_germany,
    why=_("Some help from Germany depends on the state."),
)
MONTHS_ABROAD = Ask(
    "months_abroad", _("How long in that country, in all? For example: 2 years, or 8 months."),
    reads=duration_months(0, 960), label=_("Time abroad"), skippable=True, remember=True, when=was_abroad,
)
RETURN_KIND = Choose(
    "return_kind",
    _("How did you come back?"),
    Choice("voluntary", _("I decided it myself")),
    Choice("forced", _("I was sent back")),
    why=_("We ask because some help depends on it. It changes nothing about our counselling."),
    label=_("How you came back"), skippable=True, remember=True, when=came_back,
)
LEFT_YEAR = Ask(
    "left_year", _("In which year did you leave Kosovo?"), reads=year(1940), label=_("Left Kosovo"),
    skippable=True, remember=True, when=was_abroad,
    why=_("We ask because one state programme looks at the year. You can ask for help in any case."),
)
MUNICIPALITY = Ask(
    "municipality", _("In which municipality do you live, or will you live? You can write the beginning of the name."),
    reads=municipality, label=_("Municipality"), skippable=True, remember=True,
)
HOUSEHOLD = Choose(
    "household",
    _("Who lives with you? You can choose several."),
    Choice("alone", _("I live alone"), alone=True),
    Choice("partner", _("Wife, husband or partner")),
    Choice("child_0_16", _("Children up to 16")),
    Choice("newborn", _("A newborn baby")),
    Choice("over_65", _("Someone over 65")),
    Choice("disability_adult", _("An adult with a disability")),
    Choice("disability_child", _("A child with a disability")),
    many=True, label=_("Household"), skippable=True, remember=True,
)
PAPERS = Choose(
    "papers",
    _("Which of these papers do you have? You can choose several."),
    Choice("kosovo_id", _("Kosovo ID card")),
    Choice("biometric_passport", _("Biometric passport")),
    Choice("return_paper", _("Paper about the return")),
    Choice("international_birth_certificate", _("Children's birth papers")),
    Choice("foreign_degree", _("Diploma from abroad")),
    Choice("foreign_school_certificate", _("School papers from abroad")),
    Choice("trade_certificate", _("Trade certificate")),
    Choice("proof_of_work", _("Proof of work")),
    Choice("none", _("None of these"), alone=True),
    many=True, label=_("Papers"), skippable=True, remember=True,
    why=_("Then we know which ones are missing. Please send no photos of papers here."),
)
LEVELS = tuple(Choice(level, level) for level in ("A1", "A2", "B1", "B2", "C1", "C2"))
GERMAN = Choose("german_level", _("Which German certificate do you have?"), Choice("none", _("None")), *LEVELS,
                columns=3, label=_("German certificate"), skippable=True, remember=True)
ENGLISH = Choose("english_level", _("Which English certificate do you have?"), Choice("none", _("None")), *LEVELS,
                 columns=3, label=_("English certificate"), skippable=True, remember=True)

ROUTING: tuple[Step, ...] = (RETURN_DATE, COUNTRY, LAND, MONTHS_ABROAD, RETURN_KIND, LEFT_YEAR, MUNICIPALITY)


def only(step: S, **changes: Any) -> S:
    """The same question with other conditions."""
    if isinstance(step, Ask):
        return cast(S, replace(step, **changes))
    assert isinstance(step, Choose)
    known = {name: getattr(step, name) for name in step.__dataclass_fields__ if name not in ("id", "text", "choices")}
    return cast(S, Choose(step.id, step.text, *step.choices, **{**known, **changes}))
