"""The pulse: what counts as a fall, and how it is drawn for the person."""

from __future__ import annotations

import pytest

from conversations.pulse import MOST, curve, fell, levels

GOOD = {"money": 3, "people": 3, "mood": 3}


@pytest.mark.parametrize(("now", "before", "is_fall"), [
    (("good", "good", "good"), GOOD, False),
    (("so_so", "good", "good"), GOOD, False),
    (("bad", "good", "good"), GOOD, True),
    (("so_so", "so_so", "good"), GOOD, True),
    (("so_so", "good", None), GOOD, False),
    (("bad", "bad", "bad"), {"money": 1, "people": 1, "mood": 1}, False),
    (("bad", "bad", "bad"), None, False),
    ((None, None, None), GOOD, False),
    (("bad", None, None), {"mood": 3}, False),
])
def test_a_fall(now: tuple[str | None, str | None, str | None], before: dict[str, int] | None, is_fall: bool) -> None:
    assert fell(*now, pulse_before=before) is is_fall


def test_the_curve_begins_with_the_oldest_and_shows_where_nothing_was_said() -> None:
    history = [{"money": 1}, {"people": 3}, {"money": 2}, {"money": 3}]
    assert curve("money", history) == "▁·▄█"
    assert len(curve("money", history * 10)) == MOST


def test_only_what_is_one_of_the_answers_counts() -> None:
    assert levels({"money": "good", "people": None, "mood": "never", "next": "good"}) == {"money": 3}
