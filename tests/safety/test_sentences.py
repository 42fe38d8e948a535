"""The plainest sentences in every combination of their parts, and the ordinary talk of this bot."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from conversations.register import seed
from conversations.safety import check
from tests.safety.corpus import LANGUAGES

SENTENCES = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text(encoding="utf-8"))
TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
OF_DANGER = ("danger", "distress", "gefahr", "opasnost", "rrezik", "psychosocial", "wellbeing", "wie-es-mir-geht")


def sentences(language: str, kind: str) -> Iterator[str]:
    for slots in SENTENCES[language][kind]["rows"]:
        for parts in product(*(slot.split("|") for slot in slots)):
            yield " ".join(" ".join(parts).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_danger_is_found(language: str) -> None:
    every = list(sentences(language, "danger"))
    missed = [text for text in every if (found := check(text)) is None or found.tier == "T3"]
    assert len(missed) <= 0.01 * len(every), missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_talk_stays_quiet(language: str) -> None:
    every = list(sentences(language, "quiet"))
    loud = [text for text in every if (found := check(text)) and found.tier != "T3"]
    assert loud == []


def test_what_people_type_in_the_transcripts_stays_quiet() -> None:
    typed = {line[2:].strip(" []\n") for path in TRANSCRIPTS.glob("*.txt") if not path.stem.startswith(OF_DANGER)
             for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("> ")}
    loud = [text for text in typed if (found := check(text)) and found.tier != "T3"]
    assert loud == []
    assert len(typed) > 300


def test_questions_about_work_papers_and_places_stay_quiet() -> None:
    asked = [text for fact in seed().facts.values() if fact.area in ("employment", "migration", "reintegration")
             for text in fact.question.values()]
    loud = [text for text in asked if (found := check(text)) and found.tier != "T3"]
    assert loud == []
    assert len(asked) > 200
