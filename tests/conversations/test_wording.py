"""How texts are worded is checked: one word for a thing, none that hurts, short, and nothing left in English."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.render.base import source_name
from bot.translate import Translator
from conversations.checks import Said, check_plurals, check_wording, read_termbase
from conversations.checks.wording import Kind, sentences
from conversations.register import seed

TERMBASE = read_termbase({
    "languages": ["en", "sq", "sr", "de"],
    "banned": {"sr": ["povratnik", "žrtva", "žrtvama"], "de": ["im Kosovo"]},
    "names": {"sr": ["Kancelarija za pomoć žrtvama"]},
    "same": {"texts": ["Caritas"]},
    "term": {
        "municipality": {"en": "municipality", "sq": "komunë", "sr": "opština", "de": "Gemeinde",
                         "not": {"sr": ["komuna"]}},
        "course": {"en": "course", "de": "Kurs", "sq": "kurs", "sr": "kurs", "also": {"sr": ["obuka"]}},
        "cook": {"en": "cook", "sr": "kuvar / kuvarica"},
        "back": {"en": "Back", "sr": "Nazad", "not": {"sr": ["Vrati se"]}, "alone": True},
        "civil": {"en": "civil status office", "sq": "Zyra e Gjendjes Civile"},
    },
})
FINE: list[tuple[str, str, str, Kind]] = [
    ("sr", "Your municipality", "Vaše opštine", "said"),
    ("de", "A cook course", "Ein Kochkurs", "said"),
    ("sr", "A cook course", "Obuka za kuvarice", "said"),
    ("sq", "Ask the civil status office", "Pyesni në Zyrën e Gjendjes Civile", "said"),
    ("sr", "Back to my data", "Povratak na podatke", "said"),
    ("sr", "Office for help", "Kancelarija za pomoć žrtvama", "said"),
    ("sr", "Caritas", "Caritas", "list"),
    ("sr", "{partner}: {name}", "{partner}: {name}", "said"),
    ("de", "By 5 March", "Bis zum 5. März 2026, wenn Sie an diesem Tag Zeit haben.", "said"),
    ("de", "Thank you. One is.", "Danke. Eins. Zwei. Drei. Vier.", "said"),
    ("de", "This goes there", "Das geht dorthin:\n{letter}\nGut? Ja. Nein.", "said"),
]
WRONG: list[tuple[str, str, str, str, Kind]] = [
    ("term", "sr", "Your municipality", "Vaš grad", "said"),
    ("term", "sr", "Back", "Vrati se", "said"),
    ("banned", "sr", "You have come back", "Vi ste povratnica, povratnika", "said"),
    ("banned", "sr", "For people harmed", "Pomoć žrtvama", "said"),
    ("banned", "de", "Back in Kosovo", "Zurück im Kosovo", "list"),
    ("banned", "sq", "Thank you", "Faleminderit!", "said"),
    ("untranslated", "sq", "Thank you", "Thank you", "said"),
    ("untranslated", "sq", "Thank you, write here", "Thank you, shkruani këtu", "said"),
    ("sentence", "en", "x", "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
     "sixteen", "said"),
    ("message", "en", "x", "One is. Two is. Three is. Four is. Five is.", "said"),
    ("message", "de", "Hello. One is.", "Guten Tag. Eins. Zwei. Drei. Vier. Fünf.", "said"),
    ("message", "en", "x", "\n".join(["Donaudampfschifffahrtsgesellschaftskapitän " * 2] * 5), "said"),
]


def found(language: str, english: str, text: str, kind: Kind) -> list[str]:
    return [fault.rule for fault in check_wording([Said("here", language, english, text, kind)], TERMBASE)]


@pytest.mark.parametrize(("language", "english", "text", "kind"), FINE)
def test_a_good_text_has_no_fault(language: str, english: str, text: str, kind: Kind) -> None:
    assert found(language, english, text, kind) == []


@pytest.mark.parametrize(("rule", "language", "english", "text", "kind"), WRONG)
def test_a_fault_is_found(rule: str, language: str, english: str, text: str, kind: Kind) -> None:
    assert rule in found(language, english, text, kind)


@pytest.mark.parametrize("language", [code for code, one in Translator(waiting=None).languages.items()
                                      if not one.cyrillic])
def test_no_answer_of_a_fact_is_longer_than_the_writing_guide_allows(language: str) -> None:
    answers = [Said(one.id, language, one.answer["en"], one.answer[language]) for one in seed().facts.values()]
    assert [fault for fault in check_wording(answers, TERMBASE) if fault.rule in ("sentence", "message")] == []


def test_a_word_that_is_forbidden_for_a_thing_is_named_beside_the_right_one() -> None:
    [fault] = check_wording([Said("here", "sr", "Your municipality", "Opština, to jest komuna", "said")], TERMBASE)
    assert "“komuna”" in fault.says and "“opština”" in fault.says


def test_a_sentence_ends_before_a_capital_and_not_within_a_date() -> None:
    assert sentences("Rufen Sie 112 an. Am 5. März ist zu.\nBis dann") == [
        "Rufen Sie 112 an.", "Am 5. März ist zu.", "Bis dann"]
    assert sentences("Do 2. januara 2026. je poslat. Čekajte.") == ["Do 2. januara 2026. je poslat.", "Čekajte."]


def test_a_plural_needs_each_form_with_its_number() -> None:
    assert list(check_plurals("sr", {"{number} day": ("jedan dan", "{number} dana", "{number} dana")}, 3)) == []
    assert [one.rule for one in check_plurals("sr", {"{number} day": ("dan", "{number} dana")}, 3)] == ["plural"]
    assert [one.rule for one in check_plurals("de", {"{number} day": ("Tag", "Tage")}, 2)] == ["plural"]


YEARS = {
    "en": ("1 year", "2 years", "5 years", "21 years", "101 years"),
    "de": ("1 Jahr", "2 Jahre", "5 Jahre", "21 Jahre", "101 Jahre"),
    "sq": ("1 vit", "2 vjet", "5 vjet", "21 vjet", "101 vjet"),
    "sr": ("1 godina", "2 godine", "5 godina", "21 godina", "101 godina"),
    "bs": ("1 godina", "2 godine", "5 godina", "21 godina", "101 godina"),
    "tr": ("1 yıl", "2 yıl", "5 yıl", "21 yıl", "101 yıl"),
    "sr_Cyrl": ("1 година", "2 године", "5 година", "21 година", "101 година"),
}


@pytest.mark.parametrize("language", Translator(waiting=None).languages)
def test_the_right_plural_after_each_number(language: str) -> None:
    translator = Translator(waiting=None)
    assert tuple(translator.months(language, 12 * years) for years in (1, 2, 5, 21, 101)) == YEARS[language]


DATED = {
    "en": ("5 March 2026", "Thursday, 5 March 2026, 14:05", "1,234.5"),
    "de": ("5. März 2026", "Donnerstag, 5. März 2026, 14:05", "1.234,5"),
    "sq": ("5 mars 2026", "e enjte, 5 mars 2026, 14:05", "1\N{NO-BREAK SPACE}234,5"),
    "sr": ("5. marta 2026.", "četvrtak, 5. marta 2026., 14:05", "1.234,5"),
    "bs": ("5. marta 2026.", "četvrtak, 5. marta 2026., 14:05", "1.234,5"),
    "tr": ("5 Mart 2026", "Perşembe, 5 Mart 2026, 14:05", "1.234,5"),
    "sr_Cyrl": ("5. марта 2026.", "четвртак, 5. марта 2026., 14:05", "1.234,5"),
}


@pytest.mark.parametrize("language", Translator(waiting=None).languages)
def test_dates_times_and_numbers_are_written_as_in_kosovo(language: str) -> None:
    translator, at = Translator(waiting=None), datetime(2026, 3, 5, 14, 5, tzinfo=UTC)
    day, moment, number = DATED[language]
    assert translator.day(language, date(2026, 3, 5)) == day
    assert translator.date_and_time(language, at) == moment
    assert translator.number(language, 1234.5) == number


def test_addresses_keep_their_letters_in_cyrillic() -> None:
    """An address in other letters leads nowhere."""
    cyrillic, register = Translator()["sr_Cyrl"], seed()
    sites = {source_name(one.source) for one in register.facts.values() if one.source.startswith("http")}
    sites |= {one.web for one in register.partners.values() if one.web} | {"pisite@example.org"}
    assert "naric-ks.online" in sites
    assert {one: cyrillic.in_script(f"Izvor: {one}, jun.") for one in sites} == {
        one: f"Извор: {one}, јун." for one in sites}
    assert cyrillic.in_script("Fotografije itd. Dođite npr. u 9.30.") == "Фотографије итд. Дођите нпр. у 9.30."
