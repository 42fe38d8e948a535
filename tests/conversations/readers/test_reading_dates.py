from datetime import date

import pytest

from conversations.readers import NotUnderstood, Several, future_date, past_date, year

TODAY = date(2026, 11, 22)  # a Sunday

PAST = [
    ("15.3.24", "2024-03-15"), ("15/03/2024", "2024-03-15"), ("15-3-2024", "2024-03-15"),
    ("2024-03-15", "2024-03-15"),
    ("15 3 2024", "2024-03-15"), ("15032024", "2024-03-15"), ("20240315", "2024-03-15"),
    ("03/15/2024", "2024-03-15"),
    ("15.3.98", "1998-03-15"), ("15.3.2024 14:30", "2024-03-15"), ("15.3", "2026-03-15"),
    ("24.12.", "2025-12-24"),
    ("03/2019", "2019-03"), ("3/24", "2024-03"), ("2019-03", "2019-03"), ("2015", "2015"),
    ("  2015! ", "2015"),
    # Albanian
    ("15 mars 2024", "2024-03-15"), ("mars 2019", "2019-03"), ("rreth 2015", "2015"), ("nja 2015", "2015"),
    ("para dy muajve", "2026-09"), ("para 3 javësh", "2026-11-01"), ("dje", "2026-11-21"),
    ("sot", "2026-11-22"),
    ("pardje", "2026-11-20"), ("javën e kaluar", "2026-11-15"), ("muajin e kaluar", "2026-10"),
    ("vitin e kaluar", "2025"),
    ("vjet", "2025"), ("para nji viti", "2025"), ("qe dy vjet", "2024"), ("para dy vitesh", "2024"),
    ("vera e kaluar", "2026"),
    ("më 5 qershor 2021", "2021-06-05"), ("Nëntor 2020", "2020-11"), ("nentor 2020", "2020-11"),
    ("në korrik 2018", "2018-07"),
    ("mars vjet", "2025-03"), ("dy muj ma heret", "2026-09"), ("fund i vitit 2019", "2019"),
    ("të premten", "2026-11-20"),
    ("para një viti e gjysmë", "2025-05"), ("3 dhjetor", "2025-12-03"), ("dhjetor i vitit 2021", "2021-12"),
    # Serbian
    ("u martu 2019", "2019-03"), ("oko 2015. godine", "2015"), ("pre nedelju dana", "2026-11-15"),
    ("juče", "2026-11-21"),
    ("juce", "2026-11-21"), ("prošle godine", "2025"), ("прошле године", "2025"), ("prosle godine", "2025"),
    ("15. марта 2024", "2024-03-15"), ("15. mart 2024. godine", "2024-03-15"), ("мај 2018", "2018-05"),
    ("lani", "2025"),
    ("pre dve godine", "2024"), ("prije dvije godine", "2024"), ("pre mesec dana", "2026-10"),
    ("pre godinu i po", "2025-05"),
    ("prošlog meseca", "2026-10"), ("15. marta prošle godine", "2025-03-15"), ("prekjuče", "2026-11-20"),
    ("u petak", "2026-11-20"), ("početkom 2020", "2020"), ("prošlog leta", "2026"),
    ("pre pola godine", "2026-05"),
    ("septembra 2017", "2017-09"), ("pre 100 dana", "2026-08-14"), ("u septembru prošle godine", "2025-09"),
    # German
    ("März 2019", "2019-03"), ("Maerz 2019", "2019-03"), ("ca. 2015", "2015"), ("vor 3 Wochen", "2026-11-01"),
    ("gestern", "2026-11-21"), ("letztes Jahr", "2025"), ("letzten Monat", "2026-10"),
    ("vorgestern", "2026-11-20"),
    ("am 3. Dezember 2020", "2020-12-03"), ("vor zwei Jahren", "2024"), ("vor anderthalb Jahren", "2025-05"),
    ("seit 2 Jahren", "2024"), ("letzten Sommer", "2026"), ("Ende März 2019", "2019-03"),
    ("heute morgen", "2026-11-22"),
    ("vor einem Monat", "2026-10"), ("Sommer 2020", "2020"), ("letzten Freitag", "2026-11-20"),
    ("1. Mai 2020", "2020-05-01"),
    # English
    ("around 2015", "2015"), ("yesterday", "2026-11-21"), ("today", "2026-11-22"), ("last year", "2025"),
    ("last month", "2026-10"), ("last week", "2026-11-15"), ("last summer", "2026"),
    ("March 15, 2024", "2024-03-15"),
    ("the 1st of May 2020", "2020-05-01"), ("two months ago", "2026-09"), ("half a year ago", "2026-05"),
    ("two and a half years ago", "2024-05"), ("March", "2026-03"), ("December", "2025-12"),
    ("in 2019, in March", "2019-03"),
    ("septembr 2021", "2021-09"), ("I came back in March 2024 with my family", "2024-03"),
    ("this month", "2026-11"),
    ("the day before yesterday", "2026-11-20"), ("a year ago", "2025"),
]


@pytest.mark.parametrize(("text", "value"), PAST)
def test_past_date(text: str, value: str) -> None:
    assert past_date.read(text, TODAY) == value


ASKED_BACK = [
    ("maerz 19", ("2026-03-19", "2019-03")), ("03/12", ("2025-12-03", "2012-03")),
    ("2015 or 2016", ("2015", "2016")),
    ("not 2015", ("2015",)), ("vor 2015", ("2015",)), ("dy vjet", ("2024",)),
    ("last winter", ("2025", "2026")),
    ("15-20 mars 2024", ("2024-03-20",)), ("98", ("1998",)),
]


@pytest.mark.parametrize(("text", "values"), ASKED_BACK)
def test_what_could_be_two_things_is_asked_back(text: str, values: tuple[str, ...]) -> None:
    assert past_date.read(text, TODAY) == Several(values)


@pytest.mark.parametrize("text", [
    "", "hello", "3", "I have 3 kids", "14:30", "044 123 456", "15.13.2024", "a" * 300, "nuk e di", "12345",
    "👍", "0.0.0",
])
def test_no_date(text: str) -> None:
    result = past_date.read(text, TODAY)
    assert isinstance(result, NotUnderstood)
    assert "month and the year" in result.help or "day, month and year" in result.help


@pytest.mark.parametrize(("text", "args"), [
    ("31 June", {"day": 31, "month": 6}), ("31.6.2024", {"day": 31, "month": 6}),
    ("31 qershor", {"day": 31, "month": 6}),
    ("31. juna 2020", {"day": 31, "month": 6}), ("30. Februar", {"day": 30, "month": 2}),
    ("29.2.2023", {"day": 29, "month": 2, "year": "2023"}), ("32.3.2024", {"day": 32, "month": 3}),
])
def test_a_day_that_does_not_exist_is_named(text: str, args: dict[str, object]) -> None:
    for reader in (past_date, future_date):
        result = reader.read(text, TODAY)
        assert isinstance(result, NotUnderstood)
        assert result.help.startswith("There is no {day} {month}")
        assert result.args == args


@pytest.mark.parametrize("text",
    ["2027", "next year", "tomorrow", "nesër", "23.11.2026", "in 2 weeks", "sutra", "übermorgen"])
def test_past_date_says_that_a_date_is_still_to_come(text: str) -> None:
    result = past_date.read(text, TODAY)
    assert isinstance(result, NotUnderstood) and "still to come" in result.help


@pytest.mark.parametrize("text", ["1939", "12.3.1930", "1066", "100 years ago"])
def test_long_ago(text: str) -> None:
    result = past_date.read(text, TODAY)
    assert isinstance(result, NotUnderstood) and "long ago" in result.help


FUTURE = [
    ("nesër", "2026-11-23"), ("pasnesër", "2026-11-24"), ("pas dy javësh", "2026-12-06"),
    ("mas 2 jave", "2026-12-06"),
    ("muajin tjetër", "2026-12"), ("javën që vjen", "2026-11-29"), ("vitin e ardhshëm", "2027"),
    ("të premten", "2026-11-27"),
    ("15 janar", "2027-01-15"), ("në mars", "2027-03"), ("mot", "2027"),
    ("sutra", "2026-11-23"), ("prekosutra", "2026-11-24"), ("za mesec dana", "2026-12"),
    ("za dve nedelje", "2026-12-06"),
    ("sledeće godine", "2027"), ("идућег месеца", "2026-12"), ("u sredu", "2026-11-25"),
    ("u nedelju", "2026-11-29"),
    ("dogodine", "2027"), ("za 2 godine", "2028"), ("krajem januara", "2027-01"),
    ("übermorgen", "2026-11-24"), ("uebermorgen", "2026-11-24"), ("morgen", "2026-11-23"),
    ("in einem Monat", "2026-12"),
    ("nächsten Monat", "2026-12"), ("naechstes Jahr", "2027"), ("nach 3 Monaten", "2027-02"),
    ("Freitag", "2026-11-27"),
    ("next month", "2026-12"), ("in 2 weeks", "2026-12-06"), ("15 December", "2026-12-15"),
    ("Friday", "2026-11-27"),
    ("next summer", "2027"), ("tomorrow", "2026-11-23"), ("15.3.28", "2028-03-15"), ("15.1.", "2027-01-15"),
    ("2030", "2030"), ("November", "2026-11"), ("today", "2026-11-22"), ("29.2.", "2028-02-29"),
    ("2026", "2026"),
]


@pytest.mark.parametrize(("text", "value"), FUTURE)
def test_future_date(text: str, value: str) -> None:
    assert future_date.read(text, TODAY) == value


@pytest.mark.parametrize(("text", "values"), [
    ("nächsten Freitag", ("2026-11-27", "2026-12-04")), ("2 weeks", ("2026-12-06",)),
    ("bis März", ("2027-03",)),
])
def test_future_date_asks_back(text: str, values: tuple[str, ...]) -> None:
    assert future_date.read(text, TODAY) == Several(values)


@pytest.mark.parametrize("text",
    ["yesterday", "2025", "15.3.2024", "dje", "prošle godine", "vor 2 Wochen", "21.11.2026"])
def test_future_date_says_that_a_date_is_over(text: str) -> None:
    result = future_date.read(text, TODAY)
    assert isinstance(result, NotUnderstood)
    assert "already over" in result.help
    assert result.args == {"year": "2027"}


@pytest.mark.parametrize(("text", "value"), [
    ("2015", "2015"), ("rreth 2015", "2015"), ("15 March 1989", "1989"), ("pre 5 godina", "2021"),
    ("vjet", "2025"),
    ("85", Several(("1985",))), ("'98", Several(("1998",))), ("2015, 2016", Several(("2015", "2016"))),
])
def test_year(text: str, value: object) -> None:
    assert year(1950).read(text, TODAY) == value


@pytest.mark.parametrize("text", ["", "1949", "2027", "hello", "3"])
def test_no_year(text: str) -> None:
    result = year(1950).read(text, TODAY)
    assert isinstance(result, NotUnderstood)
    assert result.args == {"low": "1950", "high": "2026"}


@pytest.mark.parametrize("value",
    ["2024-13", "2024-02-30", "24-01-01", "2024-W01-1", "1900", "٢٠٢٤", "", 2024, None, "2024\n"])
def test_dates_that_no_reader_returns(value: object) -> None:
    assert not past_date.accepts(value)
    assert not future_date.accepts(value)
