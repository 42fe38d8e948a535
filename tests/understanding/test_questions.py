"""The questions that people ask are understood: the set that the terms were made with, measured by language."""

from __future__ import annotations

import pytest

from conversations.understanding import understand
from tests.understanding.measure import FOLDER, LANGUAGES, counts, ranked, rows, wrong

AT_LEAST = 600


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_set_is_large_and_each_line_has_a_label_and_a_text(language: str) -> None:
    found = rows(language)
    assert len(found) >= AT_LEAST
    assert all(row.label and row.text.strip() for row in found)
    assert len({row.text for row in found}) == len(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_all_of_it_is_understood_first(language: str) -> None:
    missed = [(row.label, row.text, made["intent"], made["area"]) for row, made in wrong(language)]
    assert len(missed) <= 0.03 * len(rows(language)), missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_meant_is_among_the_first_three(language: str) -> None:
    plain = [row for row in rows(language) if row.label != "none" and not row.label.startswith("fact:")]
    missed = [row for row in plain if row.label not in ranked(understand(row.text, language))[:3]]
    assert len(missed) <= 0.03 * len(plain), missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_about_something_else_is_not_guessed(language: str) -> None:
    for row in rows(language):
        if row.label == "none":
            made = understand(row.text, language)
            assert (made["intent"], made["area"], made["facts"]) == (None, None, []), row.text


def test_the_table_has_a_line_with_every_figure() -> None:
    assert len(counts("en", FOLDER)) == 6
