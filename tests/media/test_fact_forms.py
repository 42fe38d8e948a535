"""What we know, in large letters and to listen to: in the person's language, only where there is a voice, made once."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import fact_sheet
from bot.channels.base import Limits
from bot.render import Knowledge, Reader, fact_card, forms
from bot.speech import PACKS, SPEAKS, Speech
from bot.translate import Translator
from conversations.register import seed
from tests.support.world import MONDAY, World, new_world

ASKED = "how much is the minimum wage"
FACT = "employment.minimum-wage"
UPLOADS = Limits(4096, 60, media="upload")


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def a_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that do as espeak-ng and opusenc do: they read, and write what they were told."""
    folder = tmp_path / "programs"
    program(folder, SPEAKS, f'echo again >> {tmp_path}/runs; printf "voice $2: "; cat')
    program(folder, PACKS, 'printf "OggS "; cat')
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with new_world() as made:
        yield made


async def asks(world: World, language: str = "en", question: str = ASKED) -> None:
    await world.starts("ana")
    for choice in (language, "yes", "later"):
        await world.picks("ana", choice)
    await world.says("ana", question)


# ------------------------------------------------------------------------- speech


def test_where_nothing_can_be_kept_it_is_spoken_all_the_same(a_voice: Path, tmp_path: Path) -> None:
    """A full disk: here the folder cannot be made."""
    (tmp_path / "spoken").write_text("in the way", encoding="utf-8")
    told = {"language": "sq", "text": "112"}
    assert Speech(tmp_path / "spoken", Translator()).spoken(told) == b"OggS voice sq: 112"


def test_a_text_is_spoken_once_in_its_voice(a_voice: Path, tmp_path: Path) -> None:
    speech = Speech(tmp_path / "spoken", Translator())
    told = {"language": "sr_Cyrl", "text": "Pozovite 112. Poziv je besplatan; \"sada\" $HOME"}
    expected = b"OggS voice sr: Pozovite 112. Poziv je besplatan; \"sada\" $HOME"
    assert speech.spoken(told) == expected and Speech(tmp_path / "spoken", Translator()).spoken(told) == expected
    assert (tmp_path / "runs").read_text() == "again\n"


def test_there_is_a_voice_only_where_all_programs_are_and_the_centre_wants_it(a_voice: Path, tmp_path: Path) -> None:
    assert Speech(tmp_path, Translator()).speaks("sq")
    assert not Speech(tmp_path, Translator(), is_on=False).speaks("sq")
    assert not Speech(tmp_path, Translator(), find=lambda name: None if name == PACKS else name).speaks("sq")


def test_no_more_is_kept_than_may_be(a_voice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.speech.MOST_KEPT", 2)
    speech = Speech(tmp_path / "spoken", Translator())
    for number in range(4):
        speech.spoken({"language": "de", "text": f"{number}"})
    assert len(list((tmp_path / "spoken").iterdir())) == 2


# --------------------------------------------------------------------------- a talk


async def test_listening_is_offered_and_comes_with_the_question_again(a_voice: Path, world_with_voice: World) -> None:
    world = world_with_voice
    await asks(world, "sr_Cyrl", "kolika je minimalna plata")
    heard = await world.taps("ana", "Послушај")
    [file] = [one for one in heard if one.medium is not None]
    assert file.medium is not None and (file.medium.kind, file.medium.type) == ("voice", "audio/ogg")
    [content] = world.paper.files.values()
    assert content.startswith(b"OggS voice sr: Kolika je") and "425 evra" in content.decode()
    assert "Да ли Вам је ово помогло?" in heard[-1].text


@pytest_asyncio.fixture
async def world_with_voice(a_voice: Path) -> AsyncIterator[World]:
    async with new_world() as made:
        yield made


async def test_without_a_voice_nobody_is_offered_to_listen(world: World) -> None:
    await asks(world)
    shown = [button.label for message in world.paper.sent["ana"] for button in message.buttons]
    assert "In large letters" in shown and "Listen" not in shown
    [card, *_] = await world.says("ana", "listen")
    assert seed().facts[FACT].answer["en"] in card.text and card.medium is None


async def test_in_large_letters_by_the_button_or_in_words(world: World) -> None:
    await asks(world)
    for heard in (await world.taps("ana", "In large letters"), await world.says("ana", "larger")):
        [file] = [one for one in heard if one.medium is not None]
        assert file.text.startswith("Here it is in large letters, also to print.")
        assert "Did this help?" in heard[-1].text
    assert all(content.startswith(b"%PDF-") for content in world.paper.files.values())
    assert len(world.paper.files) == 2


async def test_what_is_not_told_any_more_is_not_printed(world: World) -> None:
    await asks(world)
    button = world.button("ana", "In large letters")
    world.clock.turn(365 * (MONDAY - MONDAY.replace(day=22)))
    heard = await world.taps("ana", button.label)
    assert all(one.medium is None for one in heard)


# ----------------------------------------------------------------------------- paper


@pytest.mark.parametrize(("language", "words"), [
    ("sq", ["Sa është paga më e ulët me ligj?", "Agjencia e Punësimit", "kontratë pune"]),
    ("sr_Cyrl", ["Колика је најнижа законска плата?", "уговор о раду"]),
    ("bs", ["Kolika je najniža zakonska plata?", "425 eura"]),
])
def test_everything_is_on_the_page(language: str, words: list[str]) -> None:
    reader, translator, knowledge = Reader(language, UPLOADS, today=MONDAY.date()), Translator(), Knowledge(seed())
    fact = seed().facts[FACT]
    card = fact_card(fact, reader, translator, knowledge)
    found = forms.printed(fact, card, reader, translator, knowledge, ("The Centre",), "https://chat.example.org/")
    assert found.medium is not None and found.medium.made_of is not None
    told = str(dict(found.medium.made_of))
    assert [one for one in words if one not in told] == []
    assert fact_sheet.as_pdf(found.medium.made_of).count(b"/Type /Page\n") == 1


def test_every_fact_fits_on_two_pages_in_every_language() -> None:
    translator, knowledge = Translator(), Knowledge(seed())
    for fact in list(seed().facts.values())[::7]:
        for language in translator.languages:
            reader = Reader(language, UPLOADS, today=MONDAY.date())
            card = fact_card(fact, reader, translator, knowledge)
            found = forms.printed(fact, card, reader, translator, knowledge, ("The Centre",), "")
            assert found.medium is not None and found.medium.made_of is not None
            assert fact_sheet.as_pdf(found.medium.made_of).count(b"/Type /Page\n") <= 2, fact.id
