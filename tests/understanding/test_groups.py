"""Questions that say nearly the same are put together, whatever order they come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.receive.own_words import without_names
from conversations.understanding.groups import groups

WORD = st.sampled_from(["pool", "bees", "town", "house", "bus", "ticket", "train"])
WORDS = st.lists(WORD, min_size=1, max_size=5).map(" ".join)


def test_small_words_and_marks_make_no_difference() -> None:
    assert groups(["a ka bletari në Pejë?", "a ka pishinë", "bletari ne peje"]) == [[0, 2], [1]]
    assert groups(["may I keep bees", "where is the pool", "can i keep bees?"]) == [[0, 2], [1]]


@given(st.lists(WORDS, max_size=12))
def test_every_question_is_in_one_group(texts: list[str]) -> None:
    found = groups(texts)
    assert sorted(at for members in found for at in members) == list(range(len(texts)))
    assert [len(members) for members in found] == sorted((len(members) for members in found), reverse=True)


def test_what_tells_who_it_was_becomes_dots() -> None:
    said = without_names("I am Arta, call +383 44 123 456 or arta@example.org, see https://example.org/x", ["Arta"])
    assert said == "I am …, call … or …, see …"
    assert without_names("Artës i duhet kursi B1 në vitin 2026", ["Art"]) == "… i duhet kursi B1 në vitin 2026"
