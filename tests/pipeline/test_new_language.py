"""A language is added by a folder: an invented one, half translated, is talked in, and what it lacks is seen."""

from __future__ import annotations

import shutil
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from bot.commands.check import drafts, faults
from bot.console.languages import lacking
from bot.settings import LOCALES
from bot.translate import Translator, stored_languages
from conversations.register import seed
from tests.pipeline.world import World

ABOUT = """
name = "Nowisch"
babel = "nb_NO"
next = ["sr", "no-such", "de"]
heard_as = "en"
also_for = ["nn"]
on_weekday = "pao {}"
"""
TEXTS = '''msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Yes, keep it"
msgstr "Ja, behalda"

msgid "What would you like to do?"
msgstr "Hvat vildo du?"

msgid "Work and career"
msgstr ""
'''


@pytest.fixture
def locales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our languages, and one folder more."""
    folder = tmp_path / "locales"
    shutil.copytree(LOCALES, folder)
    (folder / "nw" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "nw" / "language.toml").write_text(ABOUT, encoding="utf-8")
    (folder / "nw" / "LC_MESSAGES" / "messages.po").write_text(TEXTS, encoding="utf-8")
    monkeypatch.setattr("bot.app.Translator", partial(Translator, folder))
    return folder


async def test_talk_in_a_language_of_a_folder(locales: Path, world: World) -> None:
    person = world.person()
    await person.starts()
    heard = await person.taps("Nowisch")
    assert [button.label for button in heard[-1].buttons][:2] == ["Ja, behalda", "Ne, nemojte čuvati"]
    await person.taps("Ja, behalda")
    menu = (await person.taps("Ne sada"))[-1]
    assert "Hvat vildo du?" in menu.text and "Posao i karijera" in [button.label for button in menu.buttons]
    fact = (await person.says("how much is the minimum wage"))[0]
    assert seed().facts["employment.minimum-wage"].answer["sr"] in fact.text


async def test_what_is_typed_is_one_of_its_buttons(locales: Path, world: World) -> None:
    person = world.person()
    await person.starts()
    await person.says("nowisch")
    assert world.one("SELECT language FROM contacts") == "nw"
    await person.says("ja behalda")
    assert world.one("SELECT count(*) FROM consents WHERE purpose = 'keep'") == 1


def test_the_check_names_what_is_missing_and_what_stands_in(locales: Path) -> None:
    said = [str(one) for one in faults(Translator(locales), seed(), date(2026, 11, 23))]
    assert any("“Work and career” has no translation in nw" in one for one in said)
    assert any("employment.minimum-wage: Its question is missing in nw" in one for one in said)
    assert not any("“Yes, keep it”" in one for one in said)


def test_what_a_draft_lacks_is_no_fault_and_is_counted(locales: Path) -> None:
    about = locales / "nw" / "language.toml"
    about.write_text(ABOUT + "draft = true\n", encoding="utf-8")
    translator = Translator(locales)
    assert [str(one) for one in faults(translator, seed(), date(2026, 11, 23)) if "nw" in str(one)] == []
    [said] = [one for one in drafts(translator) if one.startswith("Nowisch is a draft")]
    assert "Srpski" in said and int(said.split(":")[1].split()[0]) > 900
    [lacks] = [one for one in lacking(translator, seed()) if one.language.code == "nw"]
    assert len(lacks.texts) > 900 and "Work and career" in lacks.texts and "Yes, keep it" not in lacks.texts
    assert len(lacks.facts) == len(seed().facts)


def test_a_language_that_waits_to_be_read_is_offered_only_where_the_centre_asks_for_it(locales: Path) -> None:
    (locales / "nw" / "language.toml").write_text(ABOUT + "waits = true\n", encoding="utf-8")
    hidden, asked_for = Translator(locales), Translator(locales, waiting=("nw",))
    assert "nw" not in hidden.names() and hidden.closest("nn-NO") == "en"
    assert "Ja, behalda" not in hidden.wordings("en", "Yes, keep it")
    assert "nw" in asked_for.names() and asked_for.closest("nn-NO") == "nw"
    assert "nw" not in stored_languages(locales) and "nw" in stored_languages(locales, with_waiting=True)


def test_turkish_waits_and_bosnian_does_not() -> None:
    assert set(Translator(waiting=None).languages) - set(Translator().languages) == {"tr"}
    assert "bs" in Translator().languages


def test_a_text_falls_back_to_the_next_language_that_has_it(locales: Path) -> None:
    translator = Translator(locales)
    assert translator.text("nw", "Menu") == "Meni"
    assert translator.pick("nw", {"de": "deutsch", "en": "english"}) == "deutsch"
    assert translator.written_in("nw", {"sq": "shqip", "en": "english"}) == "en"
    assert translator.text("sr_Cyrl", "Menu") == "Мени"
    assert translator.closest("nn-NO") == "nw"
    assert translator.weekday("nw", date(2026, 11, 23)) == "pao mandag"
    assert "nw" in stored_languages(locales)


def test_english_stands_in_its_own_script_where_nothing_else_is_left(locales: Path) -> None:
    (locales / "sr" / "LC_MESSAGES" / "messages.po").write_text(TEXTS, encoding="utf-8")
    assert Translator(locales).text("sr_Cyrl", "Menu") == "Menu"
