import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.readers import fold

ROWS = [
    ("Đakovica", "djakovica"), ("Ђаковица", "djakovica"), ("Straße", "strasse"),
    ("Fushë-Kosovë", "fushe kosove"),
    ("s'kam", "skam"), ("n’shpi", "nshpi"), ("  A,  b ", "a b"), ("İpek", "ipek"), ("ışık", "isik"),
    ("Пећ", "pec"), ("Љубљана", "ljubljana"), ("Џемал", "dzemal"), ("Ä Ö Ü", "a o u"), ("ÇËSHTJE", "ceshtje"),
    ("ﬁn", "fin"), ("2½", "21 2"), ("👍", ""), ("", ""),
]


@pytest.mark.parametrize(("text", "folded"), ROWS)
def test_folds(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=300))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=300))
def test_only_letters_digits_and_single_spaces_remain(text: str) -> None:
    folded = fold(text)
    assert "  " not in folded
    assert folded == folded.strip()
