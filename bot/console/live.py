"""Open pages hear that something changed, and which part to fetch again; never what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

from fastapi import APIRouter
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.parts import ConsoleParts
from bot.live import ALARM, Live
from storage import desk, presence
from storage.staff import CounsellorView
from storage.store import StoreError

PING_SECONDS = 20


async def changes(live: Live, topics: Mapping[str, str]) -> AsyncIterator[str]:
    """topic -> name of a part of the page. Yields each name once at the start, then whenever its topic wakes."""
    changed: set[str] = set()
    woken = asyncio.Event()

    async def follow(topic: str, name: str) -> None:
        async for _ in live.follow(topic):
            changed.add(name)
            woken.set()

    followers = [asyncio.create_task(follow(topic, name)) for topic, name in topics.items()]
    try:
        while True:
            await woken.wait()
            woken.clear()
            while changed:
                yield changed.pop()
    finally:
        for follower in followers:
            follower.cancel()


class Events:
    def __init__(self, parts: ConsoleParts) -> None:
        self.parts, self.store, self.clock = parts, parts.store, parts.clock

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/events", self.events, methods=["GET"])

    async def events(self, me: Me, ticket: Number = 0) -> Response:
        topics = {"queue": "queue", ALARM: "alert"}
        found = await self.parts.store.read(lambda connection: desk.ticket(connection, ticket)) if ticket else None
        if found is not None:
            topics[f"contact:{found.contact_id}"] = "thread"
        return EventSourceResponse(self._stream(me, topics), ping=PING_SECONDS)

    async def _stream(self, me: CounsellorView, topics: Mapping[str, str]) -> AsyncIterator[dict[str, str]]:
        """While this goes on, a page of theirs is open: they are here."""
        staying = asyncio.create_task(self._stays(me))
        try:
            async for name in changes(self.parts.live, topics):
                yield {"event": "changed", "data": name}
        finally:
            staying.cancel()

    async def _stays(self, me: CounsellorView) -> None:
        while True:
            with suppress(StoreError):
                await self.store.write(lambda connection: presence.ping(connection, me.id, self.clock.now()))
            await asyncio.sleep(presence.PING_EVERY.total_seconds())
