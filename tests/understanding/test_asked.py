"""How people ask for a fact: what is a good line, what is made of a sentence, and that it counts at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.eligibility import schemes
from conversations.register import Fact, Register, seed
from conversations.understanding import Reader, reader_for
from conversations.understanding.asked import MOST_LINES, line_of, right_ones, wrong_with

BEES = replace(seed().facts["centre.cost"], id="employment.bees", area="employment", question={"en": "Insects?"},
               asked={"en": ("beehive*", "honey sell"), "sq": ("blet*",)})


def found(*facts: Fact, text: str, language: str = "en") -> list[str]:
    register = Register({**seed().facts, **{one.id: one for one in facts}})
    return [one.name for one in reader_for(register).read(text, language).facts]


@pytest.mark.parametrize(("text", "language"), [
    ("who has beehives", "en"), ("can I sell my own honey", "en"), ("kom nji pytje per bletari", "sq")])
def test_a_fact_is_found_by_its_own_words_and_no_more_without_them(text: str, language: str) -> None:
    assert found(BEES, text=text, language=language)[0] == BEES.id
    assert BEES.id not in found(replace(BEES, asked={}), text=text, language=language)


def test_the_words_of_a_new_installation_can_be_taken_away() -> None:
    cv = seed().facts["employment.cv-help"]
    assert found(text="resume") == [cv.id]
    assert found(replace(cv, asked={}), text="resume") == []


@pytest.mark.parametrize(("line", "says"), [
    ("how", "stands in nearly every message"), ("wh*", "at least three letters"), ("whe*", "in nearly every message"),
    ("*visa", "the star stands at the end"), ("visa | permit", "without “|”"), ("visa !", "without letters"),
    ("", "without letters"), ("visa for my two small sons", "too long"), ("visa-free", "put a space"),
    ("x" * 81, "too long"),
])
def test_a_line_that_is_wrong_has_a_sentence(line: str, says: str) -> None:
    [sentence] = wrong_with({"en": (line,)})
    assert says in sentence and line[:80] in sentence and right_ones({"en": (line, "visa")}) == {"en": ("visa",)}


def test_what_is_right_and_what_comes_with_the_program() -> None:
    assert wrong_with({"en": ("visa*", "where bees"), "sr": ("виза",)}) == []
    assert [one.id for one in seed().facts.values() if wrong_with(one.asked)] == []


def test_another_language_and_far_too_many() -> None:
    assert "not in “xx”" in wrong_with({"xx": ("visa",)})[0]
    assert "There are 41 ways" in wrong_with({"en": tuple(f"visa{number}" for number in range(MOST_LINES + 1))})[0]


@pytest.mark.parametrize(("sentence", "language", "line"), [
    ("May I keep bees in the town?", "en", "keep bees town"),
    ("Wo kann ich Bienen halten, bitte?", "de", "bienen halten"),
    ("a muj me i majt bletët n’qytet", "sq", "majt bletët n’qytet"), ("Gde mogu da držim pčele?", "sr", "držim pčele"),
])
def test_a_sentence_becomes_a_line_that_finds_it_again(sentence: str, language: str, line: str) -> None:
    assert line_of(sentence) == line
    assert found(replace(BEES, asked={language: (line,)}), text=sentence, language=language)[0] == BEES.id


def test_a_sentence_that_says_nothing_becomes_no_line() -> None:
    assert [line_of(one) for one in ("how?", "…", "044 …", "")] == ["", "", "044", ""]


def test_what_every_fact_is_asked_by_is_read_as_fast_and_finds_some() -> None:
    facts = [replace(BEES, id=f"employment.bees-{number}") for number in range(500)]
    reader = Reader(facts, schemes())
    assert len(reader.read("beehives", "en").facts) == 5
    assert max(len(terms) for terms in reader._by_part.values()) <= 40 + len(seed().facts)
