"""Open pages hear that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from bot.console.auth import COOKIE
from bot.console.live import changes
from bot.live import Live
from storage import sessions
from tests.support.patience import PATIENCE

from .conftest import World


async def soon(stream: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(stream), PATIENCE)


@pytest.mark.asyncio
async def test_a_wake_up_names_its_part() -> None:
    live = Live()
    stream = changes(live, {"queue": "queue", "contact:7": "thread"})
    assert {await soon(stream), await soon(stream)} == {"queue", "thread"}
    live.publish("contact:7")
    assert await soon(stream) == "thread"
    live.publish("contact:8")
    live.publish("queue")
    live.publish("queue")
    assert await soon(stream) == "queue"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(stream), 0.05)


@pytest.mark.asyncio
async def test_nobody_listens_after_the_page_is_closed() -> None:
    live = Live()
    stream = changes(live, {"queue": "queue"})
    await soon(stream)
    closing = asyncio.create_task(soon(stream))
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert not live._listeners


@pytest.mark.asyncio
async def test_events_over_http(world: World) -> None:
    """A real server: the browser hears of a new message in the chat that it shows, without its content."""
    now = world.clock.now()
    token = world.change(lambda connection: sessions.start_session(connection, world.mira, now))
    server = uvicorn.Server(uvicorn.Config(world.app, port=0, log_level="error", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # uvicorn offers no event for it
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        await _hears(world, f"http://127.0.0.1:{port}", token)
    finally:
        server.should_exit = True
        await serving


async def _hears(world: World, address: str, token: str) -> None:
    path = f"/console/events?ticket={world.tickets['vesna']}"
    async with (
        httpx.AsyncClient(base_url=address, cookies={COOKIE: token}) as client,
        client.stream("GET", path) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line async for line in answer.aiter_lines() if line.startswith("data:"))
        heard = {await soon(lines) for _ in range(3)}
        assert heard == {"data: queue", "data: thread", "data: alert"}
        world.live.publish(f"contact:{world.people['vesna']}")
        assert await soon(lines) == "data: thread"
