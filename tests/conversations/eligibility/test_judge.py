"""What the rules say of answers, and of answers that are not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conversations import CONVERSATIONS
from conversations.checks.schemes import ASKED_BY_NOBODY, kind_of, remembered
from conversations.eligibility import Scheme, Span, Three, Ticked, fields, judge, schemes
from conversations.eligibility.judge import LEVELS
from conversations.model import Ask, Choose

TODAY = date(2026, 11, 22)
ALL = {one.id: one for one in schemes()}
QUESTIONS = remembered(CONVERSATIONS)


def verdict(scheme: str, **known: Any) -> Three:
    return judge(ALL[scheme], fields(known, TODAY)).may_ask


# ------------------------------------------------------------------- mistakes there were


@pytest.mark.parametrize(("scheme", "answers"), [
    ("ausbildung-visa", {"training_contract": "yes"}),
    ("recognition-partnership", {"qualification": "degree", "job_offer": "yes"}),
    ("chancenkarte", {"qualification": "degree", "enough_points": "yes"}),
])
def test_a_higher_certificate_counts_as_the_lower_one(scheme: str, answers: Mapping[str, Any]) -> None:
    for level in LEVELS[LEVELS.index("B1"):]:
        assert verdict(scheme, **answers, entry_ban="none", german_level=level) is True, level
    assert verdict(scheme, **answers, entry_ban="none", german_level="none") is not True


def test_english_at_the_highest_level_counts() -> None:
    answers = {"qualification": "degree", "entry_ban": "none", "german_level": "none", "enough_points": "yes"}
    assert [verdict("chancenkarte", **answers, english_level=level) for level in LEVELS] == [False] * 3 + [True] * 3


def test_who_said_nothing_about_their_return_is_not_taken_to_be_abroad() -> None:
    child = {"unregistered_child": "under_14"}
    assert verdict("consular-birth-registration", **child) is None
    assert verdict("consular-birth-registration", **child, situation="returning") is True
    assert verdict("consular-birth-registration", **child, situation="returned") is None


def test_the_answer_about_benefits_reaches_the_rules() -> None:
    answers = {"nationality": "XK", "job_offer": "yes", "occupation_regulated": "no", "entry_ban": "none"}
    assert verdict("western-balkans", **answers, asylum_benefits="never") is True
    assert verdict("western-balkans", **answers, asylum_benefits="within_24") is False
    assert verdict("western-balkans", **answers, asylum_benefits="unknown") is None
    assert verdict("western-balkans", **answers) is None
    [why] = judge(ALL["western-balkans"], fields({**answers, "asylum_benefits": "within_24"}, TODAY)).because
    assert why.field == "asylum_benefits"


def test_the_answer_about_the_passport_reaches_the_rules() -> None:
    answers = {"nationality": "XK", "entry_ban": "none"}
    assert verdict("visa-free-travel", **answers, has_passport="yes") is True
    assert verdict("visa-free-travel", **answers, has_passport="no") is False
    assert verdict("visa-free-travel", **answers) is None


@pytest.mark.parametrize("field", ["entry_ban", "asylum_benefits"])
@pytest.mark.parametrize("scheme", sorted(one.id for one in schemes() if one.area == "migration"))
def test_no_way_to_germany_while_the_guard_is_open(scheme: str, field: str) -> None:
    """A ban or benefits of which we know nothing never lead to "may ask for" where the rule names them."""
    used = {one.field for route in ALL[scheme].routes for one in route.conditions}
    for found in (everything(ALL[scheme]), everything(ALL[scheme]) | {field: None}):
        found = {name: value for name, value in found.items() if name != field and value is not None}
        assert field not in used or judge(ALL[scheme], found).may_ask is not True


def everything(scheme: Scheme) -> dict[str, Any]:
    """Fields with which the first route of a scheme holds."""
    return {one.field: fitting(one.op, one.value) for one in scheme.routes[0].conditions}


def fitting(op: str, wanted: Any) -> Any:
    match op:
        case "in":
            return wanted[0]
        case "has_any":
            return Ticked(frozenset(wanted))
        case "lacks":
            return Ticked(absent=frozenset(wanted))
        case "known":
            return "something"
        case "before":
            return Span(date(2000, 1, 1), date(2000, 1, 1))
        case "lt":
            return wanted - 1
        case "gt":
            return wanted + 1
        case "ne" | "not_in":
            return "something else"
    return wanted


# ------------------------------------------------------------------ dates without a day


@pytest.mark.parametrize(("left", "expected"), [("2009", True), ("2010", None), ("2011", None)])
def test_a_year_in_which_both_is_possible_is_open(left: str, expected: Three) -> None:
    known = {"situation": "returned", "country": "DE", "return_date": "2026-11-01", "left_year": left}
    [condition] = [one for one in ALL["mia-reintegration"].routes[0].conditions if one.field == "left_kosovo_date"]
    found = fields(known, TODAY)
    assert judge(ALL["mia-reintegration"], found).may_ask is expected
    assert condition.sure == "unclear"


@pytest.mark.parametrize(("returned", "expected"), [
    ("2026-11-20", True), ("2026-11-18", False), ("2026-11", None), ("2026", None), ("2026-10", False),
    ("2025", False),
])
def test_a_month_can_mean_each_of_its_days(returned: str, expected: Three) -> None:
    assert verdict("mia-airport-reception", country="DE", return_date=returned) is expected


def test_by_when_is_counted_from_the_earliest_day() -> None:
    known = {"country": "DE", "nationality": "XK", "return_date": "2026-11"}
    assert judge(ALL["ura-counselling"], fields(known, TODAY)).until == date(2026, 12, 1)


def test_none_of_these_is_a_no_to_each_and_a_paper_not_ticked_is_open() -> None:
    def id_card(*picked: str) -> Three:
        return verdict("central-register-and-id", papers={"picked": list(picked), "done": True})

    assert id_card("none") is True
    assert id_card("kosovo_id") is False
    assert id_card("foreign_degree") is None


# ----------------------------------------------------------------------------- promises

PLACES = {"country": ("DE", "AT", "CH", "SE", "FR"), "land": ("BW", "BY", "BE", "NW", "TH", "HE", "SN"),
          "municipality": ("malisheve", "prizren", "peje")}
days = st.dates(date(1990, 1, 1), TODAY)
YEARS = st.integers(1990, 2026).map(str)
SOME_DAYS = st.one_of(days.map(str), days.map(lambda day: f"{day:%Y-%m}"), days.map(lambda day: f"{day:%Y}"))


def answers_to(name: str) -> st.SearchStrategy[Any]:
    """Every answer that the question of a field can have, or, where nobody asks, every value of the rules."""
    question = QUESTIONS.get(name)
    if isinstance(question, Choose):
        ids = [one.id for one in question.choices]
        if not question.many:
            return st.sampled_from(ids)
        alone = [one.id for one in question.choices if one.alone]
        several = st.lists(st.sampled_from([one for one in ids if one not in alone]), unique=True)
        return st.one_of(several, *(st.just([one]) for one in alone)).map(lambda some: {"picked": some, "done": True})
    if name in PLACES:
        return st.sampled_from(PLACES[name])
    if isinstance(question, Ask):
        return {"date": SOME_DAYS, "year": YEARS}.get(question.reads.kind, st.integers(0, 200))
    return nobody_asks(name)


def nobody_asks(name: str) -> st.SearchStrategy[Any]:
    values = sorted({str(value) for scheme in schemes() for route in scheme.routes for one in route.conditions
                     if one.field == name for value in (one.value if isinstance(one.value, list) else [one.value])})
    if ASKED_BY_NOBODY[name] == "set":
        return st.lists(st.sampled_from(values), unique=True).map(lambda some: {"picked": some, "done": True})
    return st.sampled_from([*values, "something else"])


ASKED = sorted({"situation", "has_passport", "left_year", "age_group", *(
    one.field for scheme in schemes() for route in scheme.routes for one in route.conditions
    if one.field in QUESTIONS or one.field in ASKED_BY_NOBODY)})
UNKNOWN = st.sampled_from([None, "unknown", ...])
"""Skipped, "I don't know", never asked."""
PEOPLE = st.fixed_dictionaries({name: st.one_of(UNKNOWN, answers_to(name)) for name in ASKED})


def given_answers(person: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in person.items() if value is not ...}


def fits_together(person: Mapping[str, Any]) -> bool:
    """Who lives here is not asked in which country they were; a passport is there or not."""
    abroad = person["situation"] != "resident" or person["country"] in (None, "unknown", ...)
    papers, passport = person["papers"], person["has_passport"]
    picked = papers["picked"] if isinstance(papers, dict) else ()
    return abroad and ("none" not in picked or passport != "yes") \
        and ("biometric_passport" not in picked or passport != "no")


@given(person=PEOPLE, data=st.data())
def test_an_answer_can_only_refine_what_was_said_without_it(person: dict[str, Any], data: st.DataObject) -> None:
    """What was decided while an answer was unknown holds for each value that the answer can have."""
    name = data.draw(st.sampled_from(ASKED))
    value = data.draw(answers_to(name))
    assume(fits_together({**person, name: value}) and fits_together({**person, name: ...}))
    before = fields(given_answers({**person, name: ...}), TODAY)
    after = fields(given_answers({**person, name: value}), TODAY)
    for scheme in schemes():
        was, now = judge(scheme, before).may_ask, judge(scheme, after).may_ask
        assert was is None or was is now, (scheme.id, name, value)


@given(person=PEOPLE)
def test_skipped_not_known_and_never_asked_are_the_same(person: dict[str, Any]) -> None:
    without = {name: value for name, value in person.items() if value not in (None, "unknown", ...)}
    for unknown in (None, "unknown"):
        filled = fields({name: without.get(name, unknown) for name in ASKED}, TODAY)
        assert filled == fields(without, TODAY)


@pytest.mark.parametrize("scheme", schemes(), ids=lambda one: one.id)
def test_who_told_nothing_is_told_neither_yes_nor_no(scheme: Scheme) -> None:
    found = judge(scheme, {})
    anybody = any(not route.conditions for route in scheme.routes)
    assert found.may_ask is (True if anybody else None)
    assert anybody or found.missing


@given(person=PEOPLE)
def test_what_is_open_names_what_would_decide_it(person: dict[str, Any]) -> None:
    found = fields(given_answers(person), TODAY)
    for scheme in schemes():
        said = judge(scheme, found)
        assert not set(said.missing) & found.keys()
        if said.may_ask is None:
            assert said.missing or said.because
        elif said.may_ask is False:
            assert said.because and all(one.sure == "rule" and one.field in found for one in said.because)
        else:
            assert all(one.field in found for one in said.because)


@given(person=PEOPLE)
def test_a_span_says_what_each_of_its_days_would_say(person: dict[str, Any]) -> None:
    """A month or a year decides only what every one of its days decides the same way."""
    answered = given_answers(person)
    found = fields(answered, TODAY)
    whole = found.get("return_date", Span(TODAY, TODAY))
    some = {whole.low, whole.high, whole.low + timedelta(days=(whole.high - whole.low).days // 2)}
    for scheme in schemes():
        said = judge(scheme, found).may_ask
        each = {judge(scheme, fields({**answered, "return_date": str(day)}, TODAY)).may_ask for day in some}
        assert said is None or each == {said}


def test_every_field_of_the_rules_has_a_kind() -> None:
    used = {one.field for scheme in schemes() for route in scheme.routes for one in route.conditions}
    assert {name for name in used if kind_of(name, QUESTIONS) is None} == set()
