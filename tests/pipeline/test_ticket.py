"""While a counsellor has the chat the bot is silent; what keeps people safe and free still answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.pipeline.world import Person, World, moment

COUNSELLOR = 1
"""The first account of a new installation."""


async def with_ticket(world: World) -> Person:
    anna = await world.person().begins_intake()
    await anna.taps("Talk to a counsellor")
    assert world.one("SELECT state FROM tickets") == "waiting"
    return anna


async def test_the_bot_is_silent_and_counts_what_is_unread(world: World) -> None:
    anna = await with_ticket(world)
    assert await anna.says("Agon") == []
    assert await anna.does(anna.photo()) == []
    assert await anna.taps("Skip") == []
    assert await anna.says("menu") == []
    assert await anna.starts() == []
    assert world.one("SELECT unread FROM tickets") == 5
    assert anna.answers("intake").get("name") is None
    assert world.one("SELECT count(*) FROM messages WHERE text = 'Agon'") == 1


@pytest.mark.parametrize("words", ["I want to kill myself", "dua te vdes", "ich will sterben", "hoću da se ubijem"])
async def test_the_gate_still_answers(world: World, words: str) -> None:
    anna = await with_ticket(world)
    heard = await anna.says(words)
    assert "112" in heard[0].text
    assert world.one("SELECT urgent FROM tickets") == 1
    assert world.one("SELECT count(*) FROM tickets") == 1


async def test_a_gate_that_fails_calls_a_human_as_urgently(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await world.person().begins_intake()

    def careless(text: str) -> None:
        raise KeyError(text)

    monkeypatch.setattr("bot.routing.check", careless)
    heard = await anna.says("Agon")
    assert "112" in heard[0].text
    assert world.rows("SELECT state, urgent, area FROM tickets") == [("waiting", 1, "psychosocial")]


async def test_help_now_still_answers(world: World) -> None:
    anna = await with_ticket(world)
    heard = await anna.taps("I need help now")
    assert "112" in heard[0].text
    assert world.one("SELECT urgent FROM tickets") == 1


async def test_stop_still_works(world: World) -> None:
    anna = await with_ticket(world)
    heard = await anna.says("stop")
    assert "We will not write to you by ourselves" in heard[0].text
    assert world.one("SELECT stopped_at IS NOT NULL FROM contacts") == 1


@pytest.mark.parametrize("how", ["leave", "button"])
async def test_leaving_brings_the_same_question_back(world: World, how: str) -> None:
    anna = await with_ticket(world)
    heard = await (anna.says("leave") if how == "leave" else anna.taps("Leave the talk"))
    assert world.rows("SELECT state, closed_by FROM tickets") == [("closed", "person")]
    assert "What may we call you?" in heard[-1].text
    await anna.says("Agon")
    assert anna.answers("intake")["name"] == "Agon"


async def test_closed_then_the_rating_then_the_same_question(world: World) -> None:
    anna = await with_ticket(world)
    ticket = anna.ticket()
    await world.staff.claim(ticket, COUNSELLOR)
    await world.staff.reply(ticket, COUNSELLOR, "Good morning, what is it about?", "k1")
    await world.settle()
    assert anna.last.text == "Good morning, what is it about?"
    await anna.says("about papers")
    before = len(anna.heard)
    await world.staff.close(ticket, COUNSELLOR, "advised")
    await world.settle()
    assert [one.text for one in anna.heard[before:]] == ["Our talk is finished for now. Did it help you?"]
    heard = await anna.taps("A little")
    assert world.one("SELECT rating FROM tickets") == "partly"
    assert "What may we call you?" in heard[-1].text
    assert anna.awaits() == ("intake", "name")
    await anna.says("Agon")
    assert anna.answers("intake")["name"] == "Agon"


async def test_an_answer_instead_of_the_rating_does_not_lose_the_question(world: World) -> None:
    anna = await with_ticket(world)
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")
    await world.settle()
    heard = await anna.taps("Skip")
    assert "What may we call you?" in heard[-1].text


async def test_a_reply_with_the_same_key_is_one_reply(world: World) -> None:
    anna = await with_ticket(world)
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    before = len(anna.heard)
    for _ in range(2):
        await world.staff.reply(anna.ticket(), COUNSELLOR, "once", "k1")
    await world.settle()
    assert [one.text for one in anna.heard[before:]] == ["once"]


async def test_a_ticket_in_the_same_batch_silences_what_follows(world: World) -> None:
    """A person who asks for somebody and goes on writing at once: what follows is for the counsellor."""
    anna = await world.person().begins_intake()
    await anna.does(anna.tap("Talk to a counsellor"), anna.message("it is about my son"))
    assert anna.answers("intake").get("name") is None
    assert world.one("SELECT unread FROM tickets") == 1


async def test_two_who_ask_at_once_get_a_ticket_each(world: World) -> None:
    anna, ben = await world.person("anna").agrees(), await world.person("ben").agrees()
    await world.handle(anna.tap("Talk to a counsellor"), ben.tap("Talk to a counsellor"), anna.message("a"))
    await world.settle()
    assert world.rows("SELECT contact_id, unread FROM tickets ORDER BY contact_id") == [(anna.id, 1), (ben.id, 0)]


async def test_waiting_ends_with_our_word_and_begins_with_theirs(world: World) -> None:
    anna = await world.person().agrees()
    await anna.taps("Talk to a counsellor")
    ticket, asked = anna.ticket(), world.clock.now()

    def since() -> datetime | None:
        stored = world.one("SELECT waiting_since FROM tickets WHERE id = ?", ticket)
        return moment(stored) if stored is not None else None

    await world.turn(minutes=10)
    await anna.says("Is somebody there?")
    await world.staff.claim(ticket, COUNSELLOR)
    assert since() == asked, "taking it is no answer"
    await world.staff.reply(ticket, COUNSELLOR, "Good morning", "k1")
    assert since() is None
    await world.turn(hours=1)
    again = world.clock.now()
    await anna.says("One question")
    await world.turn(minutes=5)
    await anna.says("Are you there?")
    assert since() == again
    await world.staff.note(ticket, COUNSELLOR, "She is in a hurry")
    assert since() == again, "a note is no word to the person"
    await world.staff.close(ticket, COUNSELLOR, "advised")
    assert since() is None


async def test_danger_and_leaving_at_once_stay_urgent(world: World) -> None:
    """Both taps come in one batch: the chat that they leave is still known to have been urgent."""
    anna = await with_ticket(world)
    await anna.does(anna.tap_data("!danger"), anna.tap_data("!leave"))
    [(state, urgent)] = world.rows("SELECT state, urgent FROM tickets")
    assert (state, bool(urgent)) == ("closed", True)
    assert "care" in anna.tasks()


async def test_an_old_button_that_says_nothing_new_shows_its_question_again(world: World) -> None:
    """The rating is asked; the button of an earlier answer takes the person back, and they see what is asked there."""
    anna = world.person()
    await anna.starts()
    again = anna.tap("English")
    await anna.taps("English")
    await anna.does(anna.tap_data("!human"))
    [[mira]] = world.rows("SELECT id FROM counsellors ORDER BY id LIMIT 1")
    await world.staff.claim(1, mira)
    await world.staff.close(1, mira, "advised")
    heard = await anna.does(replace(again, key="tapped again"))
    assert "Yes, keep it" in [one.label for one in heard[-1].buttons]
