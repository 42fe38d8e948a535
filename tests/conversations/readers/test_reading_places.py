from datetime import date

import pytest

from conversations.readers import (
    NotUnderstood,
    Several,
    country,
    country_names,
    land,
    land_names,
    municipality,
    municipality_names,
    places,
)

TODAY = date(2026, 11, 22)

MUNICIPALITIES = [
    ("Prishtinë", "prishtine"), ("Prishtina", "prishtine"), ("Priština", "prishtine"), ("prish", "prishtine"),
    ("PRISTINA", "prishtine"), ("Приштина", "prishtine"), ("n'Prishtin", "prishtine"),
    ("nga Prishtina", "prishtine"),
    ("Prishtinë, Kosovë", "prishtine"), ("Peć", "peje"), ("Пећ", "peje"), ("Peja", "peje"),
    ("iz Peći", "peje"), ("İpek", "peje"),
    ("Đakovica", "gjakove"), ("djakovica", "gjakove"), ("dakovica", "gjakove"), ("Jakova", "gjakove"),
    ("Uroševac", "ferizaj"), ("Fushë-Kosovë", "fushe-kosove"), ("fushkosova", "fushe-kosove"),
    ("f. kosove", "fushe-kosove"),
    ("Kosovo Polje", "fushe-kosove"), ("u Prizrenu", "prizren"), ("Gjilanit", "gjilan"),
    ("Mitrovicë e Veriut", "mitrovice-veriut"),
    ("South Mitrovica", "mitrovice"), ("Viti", "viti"), ("vushtri", "vushtrri"), ("Novo Brdo", "novoberde"),
    ("opština Lipljan", "lipjan"), ("Komuna e Klinës", "kline"),
    ("Mitrovica", Several(("mitrovice", "mitrovice-veriut"))), ("drenica", Several(("drenas", "skenderaj"))),
    ("Kosovska Mitrovica", Several(("mitrovice-veriut", "mitrovice"))),
    ("pri", Several(("prishtine", "prizren"))),
    ("kam", Several(("kamenice",))), ("prizrn", Several(("prizren",))), ("Llap", Several(("podujeve",))),
    ("I was born in Prizren but live in Peja", Several(("prizren", "peje"))),
]


@pytest.mark.parametrize(("text", "value"), MUNICIPALITIES)
def test_municipality(text: str, value: object) -> None:
    assert municipality.read(text, TODAY) == value


@pytest.mark.parametrize("text",
    ["", "x", "pr", "Kosovo", "Kosova", "Kosovë", "Paris", "👍", "12", "a" * 3000])
def test_no_municipality(text: str) -> None:
    assert isinstance(municipality.read(text, TODAY), NotUnderstood)


COUNTRIES = [
    ("gjermani", "DE"), ("Gjermania", "DE"), ("n'gjermani", "DE"), ("në Gjermani", "DE"), ("njemačka", "DE"),
    ("Nemačka", "DE"),
    ("u Nemačkoj", "DE"), ("Немачка", "DE"), ("allemagne", "DE"), ("from Germany", "DE"), ("zvicer", "CH"),
    ("Zvicra", "CH"),
    ("svajcarska", "CH"), ("aus der Schweiz", "CH"), ("Österreich", "AT"), ("oesterreich", "AT"),
    ("Austria", "AT"),
    ("Švedska", "SE"), ("Suedia", "SE"), ("kosova", "XK"), ("Kosovo", "XK"), ("UK", "GB"), ("Angli", "GB"),
    ("USA", "US"),
    ("SHBA", "US"), ("Crna Gora", "ME"), ("Mali i Zi", "ME"), ("Holland", "NL"), ("Greqia", "GR"),
    ("Türkei", "TR"),
    ("Turqi", "TR"), ("Kanada", "CA"), ("Australia", "AU"), ("Shqipëri", "AL"), ("Bosna", "BA"),
    ("Mađarska", "HU"),
    ("Munich", Several(("DE",))), ("Minhen", Several(("DE",))), ("Stuttgart", Several(("DE",))),
    ("Dortmund", Several(("DE",))),
    ("Bayern", Several(("DE",))), ("Wien", Several(("AT",))), ("germny", Several(("DE",))),
    ("Germany and then France", Several(("DE", "FR"))),
]


@pytest.mark.parametrize(("text", "value"), COUNTRIES)
def test_country(text: str, value: object) -> None:
    assert country.read(text, TODAY) == value


@pytest.mark.parametrize("text", ["", "no", "it", "ne", "xyz", "👍", "nowhere", "jo"])
def test_no_country(text: str) -> None:
    assert isinstance(country.read(text, TODAY), NotUnderstood)


LAENDER = [
    ("Bayern", "BY"), ("Bavaria", "BY"), ("bavarska", "BY"), ("Bavarinë", "BY"), ("NRW", "NW"), ("BW", "BW"),
    ("Berlin", "BE"),
    ("Nordrhein-Westfalen", "NW"), ("nordrhein westfalen", "NW"), ("Baden Wuerttemberg", "BW"),
    ("Baden-Württemberg", "BW"),
    ("Hessen", "HE"), ("Niedersachsen", "NI"), ("Sachsen", "SN"), ("Saksonia e Poshtme", "NI"),
    ("Donja Saksonija", "NI"),
    ("in Hamburg", "HH"), ("Thüringen", "TH"), ("Sachsen-Anhalt", "ST"),
    ("Stuttgart", Several(("BW",))), ("Köln", Several(("NW",))), ("duesseldorf", Several(("NW",))),
    ("Frankfurt", Several(("BB", "HE"))), ("Bayren", Several(("BY",))), ("Minhen", Several(("BY",))),
]


@pytest.mark.parametrize(("text", "value"), LAENDER)
def test_land(text: str, value: object) -> None:
    assert land.read(text, TODAY) == value


def test_names() -> None:
    assert municipality_names("peje") == ("Pejë", "Peć")
    names = country_names("CH")
    assert names | {"sq": "Zvicër", "sr": "Švajcarska", "de": "Schweiz", "en": "Switzerland"} == names
    assert names["bs"] == "Švicarska"
    assert land_names("BY")["en"] == "Bavaria"


def test_all_places_are_there_and_read_their_own_names() -> None:
    assert len(places._municipalities()) == 38
    assert len(places._laender()) == 16
    for code in places._countries():
        assert {country.read(name, TODAY) for name in country_names(code).values()} == {code}
    for code in places._laender():
        assert {land.read(name, TODAY) for name in land_names(code).values()} == {code}


def test_no_sure_name_means_two_municipalities() -> None:
    assert not {key: slugs for key, slugs in places._municipality_index().sure.items() if len(slugs) > 1}


@pytest.mark.parametrize("value", ["prishtinë", "", None, 1, ["peje"], {"peje": 1}])
def test_only_codes_are_accepted(value: object) -> None:
    for reader in (municipality, country, land):
        assert not reader.accepts(value)
