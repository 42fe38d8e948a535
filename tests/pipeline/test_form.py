"""A form in the middle of a talk: the bot asks for the counsellor, and the talk goes on at the same place."""

from __future__ import annotations

import pytest

from bot.receive import form
from storage.desk import DeskError
from tests.pipeline.world import Person, World

COUNSELLOR = 1


async def in_talk(world: World) -> Person:
    """Anna has agreed and is with a counsellor."""
    anna = await world.person().agrees()
    await anna.taps("Talk to a counsellor")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    return anna


async def asked(world: World) -> Person:
    anna = await in_talk(world)
    await world.staff.ask_form(anna.ticket(), COUNSELLOR)
    await world.settle()
    return anna


def open_form(world: World, anna: Person) -> int | None:
    found: int | None = world.one("SELECT form_run FROM tickets WHERE id = ?", anna.ticket())
    return found


def unread(world: World, anna: Person) -> int:
    return int(world.one("SELECT unread FROM tickets WHERE id = ?", anna.ticket()))


async def test_the_bot_asks_and_what_is_said_answers(world: World) -> None:
    anna = await asked(world)
    assert "Your counsellor would like to know a few things." in "\n".join(anna.texts)
    assert "What may we call you?" in anna.last.text
    labels = [one.label for one in anna.last.buttons]
    assert "Talk to a counsellor" in labels and "Menu" not in labels, "the way back is one tap"
    before = unread(world, anna)
    await anna.says("Anna Berisha")
    assert anna.answers("intake")["name"] == "Anna Berisha"
    assert unread(world, anna) == before, "an answer is no message to the counsellor"
    assert "What may we call you?" not in anna.last.text


async def test_what_is_known_already_is_not_asked(world: World) -> None:
    anna = await world.person().begins_intake()
    await anna.says("Anna Berisha")
    await anna.taps("Talk to a counsellor")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await world.staff.ask_form(anna.ticket(), COUNSELLOR)
    await world.settle()
    assert not any("What may we call you?" in one for one in anna.texts[-2:])


async def test_after_the_last_question_the_counsellor_has_it_again(world: World) -> None:
    anna = await asked(world)
    for _ in range(60):
        labels = [one.label for one in anna.last.buttons]
        if open_form(world, anna) is None:
            break
        skip = next((one for one in ("Skip", "Done", "No, go on", "That is right") if one in labels), "")
        if skip:
            await anna.taps(skip)
        elif "What may we call you?" in anna.last.text:
            await anna.says("Anna")
        else:
            await anna.taps(labels[0])
    assert open_form(world, anna) is None, f"it does not end: {anna.last}"
    assert form.DONE in "\n".join(anna.texts[-2:]) and unread(world, anna) == 1
    heard = len(anna.heard)
    await anna.says("Are you there?")
    assert len(anna.heard) == heard, "the bot is silent again"
    assert unread(world, anna) == 2


@pytest.mark.parametrize("how", ["Talk to a counsellor", "I want to talk to a human", "menu"])
async def test_they_can_come_back_at_any_time(world: World, how: str) -> None:
    anna = await asked(world)
    await (anna.taps(how) if how[0] == "T" else anna.says(how))
    assert open_form(world, anna) is None and form.BACK in anna.last.text
    heard = len(anna.heard)
    await anna.says("I have a question")
    assert len(anna.heard) == heard and unread(world, anna) >= 1
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")


async def test_a_sign_of_danger_goes_before_the_form(world: World) -> None:
    anna = await asked(world)
    await anna.says("I want to kill myself")
    assert open_form(world, anna) is None
    assert world.one("SELECT urgent FROM tickets WHERE id = ?", anna.ticket()) in (1, True)
    assert "112" in "\n".join(anna.texts[-2:])


async def test_the_counsellor_writes_in_between_and_takes_it_back(world: World) -> None:
    anna = await asked(world)
    await world.staff.reply(anna.ticket(), COUNSELLOR, "Take your time", "k1")
    await anna.says("Anna")
    assert anna.answers("intake")["name"] == "Anna", "the question still waits"
    await world.staff.end_form(anna.ticket(), COUNSELLOR)
    await world.settle()
    assert form.BACK in anna.last.text and open_form(world, anna) is None
    with pytest.raises(DeskError, match="not being asked"):
        await world.staff.end_form(anna.ticket(), COUNSELLOR)


async def test_when_the_chat_is_closed_the_bot_goes_on_at_the_same_question(world: World) -> None:
    anna = await asked(world)
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")
    await world.settle()
    await anna.taps("Skip")
    assert "What may we call you?" in anna.last.text
    await anna.says("Anna")
    assert anna.answers("intake")["name"] == "Anna"


async def test_only_who_has_the_chat_and_only_once(world: World) -> None:
    anna = await asked(world)
    with pytest.raises(DeskError, match="asked already"):
        await world.staff.ask_form(anna.ticket(), COUNSELLOR)
    with pytest.raises(DeskError):
        await world.staff.ask_form(anna.ticket(), COUNSELLOR + 1)


async def test_who_wants_no_answers_kept_is_asked_nothing(world: World) -> None:
    anna = await in_talk(world)
    world.change("UPDATE contacts SET consents = ? WHERE id = ?", '{"keep":false}', anna.id)
    heard = len(anna.heard)
    with pytest.raises(DeskError, match="not agreed"):
        await world.staff.ask_form(anna.ticket(), COUNSELLOR)
    await world.settle()
    assert len(anna.heard) == heard
