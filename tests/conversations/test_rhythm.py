"""When we ask next: the usual rhythm, an own one, and the days around a step."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translate import Translator
from conversations.check_in import CHECK_IN, STEP_SOON
from conversations.model import Choose, Conversation
from conversations.rhythm import (
    DAY,
    KNOWN_BEFORE,
    LESS,
    TOGETHER,
    Rhythm,
    StepDay,
    day_before,
    months_after,
    next_day,
    usual,
)
from conversations.wellbeing import WELLBEING_AGAIN

BEGINS = date(2026, 11, 23)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
STEPS = st.lists(st.builds(lambda since, wait: StepDay(since + timedelta(days=wait), since), DAYS,
                           st.integers(0, 60)), max_size=6)
RHYTHMS = st.builds(Rhythm, st.none() | DAYS, st.sampled_from([None, 7, 14, 30, 91]), st.none() | DAYS,
                    st.none() | DAYS)


def test_a_week_then_one_three_six_and_twelve_months() -> None:
    asked: list[date] = []
    while (day := next_day(Rhythm(BEGINS, asked=asked[-1] if asked else None), [])) is not None:
        asked.append(day)
    assert asked == [date(2026, 11, 30), date(2026, 12, 23), date(2027, 2, 23), date(2027, 5, 23), date(2027, 11, 23)]


def test_the_last_day_of_a_month_is_not_jumped_over() -> None:
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2027, 8, 31), 6) == date(2028, 2, 29)


def test_an_own_rhythm_goes_on_from_when_we_asked_last() -> None:
    assert next_day(Rhythm(BEGINS, every=14), []) == BEGINS + timedelta(days=14)
    assert next_day(Rhythm(BEGINS, every=14, asked=date(2027, 6, 1)), []) == date(2027, 6, 15)


def test_less_often_is_never_more_often() -> None:
    for before, after in LESS.items():
        assert before is None or after >= before
        assert after in LESS


def test_days_close_together_become_one() -> None:
    step = StepDay(date(2026, 11, 30), BEGINS)
    assert next_day(Rhythm(BEGINS), [step]) == date(2026, 12, 1), "the week and the day after the step"
    assert next_day(Rhythm(BEGINS, asked=date(2026, 12, 1)), [step]) == date(2026, 12, 23)


def test_a_step_is_asked_about_after_its_day_also_where_no_rhythm_was_agreed() -> None:
    step = StepDay(date(2026, 12, 15), BEGINS)
    assert next_day(Rhythm(), [step]) == date(2026, 12, 16)
    assert next_day(Rhythm(asked=date(2026, 12, 16)), [step]) is None


def test_a_step_is_announced_the_day_before_but_not_when_it_was_just_agreed_or_we_ask_then_anyway() -> None:
    step = StepDay(date(2026, 12, 15), BEGINS)
    assert day_before([step], BEGINS, None) == date(2026, 12, 14)
    assert day_before([step], BEGINS, date(2026, 12, 14)) is None
    assert day_before([step], BEGINS, date(2026, 12, 15)) is None
    assert day_before([step], date(2026, 12, 14), None) is None, "that day has begun"
    assert day_before([StepDay(date(2026, 11, 25), BEGINS)], BEGINS, None) is None


@given(RHYTHMS, STEPS)
def test_what_is_planned_lies_after_what_was_asked_and_leaves_nothing_out(rhythm: Rhythm, steps: list[StepDay]) -> None:
    """Every day that was to come is asked about on the planned one or stands after it."""
    day = next_day(rhythm, steps)
    coming = [step.by + DAY for step in steps] + ([rhythm.on] if rhythm.on else [])
    if rhythm.begins is not None and rhythm.every is None:
        coming += usual(rhythm.begins)
    coming = [one for one in coming if rhythm.asked is None or one > rhythm.asked]
    if day is None:
        assert not coming
        return
    assert rhythm.asked is None or day > rhythm.asked
    assert all(one >= day - TOGETHER for one in coming)


@given(RHYTHMS, STEPS, DAYS)
def test_a_step_is_announced_before_it_comes(rhythm: Rhythm, steps: list[StepDay], today: date) -> None:
    next_ask = next_day(rhythm, steps)
    soon = day_before(steps, today, next_ask)
    if soon is not None:
        assert soon > today and soon not in (next_ask, next_ask - DAY if next_ask else None)
        assert any(step.by == soon + DAY and step.by - step.since >= KNOWN_BEFORE for step in steps)


@pytest.mark.parametrize("conversation", [CHECK_IN, STEP_SOON, WELLBEING_AGAIN], ids=lambda one: one.name)
def test_what_shows_on_a_locked_screen_tells_nothing(conversation: Conversation) -> None:
    """First comes a question with nothing of the person in it; what it is about comes after a tap."""
    first = conversation.steps[0]
    assert isinstance(first, Choose) and first.over is None and "{" not in first.text
    for language in ("en", "sq", "sr", "de"):
        said = Translator().text(language, first.text).casefold()
        assert not any(word in said for word in ("plan", "return", "kthim", "povrat", "rückkehr", "kosov", "work",
                                                 "punë", "posao", "arbeit", "health", "shëndet", "zdravlj"))
