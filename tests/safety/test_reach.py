"""What the gate need not read, and the word lists that are kept for the next start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from conversations import kept
from conversations.readers.slips import one_mistake_apart
from conversations.safety import points, words
from conversations.safety.gate import check
from conversations.safety.reading import pieces, read, within_reach
from conversations.safety.words import known_words
from tests.safety.corpus import LANGUAGES, rows

PHRASES = [row.text for language in LANGUAGES for row in rows(language)]
GRAVE = [row.text for language in LANGUAGES for row in rows(language) if row.expect == "T1"][::7]
SOME = [one for text in PHRASES[::7] for one in text.split()]


def assert_reaches(text: str) -> None:
    written = pieces(text, known_words())
    assert read(written, known_words()).present & ~within_reach(written).concepts == 0, text


def test_no_phrase_holds_more_than_what_is_within_its_reach() -> None:
    for text in PHRASES:
        assert_reaches(text)


BETWEEN = st.sampled_from(["", " ", "'"])
ODD = st.sampled_from(["v", "d", "e", "s", ".", "?", "'", "-", "5:3", "💀", "\u0301"])


@settings(max_examples=200)
@given(st.lists(st.one_of(st.sampled_from(SOME), ODD, st.text(max_size=6)), max_size=8), BETWEEN)
def test_no_text_holds_more_than_what_is_within_its_reach(parts: list[str], between: str) -> None:
    assert_reaches(between.join(parts))


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lists of this test are kept."""
    monkeypatch.setattr(kept, "cache_from_source", lambda path: str(tmp_path / Path(path).name))
    return tmp_path / "words.words"


def test_kept_lists_are_the_same(apart: Path) -> None:
    made = words.known_words.__wrapped__()
    before = apart.stat().st_mtime_ns
    again = words.known_words.__wrapped__()
    assert apart.stat().st_mtime_ns == before
    for part in ("concepts", "sizes", "whole", "stems", "phrases", "same", "before", "forwards", "backwards"):
        assert getattr(again, part) == getattr(made, part), part


def test_kept_points_are_the_same(apart: Path) -> None:
    made = points.points.__wrapped__()
    assert apart.with_name("points.points").exists()
    assert points.points.__wrapped__() == made == points.points()


@pytest.mark.parametrize("damage", [lambda raw: raw[:-40], lambda raw: raw[:-1] + b"?", lambda raw: b"",
                                    lambda raw: b"\0" * 32 + raw[32:]], ids=["cut", "changed", "empty", "other lists"])
def test_damaged_or_older_lists_are_made_anew(apart: Path, damage: Callable[[bytes], bytes]) -> None:
    made = words.known_words.__wrapped__()
    whole = apart.read_bytes()
    apart.write_bytes(damage(whole))
    assert words.known_words.__wrapped__().whole == made.whole
    assert apart.read_bytes() == whole


def test_a_folder_that_takes_nothing_is_no_hindrance(apart: Path) -> None:
    apart.with_suffix(".part").mkdir()
    assert words.known_words.__wrapped__().whole == known_words().whole


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_mistake_is_what_the_library_says(one: str, other: str) -> None:
    assert one_mistake_apart(one, other) == (OSA.distance(one, other) <= 1)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*SOME, *GRAVE]), max_size=12))
def test_what_cannot_be_found_without_reading_is_not_found_by_reading(parts: list[str]) -> None:
    known = known_words()
    written = pieces(" ".join(parts), known)
    stretches, reach = points.signs(read(written, known), known.concepts), within_reach(written)
    for question in points.points():
        assert question.score(stretches) < question.needed or question.may_find(reach)


def test_an_ordinary_answer_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.safety.gate.read", None)
    for text in ("Anna", "28", "Prishtina", "po", "да", "+383 44 123 456", "Schweißer"):
        assert check(text) is None
