"""`returnee-bot check` finds what would leave somebody in danger without a text or a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.commands.check import faults
from bot.receive import texts
from bot.receive.lines import EVERY_DAY, LINE, LINE_WITHOUT_HOURS, OPEN_LINE
from bot.translate import Translator
from conversations.checks import check_lines
from conversations.register import Register, seed

TODAY = date(2026, 11, 28)
LANGUAGES = ("sq", "sr", "bs", "de", "en")
FIXED = {name: text for name, text in vars(texts).items() if name.isupper() and isinstance(text, str)} | {
    "LISTENING": texts.LISTENING[0], "LISTENING_ON": texts.LISTENING[1], "OPEN_LINE": OPEN_LINE, "LINE": LINE,
    "LINE_WITHOUT_HOURS": LINE_WITHOUT_HOURS, "EVERY_DAY": EVERY_DAY,
}
CARDS = [name for name in FIXED if name.startswith(("CARD", "TODAY", "LISTENING"))]


@pytest.fixture
def register() -> Register:
    return seed()


@pytest.mark.parametrize("language", ["sq", "sr", "de"])
def test_a_fixed_text_that_is_missing_in_a_language_is_found(language: str, register: Register) -> None:
    translator = Translator()
    spoken = translator.languages[language]
    spoken.__dict__["texts"] = {key: one for key, one in spoken.texts.items() if key not in FIXED.values()}
    told = {one.says for one in faults(translator, register, TODAY) if f"no translation in {language}." in one.says}
    for name, text in FIXED.items():
        assert any(text[:49].rstrip() in one for one in told), name


def test_nothing_is_missing_today(register: Register) -> None:
    assert [str(one) for one in faults(Translator(), register, TODAY)] == []


@pytest.mark.parametrize("language", [*LANGUAGES, "sr_Cyrl"])
@pytest.mark.parametrize("name", CARDS)
def test_every_card_names_112_and_is_short(name: str, language: str) -> None:
    """What writing.md allows a message: 350 characters. Those that come with a card need not name the number again."""
    text = Translator().text(language, FIXED[name])
    assert len(text) <= 350
    assert "112" in text or name in ("TODAY_OPEN", "TODAY_LATE", "TODAY_CLOSED", "TODAY_UNKNOWN")
    assert "!" not in text


def test_every_line_is_complete_and_names_no_trouble(register: Register) -> None:
    assert check_lines(register, LANGUAGES) == []
    for line in register.lines:
        for name in line.name.values():
            assert not any(word in name.lower() for word in (
                "suic", "suiz", "vetëvras", "samoub", "dhun", "nasilj", "gewalt", "violen", "viktim", "žrtv", "opfer",
                "victim", "abus", "traffick", "trgovin"))


@pytest.mark.parametrize(("changes", "rule"), [
    ({"fact": "gone"}, "target"), ({"partner": "gone"}, "target"), ({"partner": "ura2"}, "target"),
    ({"name": {"en": "A line"}}, "language"),
])
def test_fault_of_a_line(changes: dict[str, object], rule: str, register: Register) -> None:
    silent = {"ura2": replace(register.partners["ura"], slug="ura2", phone=None)}
    broken = replace(register, lines=(replace(register.lines[0], **changes),),
                     partners={**register.partners, **silent})
    assert [one.rule for one in check_lines(broken, LANGUAGES)] == [rule]


def test_hours_that_cannot_be_read_are_found(register: Register) -> None:
    odd = {**register.partners, "life-line": replace(register.partners["life-line"], hours="from six to ten")}
    [found] = faults(Translator(), replace(register, partners=odd), TODAY)
    assert (found.step, found.rule) == ("life-line", "hours")
