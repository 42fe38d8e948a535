"""The process dies in the middle of what comes by Viber or from a page, and of what goes to Viber."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from storage.tables import Contact, Message
from tests.fakes.telegram_api import PHOTO
from tests.fakes.viber_api import FakeViber
from tests.faults.campaign import Bot, Fault, a_bot
from tests.faults.databases import Database
from tests.support.patience import PATIENCE

WAY = [
    ("receive.begun", 1, {1}),
    ("deliver.sending", 2, {1}),
    ("deliver.sent", 2, {2}),  # Viber has it, and nothing is noted
    ("deliver.marked", 2, {1}),
    ("receive.stored", 1, {1, 2}),  # it may be on its way already
]
"""Where a life ends; the how manieth time it is there, as what the life before has left is done first; and how often
the person then sees the answer."""
NOT_ANSWERED = ("receive.begun", "receive.stored")
"""Here Viber has not heard that we have the message."""


@pytest_asyncio.fixture
async def viber() -> AsyncIterator[FakeViber]:
    async with FakeViber() as fake:
        yield fake


async def kept_of(database: Database, address: str) -> list[tuple[str, ...]]:
    """Who wrote, and what became of it."""
    wanted = select(Message.author, Message.state).where(Message.address == address).order_by(Message.id)
    return [tuple(row) for row in await database.rows(wanted)]


async def is_done(database: Database, viber: FakeViber, address: str) -> None:
    """What this person wrote is answered, and that is noted."""
    await viber.settled()
    async with asyncio.timeout(PATIENCE):
        while [author for author, state in await kept_of(database, address) if state != "queued"] != ["person", "bot"]:
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_killed_around_a_message_of_viber(database: Database, viber: FakeViber) -> None:
    """Viber posts again what was not answered: one effect. What it may have got comes again once, with one fate."""
    async with a_bot(database, viber=viber) as bot:
        before = ""
        for point, count, _ in WAY:
            await bot.starts([Fault("kill", point, count)])
            if before:
                await is_done(database, viber, before)
            before = point
            viber.person(point).says("Hello")
            await bot.dies()
        await bot.starts()
        await is_done(database, viber, before)
        assert await bot.stops() == 0, bot.tail()
    for point, _, times in WAY:
        assert [author for author, _ in await kept_of(database, point)] == ["person", "bot"], point
        assert len(viber.people[point].messages) in times, point
        statuses = [status for event, status in viber.posted if event.get("sender", {}).get("id") == point]
        assert point not in NOT_ANSWERED or statuses == [0, 200], "it was not answered, and came again"


class Page:
    """The web chat's page, as far as it sends: the same again, with its key, until it hears that it is stored."""

    def __init__(self, bot: Bot) -> None:
        site = f"http://127.0.0.1:{bot.port}"
        self.http = httpx.AsyncClient(base_url=site, headers={"Origin": site}, timeout=PATIENCE)
        self.unheard = 0

    async def posts(self, path: str, **body: str) -> None:
        body["key"] = secrets.token_hex(16)
        given = {"params": body, "content": PHOTO} if path == "/chat/files" else {"json": body}
        async with asyncio.timeout(PATIENCE):
            while not await self._heard(path, given):
                self.unheard += 1

    async def _heard(self, path: str, given: dict[str, Any]) -> bool:
        try:
            return (await self.http.post(path, **given)).status_code == 202
        except httpx.TransportError:
            return False

    async def thread(self) -> list[dict[str, Any]]:
        return list((await self.http.get("/chat/messages")).json()["messages"])


@pytest.mark.slow
async def test_killed_around_a_post_of_a_page(database: Database) -> None:
    """The page repeats it with its key: one chat, one message, one answer, whatever it had heard."""
    async with a_bot(database) as bot:
        anna, ben = Page(bot), Page(bot)
        posting: list[asyncio.Task[None]] = []
        async with anna.http, ben.http:
            for page, post, point, count in (
                (anna, {"path": "/chat/start"}, "receive.begun", 1),
                (anna, {"path": "/chat/messages", "text": "English"}, "receive.stored", 2),
                (ben, {"path": "/chat/start"}, "receive.stored", 2),
                (ben, {"path": "/chat/messages", "text": "English"}, "receive.begun", 2),
                (ben, {"path": "/chat/files", "as": "photo"}, "receive.stored", 2),
            ):
                await bot.starts([Fault("kill", point, count)])
                await asyncio.gather(*posting)
                posting = [asyncio.create_task(page.posts(**post))]
                await bot.dies()
            await bot.starts()
            await asyncio.gather(*posting)
            told = [one["text"] for one in await anna.thread()]
            assert told.count("English") == 1 and len(set(told)) == len(told) > 2
            shown = await ben.thread()
            assert [one["text"] for one in shown[: len(told)]] == told
            [picture] = [one for one in shown if one["author"] == "person" and one["kind"] == "photo"]
            assert (await ben.http.get(f"/chat/files/{picture['id']}")).content == PHOTO
            assert (anna.unheard, ben.unheard) == (2, 3)
        assert await bot.stops() == 0, bot.tail()
    assert await database.rows(select(func.count()).select_from(Contact)) == [(2,)], "a chat that nobody has"
