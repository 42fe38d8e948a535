"""The contract of every channel (bot/channels/base.py). A new one brings a rig in its folder: then it is in here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio

from bot.channels import base
from bot.channels.base import Button, HasFiles, OutgoingMessage, SendsAlbums, TakesPosts, Watched
from bot.translate import Translator
from conversations import CONVERSATIONS
from conversations.checks.texts import labels_of, texts_of
from conversations.events import Media, MediaKind, Message, Stopped, Tap
from conversations.model import Step, all_steps
from tests.channels.rig import Rig

FOLDERS = sorted(path.parent.name for path in Path(__file__).parent.glob("*/rig.py"))
LINE = "Çka po thua, fjalë e gjatë 🙂 " * 60
LONG = ["\n\n".join(f"{number}. {LINE}" for number in range(times)) for times in (3, 30)]
WAYS_OUT = (Button("Mit jemandem sprechen", "!human", "always"), Button("Ich brauche jetzt Hilfe", "!danger", "always"))


def rig_of(name: str) -> type[Rig]:
    kind: type[Rig] = import_module(f"tests.channels.{name}.rig").RIG
    return kind


BRINGING_AGAIN = [name for name in FOLDERS if rig_of(name).brings_again]
MEDIA = [(name, kind) for name in FOLDERS for kind in rig_of(name).media]
ERRORS_OF = [(name, error) for name in FOLDERS for error in rig_of(name).errors]
LEAVING = [name for name in FOLDERS if base.Blocked in rig_of(name).errors]


@pytest_asyncio.fixture(params=FOLDERS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    made = rig_of(request.param)()
    async with made.running():
        yield made


def test_every_channel_of_ours_is_held_to_it() -> None:
    modules = {path.stem if path.is_file() else path.name for path in Path(base.__file__).parent.iterdir()}
    shared = {"base", "http", "layout", "loose", "parts", "posts", "together", "__init__", "__pycache__"}
    assert modules - shared == set(FOLDERS)


# ------------------------------------------------------------------ what it says of itself


async def test_it_says_who_it_is(rig: Rig) -> None:
    channel = rig.channel
    assert channel.name == rig.name and channel.title
    assert channel.limits.text >= 1000 and channel.limits.label >= 40
    assert channel.limits.files is isinstance(channel, HasFiles)
    assert bool(channel.limits.album) is isinstance(channel, SendsAlbums)
    if isinstance(channel, Watched):
        assert channel.trouble() is None
    if isinstance(channel, TakesPosts) and channel.path:
        assert channel.path.startswith(f"/{channel.name}/") and len(channel.path) > 30, "nobody can guess it"


async def test_begin_and_stop_more_than_once(rig: Rig) -> None:
    await rig.channel.begin()
    await rig.channel.cease()
    await rig.channel.cease()
    await rig.channel.begin()
    await rig.channel.stop()
    await rig.channel.stop()


# ------------------------------------------------------------------ coming in


async def test_words_arrive_as_they_are_and_in_order(rig: Rig) -> None:
    said = ["Përshëndetje 🙂", "/not a command", "a\nb", "<b>&amp;</b>", "  x"]
    for one in said:
        await rig.writes(one)
        await rig.inbox.gets(said.index(one) + 1)
    events = await rig.inbox.gets(len(said))
    assert [event.text for event in events if isinstance(event, Message)] == said
    assert {(event.channel, event.address) for event in events} == {(rig.name, rig.address)}
    assert len({event.key for event in events}) == len(said), "each has a key of its own"


async def test_a_button_means_its_id(rig: Rig) -> None:
    await rig.send(OutgoingMessage("Bereit?", (Button("Ja & nein", "1a:group/0/step:yes"), *WAYS_OUT)))
    seen = await rig.seen(1)
    label = next(one for one in seen[-1].buttons if one.startswith("Ja"))
    await rig.taps(label)
    [event] = await rig.inbox.gets(1)
    assert isinstance(event, Tap) and event.data == "1a:group/0/step:yes"


@pytest.mark.parametrize("rig", BRINGING_AGAIN, indirect=True)
async def test_what_comes_twice_has_the_same_key(rig: Rig) -> None:
    await rig.writes("Hello")
    await rig.inbox.gets(1)
    await rig.repeats()
    first, second = await rig.inbox.gets(2)
    assert first.key == second.key


@pytest.mark.parametrize("rig", BRINGING_AGAIN, indirect=True)
async def test_what_could_not_be_stored_comes_again(rig: Rig) -> None:
    rig.inbox.refusals = 2
    await rig.writes("Hello")
    [event] = await rig.inbox.gets(1)
    assert isinstance(event, Message) and event.text == "Hello"


@pytest.mark.parametrize(("rig", "kind"), MEDIA, indirect=["rig"])
async def test_each_kind_of_media_that_people_can_send(rig: Rig, kind: str) -> None:
    assert kind in get_args(MediaKind)
    await rig.sends(kind)
    [event] = await rig.inbox.gets(1)
    assert isinstance(event, Media) and event.kind == kind
    assert rig.media[kind].items() <= event.data.items()


@pytest.mark.parametrize("rig", LEAVING, indirect=True)
async def test_who_leaves_is_said_to_have_left(rig: Rig) -> None:
    await rig.leaves()
    [event] = await rig.inbox.gets(1)
    assert isinstance(event, Stopped) and event.address == rig.address


# ------------------------------------------------------------------ going out


async def test_messages_come_in_order(rig: Rig) -> None:
    said = [f"{number}. fjalë" for number in range(12)]
    for number, one in enumerate(said, 1):
        await rig.send(OutgoingMessage(one), number)
    assert [one.text for one in await rig.seen(len(said))] == said


@pytest.mark.parametrize("text", LONG, ids=["two parts", "many parts"])
async def test_nothing_of_a_long_text_is_lost(rig: Rig, text: str) -> None:
    await rig.send(OutgoingMessage(text, (Button("Weiter", "1:0:a"),)))
    parts = await rig.seen(1)
    assert "".join("".join(one.text for one in parts).split()) == "".join(text.split())
    assert parts[-1].buttons == ("Weiter",) and not any(one.buttons for one in parts[:-1])


@pytest.mark.parametrize(("rig", "error"), ERRORS_OF, indirect=["rig"])
async def test_every_kind_of_error_is_told_apart(rig: Rig, error: type[base.SendError]) -> None:
    rig.fails_next(error)
    with pytest.raises(base.SendError) as found:
        await rig.send(OutgoingMessage("a word that somebody wrote"))
    assert type(found.value) is error
    assert "somebody" not in str(found.value)
    await rig.send(OutgoingMessage("then"), 2)
    assert (await rig.seen(1))[-1].text == "then", "what comes after it is not held up"


def _as_a_message(step: Step, language: str, translator: Translator) -> OutgoingMessage | None:
    """The longest that a step can be: all of its words, and a button for each of its labels."""
    fixed = {*labels_of(step)}
    words = [translator.wordings(language, text)[0] for text in texts_of(step) if text not in fixed]
    labels = [translator.wordings(language, label)[0] for label in labels_of(step)]
    if not words:
        return None
    buttons = tuple(Button(label, f"zzzz:group/99/{step.id}:{number}"[:64]) for number, label in enumerate(labels))
    return OutgoingMessage("\n\n".join(words), (*buttons, *WAYS_OUT), columns=2)


def _steps() -> Iterator[Step]:
    for conversation in CONVERSATIONS.values():
        yield from all_steps(conversation)


@pytest.mark.parametrize("name", FOLDERS)
def test_each_step_of_each_conversation_in_each_language_fits(name: str) -> None:
    rig, translator, count = rig_of(name)(), Translator(default="sq"), 0
    for language in translator.languages:
        for step in _steps():
            message = _as_a_message(step, language, translator)
            if message is not None:
                rig.takes(message)
                count += 1
    assert count > 500
