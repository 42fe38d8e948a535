from datetime import date

import pytest

from conversations.readers import NotUnderstood, Several, duration_months, number

TODAY = date(2026, 11, 22)

NUMBERS = [
    ("3", 3), ("3 kids", 3), ("~5", 5), ("3kids", 3), ("20+", 20), (" 7 ", 7), ("³", 3), ("none", 0),
    ("zero", 0),
    ("dy", 2), ("dy fëmijë", 2), ("nji", 1), ("një", 1), ("katër", 4), ("kater", 4), ("gjashtë", 6),
    ("njizet", 20),
    ("trembëdhjetë", 13), ("dymdhet", 12), ("asnjë", 0), ("kam 2 fmi", 2), ("tetë", 8), ("nand", 9),
    ("dhet", 10),
    ("dva", 2), ("dve", 2), ("dvoje dece", 2), ("jedno", 1), ("četiri", 4), ("pet", 5), ("шест", 6),
    ("imam troje", 3),
    ("dvanaest", 12), ("nijedno", 0), ("devetnaest", 19), ("cetvoro", 4),
    ("zwei", 2), ("ein Kind", 1), ("drei", 3), ("fünf", 5), ("fuenf", 5), ("zwölf", 12), ("keine", 0),
    ("draj", 3),
    ("two", 2), ("I have two", 2), ("twenty", 20), ("one", 1), ("eleven", 11),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_number(text: str, value: int) -> None:
    assert number(0, 20).read(text, TODAY) == value


@pytest.mark.parametrize("text", [
    "", "5-6", "5 or 6", "-5", "minus 3", "21", "1000", "many", "nuk 3", "more than 5", "mehr als 5",
    "9" * 190,
    "9" * 5000, "3,5", "👍",
])
def test_not_one_number(text: str) -> None:
    result = number(0, 20).read(text, TODAY)
    assert isinstance(result, NotUnderstood)
    assert result.args == {"low": 0, "high": 20}


def test_thousands() -> None:
    assert number(0, 9999).read("1.500 €", TODAY) == 1500


@pytest.mark.parametrize("value", [True, 21, -1, 3.0, "3", None, [3], {"a": 1}])
def test_number_does_not_accept(value: object) -> None:
    assert not number(0, 20).accepts(value)


DURATIONS = [
    ("2 years", 24), ("6", Several(("6", "72"))), ("3 Jahre", 36), ("8 muaj", 8), ("godinu i po", 18),
    ("anderthalb Jahre", 18), ("dy vjet e gjysmë", 30), ("dy vjet", 24), ("një vit", 12), ("nje vit e gjys", 18),
    ("gjysmë viti", 6),
    ("3 muj", 3), ("1 vit e 6 muaj", 18), ("5 vite", 60), ("pesë muaj", 5),
    ("dve godine", 24), ("2,5 godine", 30), ("pola godine", 6), ("godinu dana", 12), ("18 meseci", 18),
    ("dve i po godine", 30), ("шест месеци", 6), ("dvije godine", 24), ("mesec dana", 1), ("10 god", 120),
    ("zweieinhalb Jahre", 30), ("ein halbes Jahr", 6), ("ein Jahr", 12), ("2 Jahre und 3 Monate", 27),
    ("1,5 Jahre", 18),
    ("a year", 12), ("one and a half years", 18), ("half a year", 6), ("about 2 years", 24), ("3 weeks", 1),
    ("2½ years", 30),
]


@pytest.mark.parametrize(("text", "months"), DURATIONS)
def test_duration(text: str, months: int) -> None:
    assert duration_months(0, 600).read(text, TODAY) == months


@pytest.mark.parametrize("text",
    ["", "long", "5-6 years", "vjet", "since 2019", "99 years", "not 2 years", "2 or 3 years"])
def test_no_duration(text: str) -> None:
    assert isinstance(duration_months(0, 600).read(text, TODAY), NotUnderstood)
