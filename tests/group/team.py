"""A town with a staff group: the real App, the fake Telegram over real HTTP, colleagues on their phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.group.jobs import Jobs
from storage import passes, staff, staff_group
from tests.fakes.telegram_api import Shown
from tests.fakes.telegram_forum import Forum, Member, Posted, Topic
from tests.journey.town import PASSWORD, Phone, Town, open_town
from tests.support.patience import PATIENCE

GROUP = -1001234567890
EVERYTHING = 100_000


@dataclass
class Team:
    town: Town
    forum: Forum
    mimoza: Member
    """A colleague whose account is linked."""
    driton: Member
    """One more."""
    stranger: Member
    """Somebody in the group whom nobody knows."""

    @property
    def counsellor(self) -> int:
        return self.town.counsellor

    async def person(self, number: int = 7001, asks: bool = True) -> Phone:
        """Somebody who has said who they are, and asks for a person."""
        phone = Phone(self.town, self.town.fake.person(number, "en"), "en")
        await phone.starts()
        await phone.picks("welcome", "language", "en")
        await phone.picks("welcome", "keep", "yes")
        await phone.picks("welcome", "begin", "later")
        if asks:
            await phone.says("/human")
        return phone

    async def settle(self) -> None:
        """Until everything that was done is stored, answered, and stands in the group."""
        await self.town.settle()
        assert self.town.app.group is not None
        self.town.app.group.look_again()
        await self._shown()
        await self.town.settle()

    async def _shown(self) -> None:
        assert self.town.app.group is not None
        jobs = self.town.app.group.follower.jobs
        async with asyncio.timeout(PATIENCE):
            while await self.town.app.store.read(lambda connection: _is_behind(connection, jobs)):
                await asyncio.sleep(0.005)

    async def topic_of(self, phone: Phone) -> Topic:
        ticket = await self.town.ticket(phone)
        await self.settle()
        return self.forum.topic(f"Chat {ticket['id']}")

    async def writes(self, who: Member, text: str, topic: Topic, **more: Any) -> Posted:
        posted = who.says(text, topic, **more)
        await self.settle()
        return posted

    async def link(self, who: Member, counsellor_id: int, alone: bool = True) -> None:
        store, now = self.town.app.store, self.town.clock.now()
        code = await store.write(lambda connection: passes.give_telegram_code(connection, counsellor_id, now))
        if alone:
            who.writes_alone(f"/link {code}")
        else:
            who.says(f"/link {code}")
        await self.town.settle()


def _is_behind(connection: Connection, jobs: Jobs) -> bool:
    """Whether a topic lacks something, is still to be made, closed, or to lose its words."""
    found, walled = staff_group.chats(connection), staff_group.walled_from_somebody(connection)
    return any(one.thread_id is None or one.is_open is one.is_closed or staff_group.missing(connection, one)
               or (jobs.hides(one, walled) and not one.hides) or (one.is_open and one.name != jobs.name_of(one))
               for one in found)


def said(topic: Topic) -> list[str]:
    return [one.text for one in topic.messages]


def to_person(shown: list[Shown]) -> list[str]:
    return [one.text for one in shown]


@asynccontextmanager
async def open_team(folder: Path, prepared: str, patch: pytest.MonkeyPatch, **settings: Any) -> AsyncIterator[Team]:
    patch.setattr("bot.group.follower.MOST_A_MINUTE", EVERYTHING)
    given = {"telegram_topics_a_minute": 20, "public_url": "https://bot.example.org", **settings}
    async with open_town(folder, prepared, patch, **given) as town:
        forum = town.fake.forum(GROUP)
        team = Team(town, forum, forum.member(31, "Mimoza"), forum.member(32, "Driton"), forum.member(99, "Nobody"))

        def add(connection: Connection) -> int:
            return staff.add_counsellor(connection, "driton", "Driton", "counsellor", PASSWORD, town.clock.now())

        second = await town.app.store.write(add)
        await team.link(team.mimoza, team.counsellor)
        await team.link(team.driton, second, alone=False)
        yield team
