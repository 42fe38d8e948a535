"""What the gate need not read, and the word lists that are kept for the next start."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from conversations.safety import words
from conversations.safety.gate import check
from conversations.safety.lexicon import one_mistake_apart
from conversations.safety.reading import read, within_reach
from conversations.safety.words import known_words
from tests.safety.corpus import LANGUAGES, rows

PHRASES = [row.text for language in LANGUAGES for row in rows(language)]
SOME = [one for text in PHRASES[::7] for one in text.split()]


def assert_reaches(text: str) -> None:
    seen = read(text, known_words()).present
    assert seen & ~within_reach(text, known_words()) == 0, text


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
    monkeypatch.setattr(words, "cache_from_source", lambda _: str(tmp_path / "words.pyc"))
    return tmp_path / "words.words"


def test_kept_lists_are_the_same(apart: Path) -> None:
    made = words.known_words.__wrapped__()
    before = apart.stat().st_mtime_ns
    kept = words.known_words.__wrapped__()
    assert apart.stat().st_mtime_ns == before
    for part in ("concepts", "sizes", "whole", "stems", "phrases", "same", "before", "forwards", "backwards"):
        assert getattr(kept, part) == getattr(made, part), part


@pytest.mark.parametrize("damage", [lambda raw: raw[:-40], lambda raw: raw[:-1] + b"?", lambda raw: b"",
                                    lambda raw: b"\0" * 32 + raw[32:]], ids=["cut", "changed", "empty", "other lists"])
def test_damaged_or_older_lists_are_made_anew(apart: Path, damage: object) -> None:
    made = words.known_words.__wrapped__()
    whole = apart.read_bytes()
    apart.write_bytes(damage(whole))  # type: ignore[operator]
    assert words.known_words.__wrapped__().whole == made.whole
    assert apart.read_bytes() == whole


def test_a_folder_that_takes_nothing_is_no_hindrance(apart: Path) -> None:
    apart.with_suffix(".part").mkdir()
    assert words.known_words.__wrapped__().whole == known_words().whole


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_mistake_is_what_the_library_says(one: str, other: str) -> None:
    assert one_mistake_apart(one, other) == (OSA.distance(one, other) <= 1)


def test_an_ordinary_answer_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.safety.gate.read", None)
    for text in ("Anna", "28", "Prishtina", "po", "да", "+383 44 123 456", "Schweißer"):
        assert check(text) is None
