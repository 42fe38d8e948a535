"""What a colleague can do in a topic beside answering: as in the console, by the same functions."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from storage import canned, desk
from storage.tables import Note, TicketMove
from tests.fakes.telegram_forum import Posted, Topic
from tests.group.team import Team, said, to_person


async def answer_to(team: Team, posted: Posted, topic: Topic) -> str:
    """What the bot says about a message."""
    await team.town.fake.waits_for(lambda _: any(one.answers == posted.id for one in topic.messages))
    return next(one.text for one in topic.messages if one.answers == posted.id)


async def test_a_note_is_for_colleagues_and_stands_there_once(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    await team.writes(team.driton, "/note Call her brother first", topic)
    team.town.fake.redeliver()
    await team.settle()
    notes = await team.town.app.store.read(lambda c: c.execute(select(Note.text, Note.contact_id)).all())
    assert [one.text for one in notes] == ["Call her brother first"]
    assert [one for one in said(topic) if "brother" in one] == ["/note Call her brother first"]
    assert to_person(anna.new()) == []
    ticket = (await team.town.ticket(anna))["id"]
    await team.town.desk.note(ticket, team.counsellor, "From the console")
    await team.settle()
    assert said(topic)[-1] == "Note by Mimoza\nFrom the console" and topic.messages[-1].quiet


async def test_taking_over_and_handing_on(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await team.writes(team.mimoza, "/take", topic)
    await team.writes(team.driton, "/take", topic)
    assert "Driton took the chat over" in said(topic)[-1]
    asked = await team.writes(team.driton, "/transfer", topic)
    offered = await answer_to(team, asked, topic)
    assert f"/transfer_{team.counsellor} Mimoza" in offered and "/transfer_employment Employment" in offered
    unsaid = await team.writes(team.driton, f"/transfer_{team.counsellor}", topic)
    assert "Say why" in await answer_to(team, unsaid, topic)
    await team.writes(team.driton, "/transfer Mimoza She knows Anna", topic)
    assert said(topic)[-1] == "Driton handed the chat to Mimoza\nShe knows Anna" and not topic.messages[-1].quiet
    refused = await team.writes(team.driton, "/transfer_employment It is about work", topic)
    assert "Mimoza has this chat now" in await answer_to(team, refused, topic)
    await team.writes(team.mimoza, "/transfer_employment@fake_bot It is about work", topic)
    ticket = await team.town.ticket(anna)
    assert (ticket["state"], ticket["area"], ticket["counsellor_id"]) == ("waiting", "employment", None)


async def test_closing_closes_the_topic_and_writing_again_opens_it(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    refused = await team.writes(team.mimoza, "/close_advised", topic)
    assert "Claim this chat first" in await answer_to(team, refused, topic)
    await team.writes(team.mimoza, "/take", topic)
    asked = await team.writes(team.mimoza, "/close", topic)
    assert "/close_advised Advised" in await answer_to(team, asked, topic)
    await team.writes(team.mimoza, "/close_advised She knows where to go", topic)
    ticket = await team.town.ticket(anna)
    assert (ticket["state"], ticket["outcome"]) == ("closed", "advised")
    assert topic.is_closed and any("She knows where to go" in one for one in said(topic))
    shown = len(topic.messages)
    await anna.says("One more thing, please: I want to talk to a person")
    await team.settle()
    assert (await team.town.ticket(anna))["id"] == ticket["id"]
    assert not topic.is_closed and "One more thing" in "\n".join(said(topic)[shown:])


async def test_words_that_look_wrong_are_asked_about(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    german = await team.writes(team.mimoza, "Wir haben das für Sie und Ihre Kinder.", topic)
    assert "looks like German" in await answer_to(team, german, topic)
    assert topic.messages[-1].open_text == "Not sent yet.\n"
    assert to_person(anna.new()) == [] and (await team.town.ticket(anna))["state"] == "waiting"
    others = await team.writes(team.driton, "/send", topic, answers=german)
    assert "your own" in await answer_to(team, others, topic)
    await team.writes(team.mimoza, "/send", topic, answers=german)
    await team.writes(team.mimoza, "/send", topic, answers=german)
    assert [one for one in to_person(anna.new()) if "Kinder" in one] == ["Wir haben das für Sie und Ihre Kinder."]
    assert sum("Kinder" in one for one in said(topic)) == 1


async def test_an_edit_goes_out_as_new_words_and_mends_what_was_not_sent(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    posted = await team.writes(team.mimoza, "Come at nine", topic)
    team.mimoza.edits(posted, "Come at ten", topic)
    await team.settle()
    assert to_person(anna.new())[-2:] == ["Come at nine", "✎ Come at ten"]
    assert said(topic)[-1] == "Mimoza\n✎ Come at ten"
    wrong = await team.writes(team.mimoza, "Wir haben das für Sie und Ihre Kinder.", topic)
    team.mimoza.edits(wrong, "We have it for you and your children.", topic)
    await team.settle()
    assert to_person(anna.new()) == ["We have it for you and your children."]


async def test_an_answer_that_is_given_often(team: Team) -> None:
    now = team.town.clock.now()
    texts = {"en": "Hello {name}, this is {counsellor}.", "de": "Guten Tag {name}."}
    await team.town.app.store.write(lambda c: canned.add(c, "greeting", texts, now))
    anna = await team.person()
    topic = await team.topic_of(anna)
    query = team.mimoza.asks("greet en")
    await team.town.fake.waits_for(lambda fake: query in fake.offered)
    [found] = team.town.fake.offered[query]
    assert found["title"] == "greeting (en)"
    text = found["input_message_content"]["message_text"]
    assert text == "Hello {name}, this is Mimoza."
    await team.writes(team.mimoza, text, topic, via_bot={"id": 4242, "is_bot": True, "first_name": "Fake"})
    assert to_person(anna.new())[-1] == "Hello , this is Mimoza.", "she has not told her name"
    await team.town.fake.waits_for(lambda fake: fake.offered.get(team.stranger.asks("greet", "q2")) is not None)
    assert team.town.fake.offered["q2"] == []


async def test_the_card_help_and_what_is_no_command(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    card = await team.writes(team.mimoza, "/card", topic)
    assert "Waiting" in await answer_to(team, card, topic)
    assert "Waiting" not in topic.messages[-1].open_text, "who somebody is stands in no notification"
    for text, says in (("/help", "/transfer"), ("/nonsense", "no such command"), ("/note", "Write something first")):
        posted = await team.writes(team.mimoza, text, topic)
        assert says in await answer_to(team, posted, topic)
    await team.writes(team.mimoza, "What a day!", topic=None)
    assert to_person(anna.new()) == []


async def test_who_writes_as_the_group_is_nobody(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    posted = await team.writes(team.mimoza, "Hello", topic, sender_chat={"id": team.forum.id, "type": "supergroup"})
    assert "cannot be known" in await answer_to(team, posted, topic)
    assert to_person(anna.new()) == []


async def test_what_did_not_arrive_is_told(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await team.writes(team.mimoza, "/take", topic)
    anna.person.deactivated = True
    await team.writes(team.mimoza, "Are you there?", topic)
    await team.town.fake.waits_for(lambda _: any("Not delivered" in one for one in said(topic)))
    refused = await team.writes(team.mimoza, "Hello?", topic)
    assert "cannot be reached" in await answer_to(team, refused, topic)


async def test_the_history_in_the_console_names_who_did_it(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await team.writes(team.driton, "I am Driton.", topic)
    moves = await team.town.app.store.read(lambda c: c.execute(select(TicketMove.kind, TicketMove.by_id)).all())
    assert [one.kind for one in moves] == ["claim"] and moves[0].by_id != team.counsellor
    ticket = (await team.town.ticket(anna))["id"]
    view = await team.town.app.store.read(lambda c: desk.ticket(c, ticket))
    assert view is not None and view.assignee == "Driton"


async def test_what_was_written_is_taken_back_there_and_on_the_phone(team: Team) -> None:
    """Also with the words that it got later, and what came from the console."""
    anna = await team.person()
    topic = await team.topic_of(anna)
    posted = await team.writes(team.mimoza, "Come at nine, Besa", topic)
    team.mimoza.edits(posted, "Come at ten, Besa", topic)
    await team.settle()
    ticket = (await team.town.ticket(anna))["id"]
    await team.town.desk.reply(ticket, team.counsellor, "From the console, Besa", "k1")
    await team.settle()
    from_console = topic.messages[-1]
    refused = await team.writes(team.driton, "/back", topic, answers=posted)
    assert "Only who wrote it" in await answer_to(team, refused, topic)
    assert any("Besa" in one.text for one in anna.person.messages)
    await team.writes(team.mimoza, "/back", topic, answers=posted)
    await team.writes(team.mimoza, "/back", topic, answers=from_console)
    assert [one.text for one in anna.person.messages if "Besa" in one.text] == []
    assert [one for one in said(topic) if "Besa" in one] == []
    assert said(topic).count("Mimoza has taken back a message to the person.") == 3
    nothing = await team.writes(team.mimoza, "/back", topic, answers=posted)
    assert "taken back already" in await answer_to(team, nothing, topic)
    wrong = await team.writes(team.mimoza, "/back", topic)
    assert "Answer the message" in await answer_to(team, wrong, topic)


async def test_what_stays_with_the_person_is_told(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    posted = await team.writes(team.mimoza, "Come at nine, Besa", topic)
    team.town.clock.turn(timedelta(days=3))
    await team.writes(team.mimoza, "/back", topic, answers=posted)
    assert "The person still has it: Telegram deletes only what is younger than two days." in said(topic)[-1]
    assert any("Besa" in one.text for one in anna.person.messages)
