"""A chat in its topic, over real HTTP: what is shown, who answers, and what reaches the person."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.receive.moves import Moves
from storage import staff
from storage.prepared import _Ready
from tests.group.team import Team, said, to_person


async def test_a_ticket_has_a_topic_with_a_card_and_what_was_said_before(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    first, before = topic.messages
    assert not first.quiet and before.quiet
    assert "Asked for a person" in first.text and "https://bot.example.org/console/tickets/" in first.text
    assert before.open_text == "Said before, with the bot\n" and "Person: /human" in before.text
    await anna.says("I lost my papers")
    await team.settle()
    last = topic.messages[-1]
    assert last.text == "Person\nI lost my papers" and last.open_text == "Person\n" and not last.quiet


async def test_the_first_answer_claims_and_reaches_the_person_once(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    await team.writes(team.mimoza, "Hello Anna, I am here for you.", topic)
    assert [one for one in to_person(anna.new()) if "Hello" in one] == ["Hello Anna, I am here for you."]
    assert (await team.town.ticket(anna))["counsellor_id"] == team.counsellor
    assert sum("Hello Anna" in one for one in said(topic)) == 1, "it stands where it was typed"
    assert any("Mimoza took the chat" in one for one in said(topic))
    await team.writes(team.driton, "I am here too, Anna.", topic)
    assert to_person(anna.new()) == []
    assert any(one == "Mimoza has this chat. Nothing was sent." for one in said(topic))


async def test_what_a_stranger_writes_goes_nowhere_and_says_so(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    posted = await team.writes(team.stranger, "Hello Anna", topic)
    await team.town.fake.waits_for(lambda _: topic.messages[-1].answers == posted.id)
    assert "did not go to the person" in topic.messages[-1].text
    assert to_person(anna.new()) == []
    assert (await team.town.ticket(anna))["state"] == "waiting"


async def test_a_stranger_who_writes_on_is_told_once_a_minute(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    for number in range(5):
        await team.writes(team.stranger, f"Spam {number}", topic)
    team.town.clock.turn(timedelta(minutes=1))
    posted = await team.writes(team.stranger, "Spam again", topic)
    await team.town.fake.waits_for(lambda _: topic.messages[-1].answers == posted.id)
    assert sum("did not go to the person" in one for one in said(topic)) == 2


async def test_what_becomes_urgent_is_told_with_a_sound(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await anna.says("I want to kill myself")
    await team.settle()
    [urgent] = [one for one in topic.messages if "This chat is urgent." in one.text]
    assert not urgent.quiet
    assert team.forum.topics[topic.id].name == f"Chat {(await team.town.ticket(anna))['id']} · General · urgent"
    await anna.says("I want to kill myself")
    await team.settle()
    assert sum("This chat is urgent." in one for one in said(topic)) == 1


async def test_a_topic_is_called_by_the_area_that_its_chat_is_in_now(team: Team) -> None:
    anna = await team.person()
    topic, ticket = await team.topic_of(anna), (await team.town.ticket(anna))["id"]
    moves = Moves(team.town.app.store, team.town.clock)
    me = next(one for one in await team.town.app.store.read(staff.list_counsellors) if one.id == team.counsellor)
    await team.town.desk.claim(ticket, me.id)
    await moves.hand_to_area(ticket, me, me.id, "employment", "He knows more of it")
    await team.settle()
    assert team.forum.topics[topic.id].name == f"Chat {ticket} · Employment"
    assert len(team.forum.topics) == 1, "it is the same topic"
    team.forum.topics[topic.id].name = "Mimoza's own name for it"
    await anna.says("And another word")
    await team.settle()
    assert team.forum.topics[topic.id].name == "Mimoza's own name for it", "what the team calls it stays"


async def test_the_group_has_commands_of_its_own(team: Team) -> None:
    await team.town.fake.waits_for(lambda fake: f"chat {team.forum.id}" in fake.commands)
    listed = [one["command"] for one in team.town.fake.commands[f"chat {team.forum.id}"]]
    assert listed == ["note", "take", "transfer", "close", "card", "send", "back", "help"]
    assert "human" in [one["command"] for one in team.town.fake.commands["en"]], "people have theirs"


async def test_a_turn_asks_nothing_for_the_group(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement about the group is among those of what a person does in a talk; the follower asks by itself."""
    anna = await team.person()
    await team.topic_of(anna)
    assert team.town.app.group is not None
    await team.town.app.group.stop()
    written: list[str] = []
    run = _Ready.run

    def note(*given: Any) -> None:
        if threading.current_thread().name == "writer":
            written.append(given[2])

    def prepared(ready: _Ready, *given: Any) -> Any:
        note(None, None, ready.text)
        return run(ready, *given)

    monkeypatch.setattr(_Ready, "run", prepared)
    event.listen(team.town.app.store.engine, "before_cursor_execute", note)
    await anna.says("What do I need?")
    assert any("messages" in one for one in written)
    assert not any("staff_" in one for one in written)
    await team.town.app.group.start()
    await team.settle()
    assert any("staff_posts" in one for one in written)
