"""What watches over the deaths is watched too: each invariant finds what it is there for."""

from __future__ import annotations

from tests.faults.campaign import Break
from tests.faults.invariants import (
    Kept,
    counsellors_words_missing,
    not_reminded_once,
    not_sent,
    not_shown_in_order,
    not_stored_once,
    wrong_answers,
)
from tests.faults.people import ANSWERS


def shown(*texts: str, went: str = "abcd", breaks: tuple[float, ...] = ()) -> list[str]:
    """Messages arrive ten seconds apart."""
    return not_shown_in_order(list(went), list(texts), [10.0 * at for at in range(len(texts))],
                              [Break(at, late=0.5) for at in breaks])


def test_in_order_and_once_is_well() -> None:
    assert shown("a", "b", "c", "d") == []


def test_again_is_well_only_where_it_was_on_its_way_at_a_break() -> None:
    assert shown("a", "b", "b", "c", "d", breaks=(15.0,)) == []
    assert shown("a", "b", "b", "c", "d") == ["shown again for no reason: 'b'"]
    assert shown("a", "b", "b", "c", "d", breaks=(25.0,)) == ["shown again for no reason: 'b'"]


def test_one_break_explains_one_repeat() -> None:
    assert shown("a", "b", "b", "b", "c", "d", breaks=(15.0,)) == ["shown again for no reason: 'b'"]
    assert shown("a", "b", "a", "b", "c", "d", breaks=(15.0,)) != []


def test_what_is_missing_or_out_of_order_is_found() -> None:
    assert shown("a", "b", "c") == ["never shown: 'd'"]
    assert shown("a", "c", "b", "d") != []
    assert shown("a", "b", "x", "c", "d") == ["message 2 was not due: 'x'"]


def test_what_was_said_is_stored_once_and_in_order() -> None:
    said = [("started", ""), ("text", "Peja")]
    assert not_stored_once(said, list(said)) == []
    for stored in ([said[0]], [*said, said[1]], said[::-1]):
        assert not_stored_once(said, stored)


def test_the_other_invariants_can_fail() -> None:
    assert not_sent(["sent", "queued"]) == ["a message is queued"]
    right = ANSWERS | {"name": "Person 7"}
    assert wrong_answers(right, 7) == [] and wrong_answers(right, 8) and wrong_answers({}, 7)
    assert counsellors_words_missing(7, ["Good day 7, 1"]) == ["never saw 'Good day 7, 2'"]
    asked = [("bot", "We have a short question")]
    assert not_reminded_once(Kept(went=asked, reminder=("waiting", 1))) == []
    assert not_reminded_once(Kept(went=asked * 2, reminder=("waiting", 1)))
    assert not_reminded_once(Kept(reminder=("waiting", 0)))
