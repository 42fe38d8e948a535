"""Open pages hear that something changed, and which part to fetch again; never what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from fastapi import APIRouter
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.parts import ConsoleParts
from bot.live import ALARM, Live
from storage import desk

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
        self.parts = parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/events", self.events, methods=["GET"])

    async def events(self, me: Me, ticket: Number = 0) -> Response:
        topics = {"queue": "queue", ALARM: "alert"}
        found = await self.parts.store.read(lambda connection: desk.ticket(connection, ticket)) if ticket else None
        if found is not None:
            topics[f"contact:{found.contact_id}"] = "thread"
        stream = ({"event": "changed", "data": name} async for name in changes(self.parts.live, topics))
        return EventSourceResponse(stream, ping=PING_SECONDS)
