"""The word lists and points that are kept for the next start, and what counts as one mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from conversations import kept
from conversations.readers.slips import one_mistake_apart
from conversations.safety import points, words
from conversations.safety.words import known_words


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
