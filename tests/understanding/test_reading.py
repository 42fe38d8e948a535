"""What the reading of free text promises, whatever the words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import kept
from conversations.register import Register, seed
from conversations.understanding import reader_for, seed_reader, understand
from conversations.understanding.points import points
from conversations.understanding.terms import terms
from tests.understanding.measure import rows

LANGUAGES = ("sq", "sr", "de", "en")
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(sorted({part.sound for term in terms().all for part in term.parts})), max_size=30).map(
        " ".join),
)


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_any_text_is_read_twice_alike_and_says_which_words_led_to_it(text: str, language: str) -> None:
    found = seed_reader().read(text, language)
    assert found == seed_reader().read(text, language)
    scores = [one.score for one in found.areas]
    assert scores == sorted(scores, reverse=True)
    assert {one.name for one in found.facts} <= seed().facts.keys()
    assert all(word for one in (*found.intents, *found.areas) for word in one.words)


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_a_wish_is_read_only_where_its_words_are(text: str, language: str) -> None:
    assert_looks_where_it_reads(text, language)


def test_a_wish_that_is_read_was_looked_for() -> None:
    wished = [assert_looks_where_it_reads(row.text, language) for language in LANGUAGES for row in rows(language)]
    assert sum(wished) > 20, "or this test looks at nothing"


def assert_looks_where_it_reads(text: str, language: str) -> bool:
    """Whether the text wishes for a person, by the terms."""
    wishes = "human" in seed_reader().by_terms(text, language)
    assert not wishes or seed_reader().may_wish(text, "human")
    return wishes


def test_what_is_kept_of_the_files_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "cache_from_source", lambda path: str(tmp_path / Path(path).name))
    assert terms.__wrapped__() == terms.__wrapped__() == terms()
    assert points.__wrapped__() == points.__wrapped__() == points()
    assert seed.__wrapped__() == seed.__wrapped__() == seed()
    assert {one.name for one in tmp_path.iterdir()} == {"terms.terms", "points.points", "seed.seed"}


@pytest.mark.parametrize(("said", "also"), [
    ("Dua të flas me një këshilltar", "DU ME FOL ME KESHILLTAR"),
    ("Treba mi ličnu kartu", "треба ми личну карту"),
    ("Ich möchte ein Visum für die Ausbildung", "ich moechte wisum fur ausbilldung"),
    ("my passport is expired", "my pas\u200bsp\u200dort is ex\u200epired"),
    ("my passport is expired", "\u202emy passport is expired\u202c"),
])
def test_another_spelling_leads_to_the_same(said: str, also: str) -> None:
    first, second = seed_reader().read(said, "en"), seed_reader().read(also, "en")
    assert (first.intent, first.area) == (second.intent, second.area)
    assert first.intent or first.area


def test_two_languages_in_one_sentence_are_read() -> None:
    assert understand("kom met ohne wohnung, kinder frieren", "sq")["area"] == "reintegration"
    assert understand("imam termin in der botschaft za vizu", "sr")["area"] == "migration"


@pytest.mark.parametrize(("text", "language"), [
    ("spo muj me gjet pun qe dy vjet", "sq"), ("ne mogu da nadjem posao vec dve godine", "sr"),
    ("не могу да нађем посао већ две године", "sr_Cyrl"), ("ich kann keine arbeit finden", "de"),
    ("i cannot find a job since i am back", "en"),
])
def test_the_language_is_recognised(text: str, language: str) -> None:
    assert seed_reader().read(text, "en").language == language


@pytest.mark.parametrize("text", ["ok", "Ausbildung", "Prishtina", "12345", "URA?", "👍", ""])
def test_of_a_word_or_two_no_language_is_claimed(text: str) -> None:
    assert seed_reader().read(text, "sq").language is None


def test_the_answer_of_the_command_line_has_what_the_design_names() -> None:
    made = understand("how do i register at the employment office", "en")
    assert (made["safety"], made["intent"], made["area"]) == (None, None, "employment")
    assert made["facts"][0] == "employment.register-as-jobseeker"
    assert "employment-registration" in made["schemes"]
    assert "register" in made["why"]["areas"][0]["words"] or "employment" in made["why"]["areas"][0]["words"]


def test_danger_is_named_beside_what_else_was_understood() -> None:
    assert understand("i want to kill myself", "en")["safety"] == "T1"


def test_a_fact_that_the_centre_adds_is_found_by_its_question() -> None:
    new = replace(seed().facts["centre.cost"], id="centre.bees", area="employment",
                  question={"en": "Where can I learn beekeeping?", "sq": "Ku mësohet bletaria?"})
    register = Register({**seed().facts, new.id: new})
    reader = reader_for(register)
    assert reader.read("i want to learn beekeeping", "en").facts[0].name == "centre.bees"
    assert reader_for(register) is reader
    assert "centre.bees" not in [one.name for one in seed_reader().read("learn beekeeping", "en").facts]


def test_a_fact_that_is_gone_is_not_named() -> None:
    left = {name: fact for name, fact in seed().facts.items() if name != "employment.cv-help"}
    facts = reader_for(Register(left)).read("who can help me with my cv", "en").facts
    assert "employment.cv-help" not in [one.name for one in facts]
