"""A counsellor takes back what was written: never sent, or gone from the phone, or said plainly to be there still."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Blocked, Permanent, Retry, Unknown
from storage import silence, staff, taking_back
from storage.desk import DeskError
from storage.staff import CounsellorView
from storage.taking_back import Taken
from tests.pipeline.world import WIDE, Person, World

COUNSELLOR = 1
WORDS = "Your appointment is on Monday, Besa."


async def in_talk(world: World) -> tuple[Person, int]:
    anna = await world.person().agrees()
    await anna.says("/human")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    return anna, anna.ticket()


async def writes(world: World, ticket: int, words: str = WORDS) -> int:
    new = await world.staff.reply(ticket, COUNSELLOR, words, f"k{next(world.keys)}")
    assert new is not None
    return new


def me(number: int = COUNSELLOR) -> CounsellorView:
    return CounsellorView(number, "mimoza", "Mimoza", "counsellor", False)


async def takes_back(world: World, ticket: int, message: int, who: CounsellorView | None = None) -> str:
    return await world.staff.take_back(ticket, message, who or me(), False)


async def fate(world: World, message: int) -> Taken | None:
    found = await world.app.store.read(lambda connection: taking_back.taken(connection, [message]))
    return found.get(message)


async def became(world: World, message: int, what: str) -> Taken:
    await world.settle()
    found = await fate(world, message)
    assert found is not None and found.fate == what, found
    [(text, content)] = world.rows("SELECT text, content FROM messages WHERE id = ?", message)
    assert text == "" and content is None, "its words are somebody else's, perhaps"
    return found


async def test_what_was_sent_is_deleted_and_its_words_are_gone(world: World) -> None:
    anna, ticket = await in_talk(world)
    message = await writes(world, ticket)
    await world.settle()
    assert anna.last.text.startswith(WORDS)
    number = f"m{len(world.channel.sent)}"
    assert await takes_back(world, ticket, message) == WORDS
    found = await became(world, message, "deleted")
    assert (found.at, found.by) == (world.clock.now(), world.one("SELECT name FROM counsellors WHERE id = 1"))
    assert world.channel.taken == [number]
    assert world.rows("SELECT action, counsellor_id FROM audit WHERE action = 'take_back'") == [("take_back", 1)]
    with pytest.raises(DeskError, match="has taken this message back already"):
        await takes_back(world, ticket, message)
    assert world.channel.taken == [number] and anna.tasks() == []


async def test_what_waits_is_never_sent_and_what_waits_behind_it_is(world: World) -> None:
    anna, ticket = await in_talk(world)
    world.channel.fails("anna", Retry("slow down", seconds=3600))
    first, second = await writes(world, ticket), await writes(world, ticket, "Good morning.")
    await world.until(lambda: bool(world.one("SELECT count(*) FROM messages WHERE attempts > 0")), "it was not tried")
    await takes_back(world, ticket, first)
    await became(world, first, "unsent")
    assert anna.last.text.startswith("Good morning.") and world.channel.taken == []
    assert WORDS not in "".join(anna.texts) and await fate(world, second) is None


async def test_while_it_is_being_sent_it_is_one_or_the_other(world: World) -> None:
    """It had left: so it is deleted, not said to be unsent."""
    _anna, ticket = await in_talk(world)
    world.channel.gate = asyncio.Event()
    message = await writes(world, ticket)
    await world.until(lambda: message in world.channel.tried, "it was not tried")
    await takes_back(world, ticket, message)
    going = await fate(world, message)
    assert going is not None and going.fate == "going"
    world.channel.gate.set()
    await became(world, message, "deleted")
    assert world.channel.taken == [f"m{len(world.channel.sent)}"]


@pytest.mark.parametrize("when", ["before", "while"])
async def test_where_it_is_not_known_whether_it_arrived_that_is_said(world: World, when: str) -> None:
    anna, ticket = await in_talk(world)
    world.channel.fails("anna", Unknown("no answer"))
    if when == "while":
        world.channel.gate = asyncio.Event()
    message = await writes(world, ticket)
    await world.until(lambda: message in world.channel.tried, "it was not tried")
    if world.channel.gate is None:
        await world.until(lambda: world.one("SELECT attempts FROM messages WHERE id = ?", message) > 0, "no attempt")
    await takes_back(world, ticket, message)
    if world.channel.gate is not None:
        world.channel.gate.set()
    await became(world, message, "perhaps")
    assert anna.tasks() == ["failed"], "somebody writes to her"


@pytest.mark.parametrize("end", [Permanent("refused"), Blocked("Forbidden: bot was blocked by the user")])
async def test_a_doubt_stays_whatever_comes_after_it(world: World, end: Exception) -> None:
    """A try without an answer, then a refusal: it may be there since the first."""
    _anna, ticket = await in_talk(world)
    world.channel.fails("anna", Unknown("no answer"), end)
    message = await writes(world, ticket)
    await world.settle()
    await world.turn(minutes=5)
    [(state, error)] = world.rows("SELECT state, error FROM messages WHERE id = ?", message)
    assert (state, error) == ("failed", f"perhaps it arrived: {end}")
    await takes_back(world, ticket, message)
    await became(world, message, "perhaps")


async def test_where_it_arrived_at_the_second_try_it_may_be_there_twice(world: World) -> None:
    """The first had no answer: only the number of the second is known."""
    anna, ticket = await in_talk(world)
    world.channel.fails("anna", Unknown("no answer"))
    message = await writes(world, ticket)
    await world.settle()
    await world.turn(minutes=5)
    assert anna.last.text.startswith(WORDS)
    await takes_back(world, ticket, message)
    await became(world, message, "twice")
    assert world.channel.taken == [f"m{len(world.channel.sent)}"] and anna.tasks() == ["failed"]


async def test_a_restart_between_tries_on(world: World) -> None:
    _anna, ticket = await in_talk(world)
    message = await writes(world, ticket)
    await world.settle()
    world.channel.outage = lambda: Retry("down")
    await takes_back(world, ticket, message)
    await world.until(lambda: len(world.channel.tried) > len(world.channel.sent), "it was not tried")
    world.channel.outage = None
    await world.restart()
    await world.turn(minutes=1)
    await became(world, message, "deleted")
    assert len(world.channel.taken) == 1


async def test_a_process_that_ended_while_sending_leaves_a_doubt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Perhaps the platform had it: the next process does not say that it was never sent."""
    _, ticket = await in_talk(world)
    world.channel.gate = asyncio.Event()
    message = await writes(world, ticket)
    await world.until(lambda: message in world.channel.tried, "it was not tried")
    await takes_back(world, ticket, message)
    monkeypatch.setattr("bot.deliver.deliver.SENDING_MAY_TAKE", 0.01)
    world.clock.turn(timedelta(seconds=1))
    await world.app.deliver.stop()
    world.channel.gate = None
    await world.restart()
    await became(world, message, "perhaps")


@pytest.mark.parametrize(("case", "said"), [("never", "kept"), ("late", "too_late"), ("blocked", "refused"),
                                            ("refused", "refused")])
async def test_where_it_stays_on_the_phone_that_is_said(world: World, case: str, said: str) -> None:
    anna, ticket = await in_talk(world)
    message = await writes(world, ticket)
    await world.settle()
    if case == "never":
        world.channel.limits = replace(WIDE, takes_away=WIDE.takes_away * 0)
    elif case == "late":
        world.clock.turn(WIDE.takes_away * 1.01)
    elif case == "blocked":
        world.channel.fails("anna", Blocked("Forbidden: bot was blocked by the user"))
    else:
        world.channel.fails("anna", Permanent("Bad Request: message can't be deleted"))
    await takes_back(world, ticket, message)
    await became(world, message, said)
    assert world.channel.taken == []
    assert anna.tasks() == (["failed"] if case in ("late", "refused") else []), "Viber's is said at once"


async def test_what_is_held_for_who_has_not_the_phone_now_never_comes(world: World) -> None:
    anna, ticket = await in_talk(world)
    await world.app.deliver.stop()
    message = await writes(world, ticket)
    world.change("UPDATE messages SET state = 'held' WHERE id = ?", message)
    await world.restart()
    await takes_back(world, ticket, message)
    await became(world, message, "unsent")
    assert WORDS not in "".join(anna.texts)


async def test_an_answer_that_was_taken_back_is_none(world: World) -> None:
    """Nobody is asked, days later, why they have not answered it."""
    _anna, ticket = await in_talk(world)
    message = await writes(world, ticket)
    await world.settle()
    later = world.clock.now() + timedelta(days=9)
    waits = await world.app.store.read(lambda c: silence.silent(c, later, later))
    await takes_back(world, ticket, message)
    assert [one.ticket_id for one in waits] == [ticket]
    assert await world.app.store.read(lambda c: silence.silent(c, later, later)) == []


async def test_who_may(world: World) -> None:
    _anna, ticket = await in_talk(world)
    message = await writes(world, ticket)
    now = world.clock.now()
    other = await world.app.store.write(
        lambda c: staff.add_counsellor(c, "driton", "Driton", "counsellor", "kept in a blue folder", now))
    with pytest.raises(DeskError, match="Only who wrote it"):
        await takes_back(world, ticket, message, me(other))
    of_bot = world.one("SELECT max(id) FROM messages WHERE author = 'bot'")
    for wrong in (of_bot, 10_000):
        with pytest.raises(DeskError, match="not there any more"):
            await takes_back(world, ticket, wrong)
    await world.staff.close(ticket, COUNSELLOR, "advised")
    assert await takes_back(world, ticket, message) == WORDS, "it is noticed when the chat is closed"
    await became(world, message, "deleted")


async def test_two_at_once_are_one(world: World) -> None:
    _anna, ticket = await in_talk(world)
    message = await writes(world, ticket)
    await world.settle()
    both = await asyncio.gather(*(takes_back(world, ticket, message) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one) for one in both if isinstance(one, Exception)) == [DeskError] and WORDS in both
    await became(world, message, "deleted")
    assert len(world.channel.taken) == 1
