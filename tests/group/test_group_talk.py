"""A chat in its topic, over real HTTP: what is shown, who answers, and what reaches the person."""

from __future__ import annotations

from tests.group.team import Team, said, to_person


async def test_a_ticket_has_a_topic_with_a_card_and_what_was_said_before(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    [first, *_] = topic.messages
    assert "Asked for a person" in first.text and "https://bot.example.org/console/tickets/" in first.text
    assert any("Before" in one.text or "Said before" in one.text for one in topic.messages)
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
    assert any("Mimoza has this chat" in one for one in said(topic))


async def test_what_a_stranger_writes_goes_nowhere_and_says_so(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    posted = await team.writes(team.stranger, "Hello Anna", topic)
    await team.town.fake.waits_for(lambda _: topic.messages[-1].answers == posted.id)
    assert "did not go to the person" in topic.messages[-1].text
    assert to_person(anna.new()) == []
    assert (await team.town.ticket(anna))["state"] == "waiting"
