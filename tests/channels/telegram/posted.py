"""A process that Telegram posts to: the channel behind its route, served over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from fastapi import FastAPI

from bot.channels.base import Handle
from bot.channels.telegram import Telegram
from bot.web.app import web_app
from bot.web.webhooks import webhook_routes

BALANCER = "http://127.0.0.1:9"
"""What setWebhook is told where several processes share the work; nobody listens there."""


def site_of(telegram: Telegram) -> FastAPI:
    return web_app([webhook_routes([telegram])])


def client(telegram: Telegram) -> httpx.AsyncClient:
    """Straight into the route, without a server."""
    transport = httpx.ASGITransport(site_of(telegram), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


def bound() -> socket.socket:
    """A port of one's own, on which nobody listens yet."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening


def address_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass
class Process:
    telegram: Telegram
    url: str
    server: uvicorn.Server
    serving: asyncio.Task[None]
    ended: bool = False

    async def ends(self) -> None:
        """As the service does it: the server first, then the channel."""
        if not self.ended:
            self.ended = True
            self.server.should_exit = True
            await self.serving
            await self.telegram.stop()


@asynccontextmanager
async def process(telegram: Telegram, handle: Handle, listening: socket.socket) -> AsyncIterator[Process]:
    await telegram.start(handle)
    config = uvicorn.Config(site_of(telegram), log_level="critical", access_log=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    made = Process(telegram, address_of(listening), server, asyncio.create_task(server.serve([listening])))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield made
    finally:
        await made.ends()
        listening.close()
