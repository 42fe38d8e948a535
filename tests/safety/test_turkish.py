"""Turkish, which somebody may write though it is not offered: its letters, its casing, its denial inside the verb."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conversations.safety import check
from tests.safety.corpus import FOLDER, TURKISH, rows

UNSEEN = Path(__file__).parent / "unseen"


def tier(text: str) -> str:
    found = check(text)
    return found.tier if found else "quiet"


def test_enough_phrases_of_each_tier_and_traps() -> None:
    given = rows(TURKISH)
    of = Counter(row.expect for row in given)
    assert min(of[one] for one in ("T1", "T2", "T3")) >= 60 <= of["quiet"]
    assert len({row.text for row in given}) == len(given)


@pytest.mark.parametrize(("folder", "found", "false"), [(FOLDER, 0.97, 0.03), (UNSEEN, 0.80, 0.05)],
                         ids=["worked with", "held back"])
def test_danger_is_found_and_traps_stay_quiet(folder: Path, found: float, false: float) -> None:
    given = rows(TURKISH, folder)
    grave = [row.text for row in given if row.expect in ("T1", "T2")]
    low = [row.text for row in given if row.expect == "T3"]
    quiet = [row.text for row in given if row.expect == "quiet"]
    assert sum(tier(text) in ("T1", "T2") for text in grave) >= found * len(grave)
    assert sum(tier(text) != "quiet" for text in low) >= found * len(low)
    assert sum(tier(text) != "quiet" for text in quiet) <= false * len(quiet)


@pytest.mark.parametrize(("text", "expected"), [
    ("ölmek istiyorum", "T1"), ("olmek istiyorum", "T1"), ("ÖLMEK İSTİYORUM", "T1"), ("OLMEK ISTIYORUM", "T1"),
    ("Ölmek ıstıyorum", "T1"), ("İntihar edeceğim", "T1"), ("intıhar edecegım", "T1"), ("INTIHAR EDECEGIM", "T1"),
    ("İMDAT", "T1"), ("IMDAT", "T1"), ("imdat", "T1"), ("YARDIM EDİN BENİ DÖVÜYOR", "T1"),
    ("BENİ DÖVÜYOR", "T2"), ("beni dovuyor", "T2"), ("UYUYAMIYORUM", "T3"), ("uyuyamıyorum", "T3"),
    ("YARDIM", "quiet"), ("yardım", "quiet"),
])
def test_capitals_with_and_without_a_dot_and_letters_without_marks(text: str, expected: str) -> None:
    assert tier(text) == expected


@pytest.mark.parametrize(("danger", "harmless"), [
    ("ölmek istiyorum", "olmak istiyorum"), ("ölmek istiyorum", "ölmek istemiyorum"),
    ("kocam beni dövüyor", "kocam beni dövmüyor"), ("yaşamak istemiyorum", "Almanya'da yaşamak istemiyorum"),
    ("kendimi öldüreceğim", "kendimi öldürmeyeceğim"), ("köprüden atlayacağım", "bu soruyu atlayacağım"),
    ("pasaportumu aldılar", "pasaportumu aldım"), ("zorla çalıştırıyorlar", "zorunlu sigorta nedir"),
])
def test_one_syllable_decides(danger: str, harmless: str) -> None:
    assert (tier(danger) in ("T1", "T2"), tier(harmless)) == (True, "quiet")


@pytest.mark.parametrize("text", ["oldu", "ne oluyor", "tamam olur", "öyle olsun", "kaynakçı olmak istiyorum"])
def test_to_be_is_not_taken_for_to_die(text: str) -> None:
    """Without marks oldu (was) and öldü (died) are one word."""
    assert check(text) is None


@pytest.mark.parametrize("text", [
    "опростите што касним", "kasnim pola sata", "dete palo s bicikla", "deri te zyra janë 20 hapa",
])
def test_words_of_other_languages_are_not_guessed_to_be_turkish(text: str) -> None:
    assert check(text) is None
