"""Turkish, which waits to be read by somebody who speaks it: understood where it is asked for, and nowhere else."""

from __future__ import annotations

import pytest

from conversations.understanding import understand
from conversations.understanding.reading import seed_reader
from tests.understanding.measure import rows, wrong


def test_nine_of_ten_plain_questions_are_understood() -> None:
    missed = [(row.label, row.text, made["intent"], made["area"]) for row, made in wrong("tr")]
    assert len(missed) <= 0.1 * len(rows("tr")), missed


@pytest.mark.parametrize(("text", "intent"), [
    ("YARDIM", "help"), ("yardım", "help"), ("yardim", "help"), ("GERİ", "back"), ("DANIŞMAN", "human"),
    ("danisman", "human"), ("HAYIR", "no"), ("hayir", "no"), ("VERİLERİM", "my_data"), ("verilerim", "my_data"),
    ("SİL", "my_data"), ("İyi günler", "greeting"), ("TEŞEKKÜRLER", "thanks"),
])
def test_capitals_with_and_without_a_dot_are_one_word(text: str, intent: str) -> None:
    assert understand(text, "tr")["intent"] == intent


def test_its_terms_are_read_only_where_it_is_offered() -> None:
    said = "asgari ücret ne kadar"
    assert seed_reader(("tr",)).read(said, "sq").area == "employment"
    assert seed_reader().read(said, "sq").area is None
    assert "tr" not in seed_reader()._known.common
