"""After "Delete everything" nothing that the person said is left, and they are told so."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.base import Retry
from tests.pipeline.world import NOW, Person, World
from tests.support import database

COUNSELLOR = 1
CANARY = "Zylfijekanarina"


async def told_everything(world: World) -> Person:
    """Somebody whose words are in as many tables as can be."""
    anna = await world.person().begins_intake()
    await anna.says(CANARY)
    await anna.begins("plan")
    await anna.taps("Add a step")
    await anna.says(f"ask {CANARY} for the papers")
    await anna.taps("Skip")
    await anna.does(anna.photo(f"my papers {CANARY}"))
    await anna.taps("Talk to a counsellor")
    await anna.says(f"my son {CANARY} is ill")
    ticket = anna.ticket()
    await world.staff.claim(ticket, COUNSELLOR)
    await world.staff.reply(ticket, COUNSELLOR, f"Dear {CANARY}, come tomorrow.", "k1")
    await world.staff.note(ticket, COUNSELLOR, f"{CANARY} has a lawyer")
    await world.staff.close(ticket, COUNSELLOR, "advised")
    await world.settle()
    await world.remind_at(anna, NOW)
    return anna


def found(world: World, words: str) -> list[str]:
    """Every column of every table that holds these words."""
    return [
        f"{table}.{column}" for table, column in database.columns()
        if world.rows(f'SELECT 1 FROM {table} WHERE CAST("{column}" AS TEXT) LIKE ?', f"%{words}%")
    ]


async def forget(anna: Person) -> list[str]:
    await anna.says("my data")
    await anna.taps("Delete everything")
    return [one.text for one in await anna.taps("Yes, delete it")]


async def test_nothing_is_left_and_the_goodbye_is_sent(world: World) -> None:
    anna = await told_everything(world)
    before = found(world, CANARY)
    assert {"messages.text", "notes.text", "plan_steps.what", "runs.answers"} <= set(before), f"a weak test: {before}"
    heard = await forget(anna)
    receipt, stays, goodbye = heard
    assert receipt.startswith("This is deleted:") and "Notes of counsellors: 1" in receipt
    assert stays.startswith("This stays, and why:")
    assert goodbye.startswith("Your data is deleted.") and "messenger are not in our hands" in goodbye
    assert found(world, CANARY) == []
    for table in ("runs", "reminders", "tickets", "notes", "plan_steps", "referrals", "tasks", "consents"):
        assert world.one(f"SELECT count(*) FROM {table} WHERE contact_id = ?", anna.id) == 0, table


async def test_what_was_still_to_be_said_about_them_is_not_said(world: World) -> None:
    """They look at what is kept and delete it before the first answer went out."""
    anna = await told_everything(world)
    await anna.says("my data")
    await anna.taps("Delete everything")
    before = len(anna.heard)
    await world.handle(anna.message("photo of my plan"), anna.tap("Yes, delete it"))
    await world.settle()
    heard = [one.text for one in anna.heard[before:]]
    assert heard[0].startswith("This is deleted:") and len(heard) == 3, heard
    assert found(world, CANARY) == []


async def test_others_are_not_touched(world: World) -> None:
    ben = await world.person("ben").begins_intake()
    await ben.says("Benkanarinus")
    anna = await told_everything(world)
    await forget(anna)
    assert ben.answers("intake")["name"] == "Benkanarinus"
    assert "messages.text" in found(world, "Benkanarinus")


async def test_no_keeps_everything(world: World) -> None:
    anna = await told_everything(world)
    await anna.says("my data")
    await anna.taps("Delete everything")
    await anna.taps("No, keep it")
    assert "messages.text" in found(world, CANARY)


async def test_afterwards_it_is_a_first_contact(world: World) -> None:
    anna = await told_everything(world)
    await forget(anna)
    await anna.says("hello")
    assert "Which language" in anna.last.text or "Hello. This is the chat" in anna.last.text
    await world.turn(days=30)
    assert await world.sweep() == 0


async def test_said_again_in_the_same_batch(world: World) -> None:
    """What comes right behind the deletion is a first contact that can be gone on with."""
    anna = await told_everything(world)
    await anna.says("my data")
    await anna.taps("Delete everything")
    await anna.does(anna.tap("Yes, delete it"), anna.start())
    assert found(world, CANARY) == []
    await anna.taps("English")
    assert "May we keep" in anna.last.text
    assert anna.tasks() == []


async def test_the_same_tap_again_changes_nothing(world: World) -> None:
    """The process died between the commit and the next poll: the deletion comes a second time."""
    anna = await told_everything(world)
    await anna.says("my data")
    await anna.taps("Delete everything")
    yes = anna.tap("Yes, delete it")
    await anna.does(yes)
    before = len(anna.heard)
    await anna.does(yes)
    assert found(world, CANARY) == [] and anna.tasks() == []
    assert len(anna.heard) - before <= 1


async def test_what_waited_to_be_sent_is_not_sent_after_the_goodbye(world: World) -> None:
    anna = await told_everything(world)
    ticket_text = f"Late words to {CANARY}"
    await anna.taps("Talk to a counsellor")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    world.channel.fails("anna", Retry("slow down", seconds=300))
    await world.staff.reply(anna.ticket(), COUNSELLOR, ticket_text, "k2")
    await world.until(lambda: world.one("SELECT count(*) FROM messages WHERE attempts > 0") == 1, "not tried")
    run = world.one("SELECT id FROM runs WHERE conversation = 'rating' OR TRUE ORDER BY touched DESC LIMIT 1")
    assert run
    await world.handle(anna.message("leave"), anna.message("my data"))
    await world.turn(seconds=301)
    await forget(anna)
    assert found(world, CANARY) == []
    await asyncio.sleep(0.01)
    assert anna.texts.index(ticket_text) < len(anna.texts) - 1


async def test_without_consent_answers_are_not_kept_after_the_conversation(world: World) -> None:
    anna = world.person()
    await anna.starts()
    await anna.taps("English")
    await anna.taps("No, do not keep it")
    await anna.begins("plan")
    await anna.says("menu")
    assert "known" not in [place.split(".")[1] for place in found(world, CANARY)]
    await anna.taps("Questions about me")
    await anna.taps("No, do not keep it")
    await anna.says(CANARY)
    assert found(world, CANARY) == ["runs.answers", "messages.text"] or set(found(world, CANARY)) == {
        "runs.answers", "messages.text"}
    assert world.one("SELECT known FROM contacts") == "{}"


@pytest.mark.parametrize("after", ["message", "start"])
async def test_a_counsellor_cannot_reach_into_a_forgotten_chat(world: World, after: str) -> None:
    from storage.desk import DeskError

    anna = await world.person().begins_intake()
    await anna.taps("Talk to a counsellor")
    ticket = anna.ticket()
    await world.staff.claim(ticket, COUNSELLOR)
    await anna.says("leave")
    await forget(anna)
    before = len(anna.heard)
    with pytest.raises(DeskError):
        await world.staff.reply(ticket, COUNSELLOR, "are you there?", "k1")
    assert len(anna.heard) == before
