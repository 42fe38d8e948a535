"""The register as a file: what was written is read back the same, and each mistake has a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.register import Fact, seed
from conversations.register_file import BadFile, from_toml, to_toml

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
TEXTS = st.fixed_dictionaries(dict.fromkeys(("sq", "sr", "de", "en"), WORDS))
FACT = Fact("a.fact", "migration", "verified", "high", "https://example.org", "2026", date(2026, 11, 1),
            date(2027, 1, 1), {"en": "?"}, {"en": "!"}, {})
GOOD = to_toml([FACT])


@given(question=TEXTS, answer=TEXTS, note=WORDS, lines=st.lists(WORDS, min_size=1).map(tuple))
def test_what_is_written_is_read_back(
    question: dict[str, str], answer: dict[str, str], note: str, lines: tuple[str, ...]
) -> None:
    fact = replace(FACT, question=question, answer=answer, note=note, papers={"en": lines}, asked={"sq": lines},
                   partner="ura")
    assert from_toml(to_toml([fact])) == [fact]


def test_the_whole_seed_is_read_back() -> None:
    assert from_toml(to_toml(seed().facts.values())) == sorted(seed().facts.values(), key=lambda one: one.id)


@pytest.mark.parametrize(("old", "new", "says"), [
    ('id = "a.fact"', 'id = a.fact', "Line 4"), ("[[fact]]", "[[fakt]]", "no [[fact]]"),
    ('state = "verified"\n', "", "a.fact: state is missing"), ('seen = "2026"', "seen = 2026", "seen must be a text"),
    ("expires = 2027-01-01", 'expires = "soon"', "must be days"),
    ('answer.en = "!"', "answer.en = 7", "answer must be"),
    ('answer.en = "!"', 'answer.en = "!"\npapers.en = "ID"', "a list of texts"),
    ('answer.en = "!"', 'answer.en = "!"\nasked.en = "ID"', "asked must be a list of texts"),
    ('state = "verified"', 'state = "verified"\ncolour = "red"', "colour is not known"),
])
def test_a_mistake_has_a_sentence(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(BadFile, match=says.replace("[", r"\[").replace("]", r"\]")):
        from_toml(GOOD.replace(old, new))


def test_the_same_fact_twice() -> None:
    with pytest.raises(BadFile, match="more than once"):
        from_toml(GOOD + to_toml([FACT]))
