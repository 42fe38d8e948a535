"""Photos, voice and papers both ways, and answers to one message."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from storage import media, staff_group
from storage.tables import Message
from tests.group.team import Team, said
from tests.group.test_group_commands import answer_to

VOICE, PAPER, PICTURE = b"OggS" + b"\0" * 40, b"%PDF-1.4 invented", b"\x89PNG\r\n\x1a\n" + b"\0" * 30


async def test_what_a_person_sends_is_shown_covered(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.person.sends_photo("my papers")
    await team.settle()
    photo = topic.messages[-1]
    assert photo.file == ("photo", "photo-1280") and photo.text == "Person\nPhoto\nmy papers"
    assert photo.open_text == "Person\n" and not photo.quiet
    [call] = team.town.fake.called("sendPhoto")
    assert call.parameters["has_spoiler"] is True
    team.town.fake.files |= {"voice-file": VOICE, "document-file": PAPER}
    anna.person.sends_voice()
    anna.person.sends_document("certificate.pdf")
    anna.person.sends_location()
    await team.settle()
    assert [one.file for one in topic.messages[-3:-1]] == [("voice", "voice-file"), ("document", "document-file")]
    assert "openstreetmap.org" in said(topic)[-1] and "openstreetmap" not in topic.messages[-1].open_text


async def test_a_file_that_telegram_does_not_take_again_is_in_the_console(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.person.sends_voice()
    await team.settle()
    assert said(topic)[-1] == "Person\nIt cannot be shown here: look in the console."


async def test_what_a_colleague_sends_reaches_the_person_and_is_kept(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    team.town.fake.files["photo-1280"] = b"\x89PNG\r\n\x1a\n invented"
    team.mimoza.sends_photo(topic, "This is the house")
    await team.settle()
    [shown] = anna.new()
    assert (shown.file, shown.text) == (("photo", "photo-1280"), "This is the house") and shown.buttons
    assert (await team.town.ticket(anna))["counsellor_id"] == team.counsellor
    assert sum("house" in one for one in said(topic)) == 1

    def kept(connection: object) -> media.File | None:
        return media.load(connection, newest)

    newest = (await team.town.outgoing(anna))[-1]["id"]
    while await team.town.app.store.read(kept) is None:
        await team.town.app.fetch.look()
    found = await team.town.app.store.read(kept)
    assert found is not None and found.content.endswith(b"invented")
    team.forum.deletes(topic)
    await anna.says("Thank you")
    again = await team.topic_of(anna)
    assert [one.file for one in again.messages if "house" in one.text] == [("photo", "photo-1280")]


async def test_a_file_without_words_and_one_that_cannot_go(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    team.town.fake.files["photo-1280"] = b"x"
    team.mimoza.sends_photo(topic)
    await team.settle()
    assert [(one.file, one.text) for one in anna.new()] == [(("photo", "photo-1280"), "")]
    sticker = {"sticker": {"file_id": "s", "file_unique_id": "s", "emoji": "👍"}}
    posted = await team.writes(team.mimoza, "", topic, **sticker)
    assert "does not go to people" in await answer_to(team, posted, topic)


async def test_answers_to_one_message_go_both_ways(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await anna.says("Which papers do I need?")
    await team.settle()
    asked = topic.messages[-1]
    await anna.says("And when?")
    await team.settle()
    await team.writes(team.mimoza, "Your passport and a photo.", topic, answers=asked)
    mine = anna.person.messages[-1]
    assert mine.text == "Your passport and a photo."
    question = next(one["external_id"] for one in await team.town.rows(Message, anna) if "Which papers" in one["text"])
    assert mine.answers == int(question)
    typed = next(one for one in topic.messages if one.text == "Your passport and a photo.")
    anna.person.says("I have none", reply_to=mine)
    await team.settle()
    assert said(topic)[-1] == "Person\nI have none" and topic.messages[-1].answers == typed.id


async def test_what_a_person_changes_comes_under_what_it_was(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await anna.says("At nine")
    await team.settle()
    first, sent = topic.messages[-1], (await team.town.rows(Message, anna))[-1]["external_id"]
    team.town.fake.push({"edited_message": {
        "message_id": int(sent), "from": anna.person.as_user(), "chat": anna.person.as_chat(), "date": 1,
        "edit_date": 2, "text": "At ten"}})
    await team.settle()
    assert said(topic)[-1] == "Person, in other words\nAt ten" and topic.messages[-1].answers == first.id


async def test_what_came_by_another_app_follows_once_it_is_kept(team: Team) -> None:
    """Where the centre shows those people's words too."""
    group = team.town.app.group
    assert group is not None
    group.follower.jobs.settings = replace(group.follower.settings, telegram_staff_group_shows="all")
    anna = await team.person()
    topic = await team.topic_of(anna)
    await group.stop()
    team.town.fake.files["photo-1280"] = PICTURE
    anna.person.sends_photo("my house")
    await team.town.settle()
    newest = (await team.town.rows(Message, anna))[-1]["id"]
    while await team.town.app.store.read(lambda c: media.load(c, newest)) is None:
        await team.town.app.fetch.look()
    by_web = update(Message).where(Message.id == newest).values(channel="web", content=None)
    await team.town.app.store.write(lambda c: c.execute(by_web).rowcount)
    await group.start()
    await team.town.fake.waits_for(lambda _: topic.messages[-1].text == "Person")
    await team.settle()
    told, photo = topic.messages[-2:]
    assert told.text == "Person\nPhoto\nmy house" and told.file is None
    assert photo.answers == told.id and photo.file is not None
    assert team.town.fake.files[photo.file[1]] == PICTURE


async def test_nothing_answers_what_is_not_there(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    card = topic.messages[0]
    await team.writes(team.mimoza, "I am here.", topic, answers=card)
    assert anna.person.messages[-1].answers is None
    ticket = (await team.town.ticket(anna))["id"]
    assert await team.town.app.store.read(
        lambda c: staff_group.answered_by(c, ticket, card.id, "telegram", str(anna.person.id))) is None
