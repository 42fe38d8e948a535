"""Discreet: what nobody asked for tells nothing, and comes in the hours that are safe; the chat can be hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.base import Limits, Retry
from bot.channels.telegram import Telegram
from bot.channels.viber import Viber
from bot.channels.web_chat import WebChat
from bot.receive.discreet import FIRST_LINE, HOURS, taken_away
from storage.desk import DeskError
from tests.pipeline.world import NOW, Person, World

COUNSELLOR = 1
LABELS = {"morning": "9:00 to 12:00", "afternoon": "12:00 to 16:00", "evening": "16:00 to 19:00",
          "late": "19:00 to 22:00"}
ZONE = ZoneInfo("Europe/Belgrade")


async def is_discreet(anna: Person, hours: str = "late") -> Person:
    await anna.agrees()
    await anna.says("my data")
    for label in ("Discreet mode", "Switch it on", "Yes, without a sound", LABELS[hours]):
        await anna.taps(label)
    return anna


async def in_talk(world: World, anna: Person) -> int:
    await anna.says("/human")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    return anna.ticket()


# --------------------------------------------------------- what a channel lets us do


@pytest.mark.parametrize(("limits", "goes", "covers"), [
    (Telegram.limits, "two_days", True), (WebChat.limits, "all", False), (Viber.limits, "nothing", False),
])
def test_what_can_be_taken_away_is_said_as_the_channel_has_it(limits: Limits, goes: str, covers: bool) -> None:
    assert (taken_away(limits), limits.covers) == (goes, covers)


# ------------------------------------------------------------------------ hours


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(LABELS)), st.integers(0, 71))
async def test_nothing_of_ours_arrives_outside_the_safe_hours(world: World, hours: str, due_in: int) -> None:
    """Whenever a question is due: it comes in these hours, within a day, and says nothing by itself."""
    anna = await is_discreet(world.person(f"anna-{len(world.people)}"), hours)
    opens, closes = HOURS[hours] or (0, 0)
    await world.remind_at(anna, world.clock.now() + timedelta(hours=due_in))
    before = len(anna.heard)
    for _ in range(due_in + 26):
        await world.turn(hours=1)
        await world.sweep()
        if len(anna.heard) > before:
            break
    assert opens <= world.clock.now().astimezone(ZONE).hour < closes
    assert anna.last.text.startswith(f"{FIRST_LINE}\n\n") and anna.last.veiled and anna.last.quiet
    labels = ["Go on", "Not now", "Ask me less", "Menu", "Contact", "Assistance"]
    assert [one.label for one in anna.last.buttons] == labels


async def test_a_counsellor_is_held_to_the_hours_too(world: World) -> None:
    anna = await is_discreet(world.person())
    ticket = await in_talk(world, anna)
    await world.staff.reply(ticket, COUNSELLOR, "at once: they are writing right now", "k1")
    await world.settle()
    await world.turn(hours=2)
    heard = len(anna.heard)
    with pytest.raises(DeskError, match="only from 19:00 to 22:00"):
        await world.staff.reply(ticket, COUNSELLOR, "too early", "k2")
    assert world.one("SELECT count(*) FROM messages WHERE text LIKE '%too early%'") == 0
    await world.turn(hours=8)
    await world.staff.reply(ticket, COUNSELLOR, "The office has your papers.", "k3")
    await world.settle()
    assert len(anna.heard) == heard + 1
    assert anna.last.text.startswith(f"{FIRST_LINE}\n\n") and anna.last.veiled and anna.last.quiet


async def test_the_end_of_a_talk_asks_nothing_when_it_is_not_safe(world: World) -> None:
    anna = await is_discreet(world.person())
    ticket = await in_talk(world, anna)
    await world.turn(hours=2)
    heard = len(anna.heard)
    await world.staff.close(ticket, COUNSELLOR, "advised")
    await world.settle()
    assert len(anna.heard) == heard
    await anna.says("hello")
    assert "What would you like to do?" in anna.last.text


async def test_answers_to_the_person_are_as_ever(world: World) -> None:
    anna = await is_discreet(world.person())
    await anna.says("menu")
    assert not anna.last.veiled and not anna.last.quiet and "What would you like to do?" in anna.last.text


# ------------------------------------------------------------------------- hiding


async def test_everything_before_goes_with_the_neutral_line(world: World) -> None:
    anna = await world.person().agrees()
    said = [f"m{number}" for number in range(1, len(world.channel.sent) + 1)]
    await anna.does(replace(anna.message("a word"), external_id="p1"))
    said += [f"m{len(world.channel.sent)}", "p1"]
    await anna.does(replace(anna.message("/hide"), external_id="p2"))
    done = world.channel.sent[-1]
    assert done.message.hides and done.message.text == "Done."
    assert set(done.hides) == {*said, "p2"}


async def test_what_was_on_its_way_before_goes_too(world: World) -> None:
    """The neutral line waits for it: nothing arrives behind it that it should have taken away."""
    anna = await world.person().agrees()
    world.channel.fails("anna", Retry("slow down", seconds=60))
    await world.handle(anna.message("menu"))
    await world.until(lambda: bool(world.one("SELECT count(*) FROM messages WHERE attempts > 0")), "it was not tried")
    await world.handle(anna.message("/hide"))
    await world.turn(seconds=61)
    late, done = world.channel.sent[-2:]
    assert "What would you like to do?" in late.message.text and done.message.text == "Done."
    assert f"m{len(world.channel.sent) - 1}" in done.hides


async def test_what_is_older_than_two_days_cannot_go(world: World) -> None:
    anna = await world.person().agrees()
    old = len(world.channel.sent)
    await world.turn(hours=48)
    await anna.says("menu")
    await anna.says("/hide")
    assert world.channel.sent[-1].hides == (f"m{old + 1}",)


async def test_others_are_not_touched(world: World) -> None:
    await world.person("ben").agrees()
    anna = await world.person().agrees()
    await anna.says("/hide")
    bens = {f"m{number}" for number, one in enumerate(world.channel.sent, 1) if one.address == "ben"}
    assert bens and not bens & set(world.channel.sent[-1].hides)


async def test_the_next_word_answers_nothing_that_cannot_be_seen(world: World) -> None:
    anna = await world.person().begins_intake()
    await anna.says("/hide")
    await anna.says("hello there")
    assert "What may we call you?" in anna.last.text
    assert "name" not in anna.answers("intake")


async def test_a_counsellor_writes_covered_until_the_person_is_back(world: World) -> None:
    """Somebody has just come: the next words of ours say nothing by themselves."""
    anna = await world.person().agrees()
    ticket = await in_talk(world, anna)
    await anna.says("/hide")
    await world.staff.reply(ticket, COUNSELLOR, "The office has your papers.", "k1")
    await world.settle()
    assert anna.last.text.startswith(f"{FIRST_LINE}\n\n") and anna.last.veiled and anna.last.quiet
    assert [one.label for one in anna.last.buttons] == ["Close", "Assistance"]
    await anna.says("I am alone again")
    await world.staff.reply(ticket, COUNSELLOR, "Good.", "k2")
    await world.settle()
    assert anna.last.text == "Good." and not anna.last.veiled and not anna.last.quiet


async def test_in_a_talk_it_hides_and_the_counsellor_is_not_told_it_as_words(world: World) -> None:
    anna = await world.person().agrees()
    await world.remind_at(anna, NOW + timedelta(days=300))
    await in_talk(world, anna)
    await anna.says("/hide")
    assert anna.last.text == "Done." and [one.label for one in anna.last.buttons] == ["Close", "Assistance"]
    assert world.one("SELECT unread FROM tickets WHERE state != 'closed'") == 0
