"""However it is typed, a sign of danger stays one; and no text is too odd or too long to be read."""

from __future__ import annotations

import re
import unicodedata
from time import process_time

import cyrtranslit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.safety import Danger, check
from tests.safety.corpus import LANGUAGES, rows

GRAVE = [row.text for language in LANGUAGES for row in rows(language)
         if row.expect == "T1" and (found := check(row.text)) and found.tier == "T1"]
SERBIAN = [text for text in (row.text for row in rows("sr")) if not re.search(r"[qwxy]", text, re.IGNORECASE)]
AROUND = st.sampled_from(["", "!", "!!!", " ...", " 🙏", "😢😢", " 💔", "\n", "  ", " 🆘", "​"])


def without_marks(text: str) -> str:
    return re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFD", text))


def tier(text: str) -> str:
    found = check(text)
    return found.tier if found else "quiet"


@given(st.sampled_from(GRAVE), AROUND, AROUND)
def test_what_stands_around_it_loses_nothing(text: str, before: str, after: str) -> None:
    assert tier(f"{before} {text}{after}") == "T1"


@given(st.sampled_from(GRAVE), st.sampled_from([str.upper, str.lower, str.title, without_marks]))
def test_capitals_and_marks_lose_nothing(text: str, typed: object) -> None:
    assert callable(typed)
    assert tier(typed(text)) == "T1"


@given(st.sampled_from(GRAVE), st.integers(0, 200), st.integers(2, 9))
def test_stretched_letters_lose_nothing(text: str, place: int, times: int) -> None:
    letters = [at for at, letter in enumerate(text) if letter.isalpha()]
    at = letters[place % len(letters)]
    assert tier(text[:at] + text[at] * times + text[at + 1:]) == "T1"


@given(st.sampled_from(SERBIAN))
def test_both_serbian_scripts_give_the_same_answer(text: str) -> None:
    assert tier(cyrtranslit.to_cyrillic(text, "sr")) == tier(cyrtranslit.to_latin(text, "sr"))


@pytest.mark.parametrize(("one", "other"), [
    ("er würgt mich jetzt", "er wuergt mich jetzt"), ("Ich möchte sterben", "ich moechte sterben"),
    ("dua të vras veten", "dua te vras veten"), ("burri më rreh", "burri mrreh"), ("burri m'rreh", "burri mrreh"),
    ("ne mogu, hoću da umrem", "nemogu hocu da umrem"), ("želim da se ubijem", "zhelim da se ubijem"),
    ("du me vdek", "du me v d e k"), ("iwanttodie", "i want to die"), ("vetëvrasje", "v3t3vrasje"),
    ("i want to kill myself", "i want to kil mysef"), ("ich will sterben", "ich\nwill\nsterben"),
])
def test_two_ways_to_write_it(one: str, other: str) -> None:
    assert check(one) is not None
    assert tier(one) == tier(other)


@pytest.mark.parametrize("text", [
    "my phone died", "po vdes nga malli", "ich sterbe vor Hunger", "umirem od smeha",
    "nuk dua të jetoj më në Gjermani", "ich will die Prüfung", "me rreh zemra", "killing time", "", "   ", "?!",
])
def test_figures_of_speech_stay_quiet(text: str) -> None:
    assert check(text) is None


@pytest.mark.parametrize(("text", "rule"), [
    ("po vdes nga malli, du me vra veten", "suicide.act"), ("my phone died and i want to die", "suicide.wish"),
    ("ich sterbe vor Hunger. mein Mann schlägt mich", "violence.told"),
    ("er will mich umbringen", "violence.wants-to-kill"), ("burri don me m'vra", "violence.wants-to-kill"),
])
def test_a_real_sign_beside_a_figure_of_speech_counts(text: str, rule: str) -> None:
    found = check(text)
    assert found is not None
    assert found.rule == rule


@pytest.mark.parametrize("text", ["er würgt mich", "davi me", "po më mbyt burri", "he is choking me"])
def test_choking_is_danger_now(text: str) -> None:
    assert tier(text) == "T1"


@pytest.mark.parametrize(("text", "danger"), [
    ("Halo! Hoću DA UMREM, pomozite", Danger("T1", "suicide.wish", "Hoću UMREM")),
    ("mein Mann schlägt mich jeden Tag", Danger("T2", "violence.told", "schlägt mich")),
    ("jam në rrezik tash", Danger("T1", "emergency.danger", "në rrezik")),
    ("ich kann nicht mehr", Danger("T3", "distress.cannot-go-on", "kann nicht mehr")),
])
def test_it_says_which_rule_and_which_words(text: str, danger: Danger) -> None:
    assert check(text) == danger


@given(st.text(max_size=400))
def test_no_text_is_too_odd(text: str) -> None:
    found = check(text)
    assert found is None or (found.rule and found.words)


@given(st.lists(st.sampled_from(sorted({word for text in GRAVE for word in text.split()})), max_size=60))
@settings(max_examples=50)
def test_no_heap_of_grave_words_is_too_much(words: list[str]) -> None:
    check(" ".join(words))


@pytest.mark.parametrize("text", [
    "a" * 20_000, "a " * 10_000, "die " * 5_000, "nicht " * 3_300, "kill me " * 2_500, "😂" * 20_000, "'" * 20_000,
    " ".join(GRAVE)[:20_000], "ubiti se ne " * 1_600, "a-b'c.d, " * 2_200,
])
def test_twenty_thousand_characters_are_read_in_a_bounded_time(text: str) -> None:
    check("warm")
    began = process_time()
    check(text)
    assert process_time() - began < 2
