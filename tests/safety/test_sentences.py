"""The plainest sentences in every combination of their parts, and the ordinary talk of this bot."""

from __future__ import annotations

from itertools import cycle

import pytest

from conversations.safety import check
from tests.safety.corpus import LANGUAGES, asked, sentences, typed


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_danger_is_found(language: str) -> None:
    every = list(sentences(language, "danger"))
    missed = [text for text in every if (found := check(text)) is None or found.tier == "T3"]
    assert len(missed) <= 0.01 * len(every), missed


@pytest.mark.parametrize("behind", [" haha", " hahaha", " lol", " 😂", " 🙂", "?", " ?", " ok", " hvala", " danke"])
def test_who_laughs_or_asks_behind_a_plain_danger_takes_nothing_back(behind: str) -> None:
    """Ashamed people do. Nearly all harmless phrases with a laugh are harmless because of something else."""
    every = [text + behind for language in LANGUAGES for text in sentences(language, "danger")]
    missed = [text for text in every if (found := check(text)) is None or found.tier == "T3"]
    assert len(missed) <= 0.03 * len(every), missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plain_danger_between_questions_about_other_things_is_found(language: str) -> None:
    """As people write who have three questions and a danger."""
    every, others = list(sentences(language, "danger")), cycle(asked())
    between = [f"{next(others)} {text}. {next(others)}" for text in every]
    missed = [text for text in between if (found := check(text)) is None or found.tier == "T3"]
    assert len(missed) <= 0.05 * len(every), missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_talk_stays_quiet(language: str) -> None:
    every = list(sentences(language, "quiet"))
    loud = [text for text in every if (found := check(text)) and found.tier != "T3"]
    assert loud == []


def test_what_people_type_in_the_transcripts_stays_quiet() -> None:
    loud = [text for text in typed() if (found := check(text)) and found.tier != "T3"]
    assert loud == []
    assert len(typed()) > 300


def test_questions_about_work_papers_and_places_stay_quiet() -> None:
    loud = [text for text in asked() if (found := check(text)) and found.tier != "T3"]
    assert loud == []
    assert len(asked()) > 200


def test_no_number_says_anything() -> None:
    """An age, a year or a house number stands in phrases of danger by chance: nothing is learned from it."""
    answers = [form.format(number) for number in range(2100) for form in ("{}", "Person {}", "Name {}")]
    assert [text for text in answers if check(text)] == []
