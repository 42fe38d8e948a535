"""The conversation about what may be asked for: only what is missing is asked, nothing is promised or predicted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Limits
from bot.render import Knowledge, Reader, render
from bot.render.suggestions import NOTHING_SUGGESTED, PERHAPS, SUGGESTED, SUGGESTED_VERIFIED
from bot.translate import Translator
from conversations import CONVERSATIONS
from conversations.checks.schemes import PROMISES
from conversations.eligibility import schemes, suggest
from conversations.eligibility.judge import missing
from conversations.eligibility.questions import ASKED, offered, still_missing
from conversations.eligibility.rules import ONE_OF
from conversations.engine import AddStep, Opened, OpenTask, Picked, Progress, Said, Skip, Suggestions, advance, walk
from conversations.engine.show import outputs_of
from conversations.engine.suggested import suggestions
from conversations.engine.walk import Walk
from conversations.model import Ask, Choose, Suggest, holds
from conversations.register import in_language, seed

TODAY = date(2026, 11, 23)
TALK = CONVERSATIONS["eligibility"]
GIVEN: dict[str, Any] = {"today": TODAY, "known": {}, "is_minor": None, "unverified": True}
SUBJECTS = ONE_OF["subject"]
TYPED = {"country": ("DE", "AT"), "return_date": ("2026-11-01", "2026-11", "2026", "2019-03-02"),
         "land": ("BY", "BW", "NW", "HH"), "months_abroad": (3, 30), "left_year": ("2008", "2010", "2021"),
         "municipality": ("prizren",)}
TRANSLATOR = Translator()
URA = {"about": "return", "situation": "returned", "country": "DE", "return_date": "2026-11-01",
       "return_kind": "forced", "land": "BE", "months_abroad": 24, "left_year": "2020", "nationality": "XK"}


def ways(step: Ask | Choose) -> st.SearchStrategy[Any]:
    if isinstance(step, Ask):
        return st.sampled_from([None, *TYPED[step.id]])
    ids = [one.id for one in step.choices]
    if step.many:
        some = st.lists(st.sampled_from(ids), unique=True).map(lambda picked: {"picked": picked, "done": True})
        return st.one_of(st.none(), some)
    return st.sampled_from([*([None] if step.skippable else []), *ids])


def answered(data: st.DataObject, given: dict[str, Any], subject: str) -> dict[str, Any]:
    """Somebody goes through the whole conversation; each question is asked once, and only if it is waited for."""
    answers: dict[str, Any] = {"about": subject}
    for _ in range(60):
        at = walk(TALK, answers, given).awaiting
        assert at is not None
        if at.path == "after":
            return answers
        assert at.path not in answers and isinstance(at.step, Ask | Choose)
        answers[at.path] = data.draw(ways(at.step), at.path)
    raise AssertionError("it asks without end")


def said(answers: dict[str, Any], given: dict[str, Any] = GIVEN) -> Suggestions:
    [found] = [one for one in _turn(answers, given).output if isinstance(one, Suggestions)]
    return found


def _turn(answers: dict[str, Any], given: dict[str, Any] = GIVEN) -> Any:
    """The turn that the last of these answers leads to."""
    *before, last = answers
    progress = Progress({name: answers[name] for name in before}, last)
    step = TALK.find(last)
    action = Skip() if answers[last] is None else Picked(last, answers[last]) if isinstance(step, Choose) else Said("")
    return advance(TALK, progress, action, given)


@given(data=st.data(), subject=st.sampled_from(SUBJECTS))
@settings(max_examples=60)
def test_each_question_is_one_that_a_rule_waits_for(data: st.DataObject, subject: str) -> None:
    answers = answered(data, GIVEN, subject)
    guard = {"entry_ban", "asylum_benefits", "has_passport"}
    given_by = {step.id: names for step, names in ASKED}
    names = [name for name in answers if name != "about"]
    assert subject == "germany" or not guard & set(names)
    assert subject != "germany" or names[:3] == ["entry_ban", "asylum_benefits", "has_passport"]
    for at, name in enumerate(names):
        before = {one: answers[one] for one in names[:at]}
        assert name in guard or still_missing(subject, before, TODAY).intersection(given_by[name]), name


@given(data=st.data(), subject=st.sampled_from(SUBJECTS))
@settings(max_examples=40)
def test_nothing_is_left_that_a_question_could_decide(data: st.DataObject, subject: str) -> None:
    """What is still open at the end was skipped, not known, or is asked by nobody of somebody like this."""
    answers = answered(data, GIVEN, subject)
    left_out = [(step, names) for step, names in ASKED if step.id not in answers]
    could_ask = {name for step, names in left_out if holds(step.when, answers) for name in names}
    given_another_way = {"situation", "country"} if "situation" in answers else set()
    assert not still_missing(subject, answers, TODAY) & (could_ask - given_another_way)


@given(data=st.data(), subject=st.sampled_from(SUBJECTS), unverified=st.booleans(),
       language=st.sampled_from(["sq", "sr", "sr_Cyrl", "bs", "de", "en"]))
@settings(max_examples=60)
def test_no_answer_promises_or_predicts(data: st.DataObject, subject: str, unverified: bool, language: str) -> None:
    given = {**GIVEN, "unverified": unverified}
    answers = answered(data, given, subject)
    found = next(one for one in _outputs(answers, given) if isinstance(one, Suggestions))
    reader = Reader(language, Limits(4096, 64), today=TODAY)
    messages = [one.text for one in render([found], reader, TRANSLATOR, Knowledge(seed()))]
    titles = [TRANSLATOR.text(language, one) for one in (SUGGESTED, SUGGESTED_VERIFIED, PERHAPS, NOTHING_SUGGESTED)]
    sure = [one for one in found.told if one.verdict.may_ask is True]
    lines = [line for one in messages for line in one.split("\n")]
    assert lines and not any(PROMISES.search(one) for one in lines if one not in titles)
    assert not sure or lines[0] in titles
    assert unverified or not found.told or all(one.verdict.may_ask is False for one in found.told)
    assert len(messages) <= 4, "more than a few messages are read by nobody"
    assert all(name in "\n".join(messages) for name in names(sure, language))
    for one in found.told:
        card = Suggestions("card", (one,), (), (), 1, "card" if one.verdict.may_ask is not False else "unlikely")
        [shown] = [each.text for each in render([card], reader, TRANSLATOR, Knowledge(seed()))]
        assert "22" in shown and "2026" in shown and not PROMISES.search(shown), "each with its source and its day"


def names(found: list[Any], language: str) -> list[str]:
    script = TRANSLATOR[language].in_script
    return [script(in_language(one.verdict.scheme.name, language)) for one in found]


def _outputs(answers: dict[str, Any], given: dict[str, Any]) -> list[Any]:
    found = walk(TALK, answers, given)
    return [one for at in found.passed for one in outputs_of(TALK, at, found)]


# ------------------------------------------------------------------- dates and tasks


def steps_of(answers: dict[str, Any], given: dict[str, Any] = GIVEN) -> list[AddStep]:
    return [one for one in _turn(answers, given).effects if isinstance(one, AddStep)]


def test_a_date_becomes_one_step_of_the_plan_for_all_that_one_visit_settles() -> None:
    [step] = steps_of(URA)
    assert (step.what, step.due, step.once) == ("Register with URA", "2026-12-01", True)
    assert step.ask_in == timedelta(days=3), "seven days before are tomorrow, and that is too soon to ask"
    fitting = {one.verdict.scheme.id for one in said(URA).told if one.verdict.until == date(2026, 12, 1)}
    assert {"ura-counselling", "ura-money"} <= fitting


@pytest.mark.parametrize("returned", ["2026-03", "2019-03-02"])
def test_a_day_that_has_passed_is_no_step(returned: str) -> None:
    assert steps_of({**URA, "return_date": returned}) == []


def test_what_is_only_perhaps_is_no_step() -> None:
    assert steps_of({**URA, "land": None, "nationality": None}) == []


def test_hidden_facts_are_confirmed_by_a_person_and_plan_nothing() -> None:
    hidden = {**GIVEN, "unverified": False}
    turn = _turn(URA, hidden)
    [task] = [one for one in turn.effects if isinstance(one, OpenTask)]
    assert task.once and task.area == "reintegration" and "URA money or things" in task.about
    assert not [one for one in turn.effects if isinstance(one, AddStep)]
    assert said(URA, hidden).told == ()


def test_what_only_a_counsellor_knows_is_a_task_also_when_nothing_is_hidden() -> None:
    [task] = [one for one in _turn(URA).effects if isinstance(one, OpenTask)]
    assert task.about.startswith("State reintegration programme")


def test_a_ban_ends_the_questions_about_the_way_to_germany() -> None:
    answers = {"about": "germany", "entry_ban": "active", "asylum_benefits": "never", "has_passport": "yes"}
    left = missing(schemes(), "germany", {"entry_ban": "active", "asylum_benefits": "never"}, TODAY)
    assert not left & {"german_level", "qualification", "nationality"}
    at = walk(TALK, answers, GIVEN).awaiting
    assert at is not None and at.path == "situation"


def test_who_is_under_age_is_asked_nothing() -> None:
    found = walk(TALK, {}, {**GIVEN, "is_minor": True})
    assert found.awaiting is None and [at.path for at in found.passed] == ["with_grown_up", "menu"]


CHILDREN = {"children/0?": "add", "children/0/age": 8, "children/1?": "add", "children/1/age": 6, "children/2?": "done"}
ABROAD = {"situation": "returned", "country": "DE", "household": {"picked": ["child_0_16"], "done": True}}


def asked_of(known: dict[str, Any], subject: str) -> set[str]:
    """The questions that somebody is asked who skips each."""
    given, answers = {**GIVEN, "known": known}, {**known, "about": subject}
    found = set()
    for _ in range(60):
        at = walk(TALK, answers, given).awaiting
        assert at is not None
        if at.path == "after":
            return found
        found.add(at.path)
        answers[at.path] = None
    raise AssertionError("it asks without end")


def test_what_was_said_of_papers_and_children_is_not_asked_again() -> None:
    """Who has told the ages of their children, or ticked the passport, is not asked for either."""
    ticked = {"papers": {"picked": ["biometric_passport"], "done": True}}
    assert "school_child" in asked_of(ABROAD, "family") and "has_passport" in asked_of(ABROAD, "germany")
    assert "school_child" not in asked_of({**ABROAD, **CHILDREN}, "family")
    assert "school_child" in asked_of({**ABROAD, **CHILDREN, "children/0/age": None, "children/1/age": None}, "family")
    assert "has_passport" not in asked_of({**ABROAD, **ticked}, "germany")
    assert "has_passport" in asked_of({**ABROAD, "papers": {"picked": ["kosovo_id"], "done": True}}, "germany")
    found = said({**ABROAD, **dict.fromkeys(sorted(asked_of({**ABROAD, **CHILDREN}, "family"))), "about": "family"},
                 {**GIVEN, "known": {**ABROAD, **CHILDREN}})
    school = next(one for one in found.told if one.verdict.scheme.id == "school-language-support")
    assert [line.path for line in school.because if line.path == "school_child"] == ["school_child"]


def test_what_somebody_wants_comes_first() -> None:
    """Help for a shop is not the first card of who looks for a job or for a way to Germany; and of who wants one, it
    is. What must be asked for by a day is never left out."""
    known = {"situation": "returned", "country": "DE", "land": "BY", "municipality": "ferizaj",
             "return_kind": "voluntary",
             "return_date": "2026-11-01", "nationality": "XK", "papers": {"picked": ["kosovo_id"], "done": True}}

    def first(**answers: str) -> list[str]:
        found = suggest({**known, **answers}, ("reintegration", "employment"), TODAY, schemes())
        return [one.scheme.id for one in found]

    welder = first(first_need="employment", work_wish="job")
    assert {"cv-help", "employment-registration"} <= set(welder[:4]) and "help-grant" not in welder[:8]
    assert {"help-grant", "business-coaching"} <= set(first(first_need="employment", work_wish="business")[:3])
    assert first(first_need="migration", work_wish="job").index("help-grant") > 3
    step = Suggest("one", ("reintegration", "employment"), most=3)
    answers = {**known, "first_need": "employment", "work_wish": "job"}
    shown = suggestions(step, Walk(scope={**GIVEN, "known": answers}))
    assert {one.key for one in shown.dates} == {"deadline.ura"} and len(shown.told) == 3


def test_each_help_is_reached_with_one_tap_and_the_list_comes_again() -> None:
    """The first talk ends with the names; from there each card, and what is probably not for them, is one tap."""
    turn = advance(TALK, Progress({**URA, "@x": 1}, "after"), Picked("after", "more"), GIVEN)
    assert turn.goes_to == "help_found" and turn.goes_with["@carried"]["land"] == "BE"
    found, carried = CONVERSATIONS["help_found"], dict(turn.goes_with)
    offers = [{"key": one.scheme.id, "what": one.scheme.id} for one in offered(URA, "return", TODAY, True)]
    given = {**GIVEN, "offers": offers, "has_unlikely": True, "subject": "return"}
    begun = advance(found, Progress(carried), Opened(), given)
    for choice in [*(one["key"] for one in offers if one["key"] != "dimak-counselling"), "unlikely"]:
        turn = advance(found, begun.progress, Picked("which", choice), given)
        [shown] = [one for one in turn.output if isinstance(one, Suggestions)]
        assert choice == "unlikely" or [one.verdict.scheme.id for one in shown.told] == [choice]
        assert turn.goes_to == "help_found" and turn.goes_with["@carried"]["land"] == "BE" and not turn.effects
