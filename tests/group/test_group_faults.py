"""What may go wrong in the group: nothing is missing, and twice is only what was on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import orjson
from sqlalchemy import Connection, select, text

from bot.channels.telegram import Telegram
from bot.group import Group
from bot.group.place import MOVED, TOPIC
from storage import contacts, small, tickets
from storage.news import tell
from storage.tables import Contact, Message, StaffPost
from storage.tickets import TicketState
from tests.group.team import GROUP, Team, said
from tests.journey.town import Phone
from tests.support.patience import PATIENCE


def group_of(team: Team) -> Group:
    assert team.town.app.group is not None
    return team.town.app.group


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.005)


async def words(team: Team, anna: Phone, *texts: str) -> None:
    for one in texts:
        await anna.says(one)
    await team.settle()


async def test_a_person_who_is_deleted_loses_the_topic(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await words(team, anna, "Here is what I tell you")
    now = team.town.clock.now()
    contact = await team.town.app.store.read(lambda c: c.scalars(select(Contact.id)).one())
    await team.town.app.store.write(lambda c: contacts.forget(c, contact, now))
    group_of(team).look_again()
    await team.town.fake.waits_for(lambda _: team.forum.deleted == [topic.id])
    assert team.forum.topics == {}


async def test_a_deleted_topic_is_made_again_with_all_of_it(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await team.writes(team.mimoza, "Hello, this is Mimoza", topic)
    await words(team, anna, "First", "Second")
    team.forum.deletes(topic)
    await words(team, anna, "Third")
    again = await team.topic_of(anna)
    assert again.id != topic.id
    text = "\n".join(said(again))
    for one in ("Asked for a person", "Hello, this is Mimoza", "First", "Second", "Third", "Mimoza took the chat"):
        assert text.count(one) == 1, (one, text)
    assert text.index("Hello, this") < text.index("First") < text.index("Second") < text.index("Third")


async def test_telegram_says_wait(team: Team) -> None:
    """For an hour nothing is tried, also by the next process; then all of it comes, once."""
    anna = await team.person()
    topic = await team.topic_of(anna)
    before, place = len(topic.messages), group_of(team).place
    team.town.fake.fail_next("sendMessage", retry_after=3600)
    await anna.says("Are you there?")
    await until(place.waits)
    tried = len(team.town.fake.called("sendMessage"))
    await anna.says("Hello?")
    await place.load()
    assert 3500 < place.waits() <= 3600 and len(topic.messages) == before
    assert len(team.town.fake.called("sendMessage")) == tried
    team.town.clock.turn(timedelta(hours=1))
    await team.settle()
    assert said(topic)[before:] == ["Person\nAre you there?\n\nPerson\nHello?"]


async def test_killed_while_it_was_being_sent_it_comes_at_most_twice(team: Team) -> None:
    """Telegram has it, and nobody noted it: of a time-out we know no more than of a kill."""
    anna = await team.person()
    topic = await team.topic_of(anna)
    await group_of(team).stop()
    await anna.says("Once")
    await anna.says("or twice")
    team.town.fake.fail_next("sendMessage", how="drop")
    await group_of(team).start()
    await until(group_of(team).place.waits)
    team.town.clock.turn(timedelta(minutes=2))
    await team.settle()
    text = "\n".join(said(topic))
    assert text.count("Once") == text.count("or twice") == 2
    await words(team, anna, "And on")
    assert said(topic)[-1] == "Person\nAnd on"


async def test_what_telegram_never_takes_holds_up_nobody(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    team.town.fake.fail_next("sendMessage", status=400, description="Bad Request: can't parse entities")
    await words(team, anna, "Odd")
    await words(team, anna, "Even")
    assert said(topic)[-2:] == ["Person\nIt cannot be shown here: look in the console.", "Person\nEven"]


async def test_the_bot_is_removed_and_let_in_again(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    team.forum.removes_the_bot()
    await anna.says("Hello?")
    await until(group_of(team).trouble)
    assert "not in the staff group" in (team.town.app.channel_troubles() or "")
    team.forum.lets_the_bot_in()
    await team.settle()
    assert said(topic)[-1] == "Person\nHello?" and group_of(team).trouble() is None


async def test_a_group_without_topics_is_told(team: Team) -> None:
    team.town.fake.fail_next("createForumTopic", status=400, description="Bad Request: the chat is not a forum")
    anna = await team.person()
    await until(group_of(team).trouble)
    assert group_of(team).trouble() == "the staff group has no topics"
    team.town.clock.turn(timedelta(minutes=11))
    await team.topic_of(anna)
    assert group_of(team).trouble() is None


async def test_the_group_gets_another_number(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    for number, told in ((-1009, True), (-1010, False)):
        team.forum = team.forum.moves(number, told)
        await words(team, anna, f"Still here {number}")
        assert said(topic)[-1] == f"Person\nStill here {number}"
    for one in (team.mimoza, team.driton, team.stranger):
        one.forum = team.forum
    anna.new()
    await team.writes(team.mimoza, "And so are we", topic)
    assert anna.new()[-1].text == "And so are we"


async def test_topics_come_at_their_pace_and_urgent_ones_first(team: Team) -> None:
    group = group_of(team)
    group.follower.jobs.settings = replace(group.follower.settings, telegram_topics_a_minute=2)
    await group.stop()
    phones = [await team.person(7001 + number) for number in range(5)]
    last = (await team.town.ticket(phones[-1]))["id"]
    await team.town.app.store.write(lambda c: tickets.save(
        c, [TicketState(last, 0, "", True, "", None, 1, changed=True)],
        team.town.clock.now()))
    await group.start()
    for expected in (2, 4, 5):
        await until(lambda so_far=expected: len(team.forum.topics) == so_far)
        for _ in range(20):
            group.look_again()
            await asyncio.sleep(0)
        assert len(team.forum.topics) == expected
        team.town.clock.turn(timedelta(minutes=1))
        group.look_again()
    assert next(iter(team.forum.topics.values())).name == f"Chat {last} · General · urgent"


async def test_a_talk_that_is_over_for_long_loses_its_topic(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    ticket = (await team.town.ticket(anna))["id"]
    await team.town.desk.claim(ticket, team.counsellor)
    await team.town.desk.close(ticket, team.counsellor, "advised")
    await team.settle()
    assert topic.is_closed and team.forum.deleted == []
    team.town.clock.turn(timedelta(days=team.town.app.settings.retention_chat_days, minutes=1))
    group_of(team).look_again()
    await until(lambda: team.forum.deleted == [topic.id])
    async with asyncio.timeout(PATIENCE):
        while await team.town.app.store.read(lambda c: c.execute(select(StaffPost.row_id)).first()):
            await asyncio.sleep(0.005)


async def test_one_damaged_row_does_not_hide_the_others(team: Team) -> None:
    anna, berta = await team.person(7001), await team.person(7002)
    of_anna, of_berta = await team.topic_of(anna), await team.topic_of(berta)
    await group_of(team).stop()
    await anna.says("Damaged")
    await berta.says("Whole")
    newest = (await team.town.rows(Message, anna))[-1]["id"]
    broken = text("UPDATE messages SET text = 'not what was locked' WHERE id = :id")
    await team.town.app.store.write(lambda c: c.execute(broken, {"id": newest}).rowcount)
    await group_of(team).start()
    await until(lambda: said(of_berta)[-1] == "Person\nWhole")
    assert "Damaged" not in "\n".join(said(of_anna))


async def test_by_webhook_any_process_knows_the_group(team: Team) -> None:
    """What is posted is taken as what is polled; what another process found out about the group is heard."""
    anna = await team.person()
    topic = await team.topic_of(anna)
    anna.new()
    telegram = team.town.app.channels["telegram"]
    assert isinstance(telegram, Telegram)
    update = {"update_id": 1, "message": {
        "message_id": 900_001, "from": team.mimoza.as_user(), "chat": team.forum.as_chat(), "date": 1,
        "message_thread_id": topic.id, "is_topic_message": True, "text": "By webhook"}}
    for _ in range(2):
        await telegram.posted(orjson.dumps(update))
    await team.town.settle()
    assert [one.text for one in anna.new()] == ["By webhook"]

    def found_out(connection: Connection) -> None:
        small.put(connection, MOVED, [GROUP, -1009])
        tell(connection, [TOPIC])

    await team.town.app.store.write(found_out)
    await until(lambda: group_of(team).place.id == -1009)
