"""What people agreed to is kept with the version of its words: whoever changes the words changes the version."""

from __future__ import annotations

from hashlib import sha256

import pytest

from conversations.areas import REFERRAL_QUESTION
from conversations.consents import CHECK_IN, KEEP, LABELS, SENSITIVE, VERSIONS
from conversations.wellbeing import SENSITIVE as BEFORE_THE_FIVE_QUESTIONS

WORDS = {"keep": KEEP.text, "check_in": CHECK_IN.text, "sensitive": SENSITIVE.text + BEFORE_THE_FIVE_QUESTIONS.text,
         "referral": REFERRAL_QUESTION}
"""Where one purpose is asked for in two places, both wordings make the version."""
KNOWN = {
    ("keep", "2026-11"): "fd1a59aae838b86f",
    ("check_in", "2026-11"): "ddc6fdcfea7df06e",
    ("sensitive", "2026-11"): "9497e9d3626c162a",
    ("referral", "2026-11"): "8c22f1361ffad3a4",
    ("referral", "2026-12"): "57c92e7b3aadc3d7",
}
"""The words that each version had. A new version gets a new line; an old line stays for ever."""


@pytest.mark.parametrize("purpose", VERSIONS)
def test_other_words_are_another_version(purpose: str) -> None:
    now = sha256(WORDS[purpose].encode()).hexdigest()[:16]
    assert KNOWN.get((purpose, VERSIONS[purpose])) == now, "The words have changed: give them a new version here."


def test_every_purpose_has_words_and_a_label() -> None:
    assert VERSIONS.keys() == WORDS.keys() == LABELS.keys()
