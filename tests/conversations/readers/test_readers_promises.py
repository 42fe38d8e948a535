"""What every reader promises, for any text and any stored value."""

import json
from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.readers import (
    NotUnderstood,
    Reader,
    Several,
    country,
    duration_months,
    future_date,
    land,
    long_text,
    municipality,
    number,
    past_date,
    phone,
    short_text,
    year,
)
from conversations.readers.dates_words import vocabulary

READERS: list[Reader] = [
    short_text, long_text, number(0, 20), number(-5, 9999), duration_months(0, 600),
    past_date, future_date, year(1940), phone, municipality, country, land,
]
DAYS = st.dates(date(2024, 1, 1), date(2060, 12, 31))
MORE_WORDS = (
    "e", "te", "i po", "and a half", "nedelju dana", "31", "29", "2", "999", "2024", "1938", "2.5", "15.3.",
    "03/12", "/", "-", "044", "+49", "prish", "kosov", "munchen",
)
WORDS = st.sampled_from(sorted([*vocabulary(), *MORE_WORDS]))
DIGITS = st.text("0123456789 ./-+,e", max_size=40)
TEXTS = st.text(max_size=5000) | st.lists(WORDS, max_size=12).map(" ".join) | DIGITS
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
VALUES = st.recursive(
    LEAVES | st.from_regex(r"\A\d{4}(-\d\d){0,2}\Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(TEXTS, DAYS)
def test_reading_never_raises_and_gives_what_is_accepted(text: str, today: date) -> None:
    for reader in READERS:
        result = reader.read(text, today)
        if isinstance(result, NotUnderstood):
            assert result.help.format(**result.args)
        elif isinstance(result, Several):
            assert 1 <= len(result.values) <= 8
            assert len(set(result.values)) == len(result.values)
            assert all(reader.accepts(value) or reader.accepts(int(value)) for value in result.values)
        else:
            assert reader.accepts(result)
            assert json.loads(json.dumps(result)) == result


@given(VALUES)
def test_accepting_never_raises(value: object) -> None:
    for reader in READERS:
        assert reader.accepts(value) in (True, False)


def first_day(value: str) -> date:
    year, month, day = (int(part) for part in (value + "-01-01")[:10].split("-")[:3])
    return date(year, month, day)


@given(TEXTS, DAYS)
def test_a_past_date_is_never_in_the_future(text: str, today: date) -> None:
    result = past_date.read(text, today)
    values = result.values if isinstance(result, Several) else (result,) if isinstance(result, str) else ()
    assert all(first_day(value) <= today for value in values)


@given(st.dates(date(1940, 1, 1), date(2026, 11, 22)))
def test_dates_in_every_usual_form_are_read(day: date) -> None:
    today = date(2026, 11, 22)
    for form in ("%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d%m%Y", "%B %d, %Y"):
        assert past_date.read(day.strftime(form), today) == day.isoformat()


@given(st.integers(-900, 900))
def test_days_from_today(days: int) -> None:
    today = date(2026, 11, 22)
    text, reader = (f"in {days} days", future_date) if days >= 0 else (f"{-days} days ago", past_date)
    assert reader.read(text, today) == (today + timedelta(days=days)).isoformat()


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.kind)
def test_reading_is_fast(reader: Reader) -> None:
    texts = [f"para {n} muajve, 15. mart 20{n}, Prishtinë" for n in range(10, 60)]
    reader.read("warm up", date(2026, 11, 22))
    start = perf_counter()
    for text in texts:
        reader.read(text, date(2026, 11, 22))
    assert (perf_counter() - start) / len(texts) < 0.005
