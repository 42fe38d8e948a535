"""The score of the five questions, and which scores ask for a counsellor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.wellbeing import LOW, POINTS, QUESTIONS, VERY_LOW, is_low, is_very_low, score

ANSWERS = st.fixed_dictionaries({name: st.sampled_from(sorted(POINTS)) for name in QUESTIONS})


@pytest.mark.parametrize(("answer", "points"), [
    ("always", 100), ("mostly", 80), ("over_half", 60), ("under_half", 40), ("sometimes", 20), ("never", 0),
])
def test_the_sum_times_four(answer: str, points: int) -> None:
    assert score(dict.fromkeys(QUESTIONS, answer)) == points


@pytest.mark.parametrize("missing", QUESTIONS)
def test_no_score_until_all_five_are_there(missing: str) -> None:
    assert score({name: "always" for name in QUESTIONS if name != missing}) is None


@given(ANSWERS)
def test_low_and_very_low_never_both_and_never_missed(answers: dict[str, str]) -> None:
    found = score(answers)
    assert found is not None and found % 4 == 0 and 0 <= found <= 100
    assert is_very_low(**answers) == (found <= VERY_LOW)
    assert is_low(**answers) == (VERY_LOW < found <= LOW)
