"""What somebody types in Turkish, with and without its letters, in capitals with and without a dot."""

from __future__ import annotations

from datetime import date

import pytest

from conversations.readers import country, duration_months, land, match_choice, municipality, number, past_date

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("text", "read"), [
    ("5 Mart 2024", "2024-03-05"), ("KASIM 2025", "2025-11"), ("kasim 2025", "2025-11"), ("Ağustos 2023", "2023-08"),
    ("iki ay önce", "2026-09"), ("dört yıl önce", "2022"), ("geçen yıl", "2025"),
    ("2024'te", "2024"), ("DÜN", "2026-11-22"),
])
def test_dates(text: str, read: str) -> None:
    assert past_date.read(text, TODAY) == read


@pytest.mark.parametrize(("text", "months"), [
    ("bir yıl", 12), ("iki buçuk yıl", 30), ("ON AY", 10), ("altı ay", 6), ("yarım yıl", 6), ("2 yıl 3 ay", 27),
])
def test_durations(text: str, months: int) -> None:
    assert duration_months(0, 600).read(text, TODAY) == months


@pytest.mark.parametrize(("text", "read"), [("üç", 3), ("ALTI", 6), ("alti", 6), ("iki çocuk", 2)])
def test_numbers(text: str, read: int) -> None:
    assert number(0, 12).read(text, TODAY) == read


@pytest.mark.parametrize(("reader", "text", "read"), [
    (municipality, "Mamuşa", "mamushe"), (municipality, "PRİŞTİNE", "prishtine"), (municipality, "ipek", "peje"),
    (municipality, "Graçaniça", "gracanice"), (country, "İSVİÇRE", "CH"), (country, "isvicre", "CH"),
    (country, "Avusturya", "AT"), (land, "Bavyera", "BY"),
])
def test_places(reader: object, text: str, read: str) -> None:
    assert reader.read(text, TODAY) == read


@pytest.mark.parametrize(("text", "choice"), [
    ("EVET", "yes"), ("evet", "yes"), ("tamam", "yes"), ("HAYIR", "no"), ("hayir", "no"), ("Hayır, saklamayın", "no"),
])
def test_yes_and_no(text: str, choice: str) -> None:
    assert match_choice(text, {"yes": ("Evet, saklayın",), "no": ("Hayır, saklamayın",)}) == choice
