"""The end of a case: nothing comes by itself any more, the door is open, and who has died hears nothing ever after."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.receive.arranging import Offer
from bot.receive.passing_on import Proposal
from storage import staff
from storage.closings import REASONS
from storage.desk import DeskError
from tests.pipeline.world import NOW, Person, World


async def mira(world: World) -> int:
    return await world.app.store.write(
        lambda connection: staff.add_counsellor(connection, "mira", "Mira", "counsellor", "kept in a blue folder", NOW))


async def closed(world: World, anna: Person, by: int, why: str, tell: bool = True) -> int:
    """How many messages they had before it was closed."""
    before = len(anna.heard)
    await world.staff.close_case(anna.id, by, why, "", tell)
    await world.settle()
    return before


@pytest.mark.parametrize("why", [one for one in REASONS if one != "died"])
async def test_a_last_word_is_said_and_nothing_comes_by_itself(world: World, why: str) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await world.remind_at(anna, NOW + timedelta(days=7))
    before = await closed(world, anna, by, why)
    assert (len(anna.heard) == before + 1 and "ends" in anna.last.text) or why in ("leaves", "stops")
    said = len(anna.heard)
    for _ in range(10):
        await world.turn(days=40)
        await world.sweep()
    assert len(anna.heard) == said
    await anna.says("menu")
    assert len(anna.heard) > said, "the door is open"
    assert world.one("SELECT count(*) FROM case_closings WHERE reopened_at IS NOT NULL") == 1


async def test_who_has_died_gets_no_message_ever_after_whoever_writes(world: World) -> None:
    """Whatever is tried: the clock, colleagues, and words from their phone."""
    by, anna = await mira(world), await world.person().agrees()
    await world.staff.offer_times(anna.id, by, Offer([NOW + timedelta(days=2)], 60, "Here", ""), "k")
    await world.settle()
    await anna.taps("Talk to a counsellor")
    ticket = anna.ticket()
    await world.staff.claim(ticket, by)
    await world.remind_at(anna, NOW + timedelta(days=7))
    before = await closed(world, anna, by, "died")
    with pytest.raises(DeskError):
        await world.staff.reply(ticket, by, "A word", "r1")
    for attempt in (
        lambda: world.staff.propose_referral(anna.id, by, Proposal("krct", "x"), "k2"),
        lambda: world.staff.offer_times(anna.id, by, Offer([NOW + timedelta(days=3)], 60, "Here", ""), "k3"),
        lambda: world.staff.announce_end(anna.id, by, (NOW + timedelta(days=9)).date()),
    ):
        with pytest.raises(DeskError, match="has died"):
            await attempt()
    for event in (anna.message("hello"), anna.message("I want to kill myself"), anna.tap_data("!danger"),
                  anna.tap_data("!human"), anna.start(), anna.photo("look"), anna.message("stop")):
        await world.handle(event)
    for _ in range(4):
        await world.turn(days=60)
        await world.sweep()
    assert len(anna.heard) == before
    assert world.one("SELECT count(*) FROM messages WHERE author <> 'person' AND state = 'queued'") == 0
    assert world.one("SELECT count(*) FROM tasks WHERE kind = 'care' AND done_at IS NULL") == 1, "a colleague looks"


async def test_what_was_on_its_way_to_who_has_died_does_not_arrive(world: World) -> None:
    from bot.channels.base import Retry

    by, anna = await mira(world), await world.person().agrees()
    world.channel.fails("anna", Retry("slow down", seconds=300))
    await world.handle(anna.message("my data"))
    await world.until(lambda: bool(world.one("SELECT count(*) FROM messages WHERE attempts > 0")), "it was not tried")
    before = len(anna.heard)
    await world.staff.close_case(anna.id, by, "died", "", True)
    await world.turn(seconds=301)
    assert len(anna.heard) == before


async def test_a_mistake_is_undone(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await closed(world, anna, by, "died")
    await world.staff.reopen_case(anna.id, by)
    heard = len(anna.heard)
    await anna.says("hello")
    assert len(anna.heard) > heard
    with pytest.raises(DeskError, match="not closed"):
        await world.staff.reopen_case(anna.id, by)


async def test_without_a_last_word_nothing_is_said(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    before = await closed(world, anna, by, "ended", tell=False)
    assert len(anna.heard) == before


async def test_an_open_chat_comes_first_and_twice_is_once(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await anna.taps("Talk to a counsellor")
    with pytest.raises(DeskError, match="Close it first"):
        await world.staff.close_case(anna.id, by, "goal", "", True)
    await anna.taps("Leave the talk")
    await closed(world, anna, by, "goal")
    with pytest.raises(DeskError, match="closed already"):
        await world.staff.close_case(anna.id, by, "goal", "", True)


async def test_who_answers_why_they_leave_is_not_back_by_that(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await closed(world, anna, by, "leaves")
    assert "nobody holds it against you" in anna.last.text
    for label in ("Family", "No, thank you"):
        await anna.taps(label)
    assert world.rows("SELECT why, why_leaves, reopened_at FROM case_closings") == [("leaves", "family", None)]
    assert world.one("SELECT stopped_at FROM contacts WHERE id = ?", anna.id) is not None


async def test_the_day_of_the_end_is_still_to_come(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    with pytest.raises(DeskError, match="still be to come"):
        await world.staff.announce_end(anna.id, by, NOW.date())


async def test_thanks_and_greetings_after_the_end_open_nothing_and_anything_else_does(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await closed(world, anna, by, "goal")
    for words, said in (("Thank you so much for everything!", "You are welcome"), ("❤️", "You are welcome"),
                        ("hello", "It is good to hear from you")):
        before = len(anna.heard)
        await anna.says(words)
        assert said in anna.last.text and len(anna.heard) == before + 1
    assert anna.tasks() == [] and world.one("SELECT count(*) FROM case_closings WHERE reopened_at IS NULL") == 1
    await anna.says("Thank you, and now I need papers for my son")
    assert "It is good that you write again" in "\n".join(anna.texts) and anna.tasks() == ["call_back"]
    await closed(world, anna, by, "ended")
    await anna.says("thanks, my husband beats me")
    assert "112" in anna.last.text and world.one("SELECT count(*) FROM case_closings WHERE reopened_at IS NULL") == 0


async def test_thanks_after_a_talk_open_no_new_one(world: World) -> None:
    by, anna = await mira(world), await world.person().agrees()
    await anna.taps("Talk to a counsellor")
    ticket = anna.ticket()
    await world.staff.claim(ticket, by)
    await world.staff.close(ticket, by, "advised")
    await world.settle()
    for words in ("thank you", "Thanks a lot for your help", "🙏"):
        await anna.says(words)
        assert "You are welcome" in anna.last.text
    assert world.one("SELECT state FROM tickets") == "closed"
    await anna.taps("Yes")
    await anna.says("menu")
    assert world.one("SELECT rating FROM tickets") == "yes"
