"""What the group does not show: what is behind the wall, and words of people who are not on Telegram."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from storage import staff
from storage.tables import Address, Counsellor, Ticket
from tests.group.team import GROUP, Team, open_team, said, to_person
from tests.journey.town import Phone


async def ticket_is(team: Team, phone: Phone, **values: Any) -> int:
    ticket = (await team.town.ticket(phone))["id"]
    change = update(Ticket).where(Ticket.id == ticket).values(**values)
    await team.town.app.store.write(lambda c: c.execute(change).rowcount)
    return int(ticket)


async def test_a_chat_that_goes_behind_the_wall_loses_its_words(team: Team) -> None:
    anna = await team.person()
    topic = await team.topic_of(anna)
    await anna.says("I cannot sleep since we came back")
    await team.settle()
    assert "I cannot sleep" in said(topic)[-1]
    ticket = await ticket_is(team, anna, area="psychosocial")
    await team.settle()
    again = await team.topic_of(anna)
    assert team.forum.deleted == [topic.id] and again.name == f"Chat {ticket}"
    await anna.says("My hands shake")
    await team.town.desk.claim(ticket, team.counsellor)
    await team.town.desk.reply(ticket, team.counsellor, "Breathe slowly with me", "k1")
    await team.town.desk.note(ticket, team.counsellor, "Very worried about her")
    await team.settle()
    text = "\n".join(said(again))
    for secret in ("sleep", "hands", "Breathe", "worried", "sychosocial", "Asked for"):
        assert secret not in text
    assert "The person has written." in text and f"/console/tickets/{ticket}" in text and "Mimoza took" in text
    anna.new()
    await team.writes(team.mimoza, "I am here", again)
    assert to_person(anna.new()) == [], "nobody answers there what is not shown there"
    await team.writes(team.mimoza, "/note She is better", again)
    assert "console" in said(again)[-1]


async def test_where_the_whole_team_works_behind_it_there_is_no_wall(team: Team) -> None:
    everybody = update(Counsellor).values(areas=list(staff.AREAS))
    await team.town.app.store.write(lambda c: c.execute(everybody).rowcount)
    anna = await team.person(asks=False)
    await anna.says("/human")
    await ticket_is(team, anna, area="psychosocial")
    topic = await team.topic_of(anna)
    await anna.says("My hands shake")
    await team.settle()
    assert "My hands shake" in said(topic)[-1] and topic.messages[-1].open_text == "Person\n"


async def also_on_the_web(team: Team, phone: Phone) -> None:
    contact = (await team.town.ticket(phone))["contact_id"]
    now = team.town.clock.now()
    row = {"contact_id": contact, "channel": "web", "address": "w1", "sealed": "", "last_used_at": now}
    await team.town.app.store.write(lambda c: c.execute(insert(Address).values(row)).rowcount)


async def test_who_also_writes_on_the_web_is_only_named(team: Team) -> None:
    anna = await team.person()
    await also_on_the_web(team, anna)
    topic = await team.topic_of(anna)
    await anna.says("I lost my papers")
    await team.settle()
    assert "papers" not in "\n".join(said(topic)) and "The person has written." in said(topic)[-1]


async def test_unless_the_centre_says_otherwise(tmp_path: Path, prepared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"telegram_staff_group": GROUP, "telegram_staff_group_shows": "all"}
    async with open_team(tmp_path, prepared, monkeypatch, **given) as team:
        anna = await team.person()
        await also_on_the_web(team, anna)
        topic = await team.topic_of(anna)
        await anna.says("I lost my papers")
        await team.settle()
        assert "papers" in said(topic)[-1]


async def test_no_notification_shows_what_anybody_said(team: Team) -> None:
    """Whatever stands in a message outside of the cover is a heading of ours."""
    anna = await team.person()
    topic = await team.topic_of(anna)
    ticket = (await team.town.ticket(anna))["id"]
    await anna.says("Secret one 😀 with a picture of a face")
    await team.town.desk.claim(ticket, team.counsellor)
    await team.town.desk.note(ticket, team.counsellor, "Secret two")
    await team.town.desk.reply(ticket, team.counsellor, "Secret three", "k1")
    await team.town.desk.close(ticket, team.counsellor, "advised", "Secret four")
    await team.settle()
    shown = "\n".join(one.text for one in topic.messages)
    assert shown.count("Secret") == 4
    opened = "\n".join(one.open_text for one in topic.messages) + topic.name
    assert "Secret" not in opened and "😀" not in opened and "picture" not in opened
