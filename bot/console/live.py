"""Open pages hear that something changed, and which part to fetch again; never what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from types import MappingProxyType

from fastapi import APIRouter
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.parts import ConsoleParts
from bot.live import ALARM, Live
from storage import desk, presence, staff
from storage.staff import CounsellorView
from storage.store import StoreError

PING_SECONDS = 20


def typing_topic(ticket_id: int, counsellor_id: int) -> str:
    """Somebody is writing in a chat. Nothing of it is stored."""
    return f"typing:{ticket_id}:{counsellor_id}"


async def changes(
    live: Live, topics: Mapping[str, str], moments: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[str]:
    """topic -> name of a part of the page. Yields each name once at the start, then whenever its topic wakes; those of
    `moments` only when their topic wakes."""
    changed: set[str] = set()
    woken = asyncio.Event()

    async def follow(topic: str, name: str, at_once: bool) -> None:
        async for _ in live.follow(topic):
            if at_once:
                changed.add(name)
                woken.set()
            at_once = True

    followers = [asyncio.create_task(follow(topic, name, topic in topics)) for topic, name in
                 {**topics, **moments}.items()]
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
        team = await self.parts.store.read(staff.list_counsellors) if found is not None else []
        moments = {typing_topic(ticket, one.id): f"typing {one.name}" for one in team if one.id != me.id}
        return EventSourceResponse(self._stream(me, topics, moments), ping=PING_SECONDS)

    async def _stream(
        self, me: CounsellorView, topics: Mapping[str, str], moments: Mapping[str, str] = MappingProxyType({})
    ) -> AsyncIterator[dict[str, str]]:
        """While this goes on, a page of theirs is open: they are here."""
        staying = asyncio.create_task(self._stays(me))
        try:
            async for name in changes(self.parts.live, topics, moments):
                yield {"event": "changed", "data": name}
        finally:
            staying.cancel()

    async def _stays(self, me: CounsellorView) -> None:
        while True:
            with suppress(StoreError):
                await self.store.write(lambda connection: presence.ping(connection, me.id, self.clock.now()))
            await asyncio.sleep(presence.PING_EVERY.total_seconds())
