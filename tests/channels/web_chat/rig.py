"""The web chat under the contract: the page posts what the person does, and reads what was stored for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, ClassVar

import httpx
from fastapi import FastAPI

from bot.channels.base import OutgoingMessage
from bot.channels.web_chat import WebChat
from bot.live import Live
from bot.web.browser import address_of
from bot.web.chat import chat_routes
from bot.web.thread import Thread, ThreadMessage
from storage.media import Fate
from tests.channels.rig import AT, Rig, Seen
from tests.fakes.telegram_api import PHOTO

SITE = "http://testserver"
TOKEN = "t" * 43
FILES = {"photo": PHOTO, "voice": b"OggS" + b"\0" * 40, "document": b"%PDF-1.7\n", "video": b"\0\0\0\x20ftypisom\0\0"}
PLACE = {"latitude": 42.66, "longitude": 21.16}
TRIES = 5


class WebChatRig(Rig):
    name = "web"
    errors = ()
    media: ClassVar = {**{kind: {"size": len(content)} for kind, content in FILES.items()}, "location": PLACE}

    def __init__(self) -> None:
        super().__init__()
        self.address = address_of(TOKEN)
        self._thread: list[ThreadMessage] = []
        self._keys = count(1)
        self._last: tuple[str, dict[str, Any]] = ("", {})

    @property
    def channel(self) -> WebChat:
        return self._channel

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        live = Live()
        self._channel, app = WebChat(live), FastAPI()
        app.include_router(chat_routes(
            self._channel, self, live, lambda: AT, lambda _language, text: text, {"en": "English"}, lambda _: "en",
            keep_file=self._keep,
        ))
        await self._channel.start(self.inbox.handle)
        await self._channel.begin()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE, cookies={"chat": TOKEN},
                                     headers={"Origin": SITE}) as self._page:
            yield
        await self._channel.stop()

    async def _keep(self, channel: str, key: str, content: bytes) -> Fate:
        return "stored"

    async def thread(self, address: str, after: int, limit: int) -> Thread:
        """What stands in the database's place."""
        return Thread([one for one in self._thread if one.id > after and address == self.address][:limit], "en")

    async def _posts(self, path: str, request: dict[str, Any]) -> None:
        """As the page does: the same again until it is stored."""
        self._last = path, request
        for _ in range(TRIES):
            if (await self._page.post(path, **request)).status_code == 202:
                return
        raise AssertionError("it was never stored")

    async def writes(self, text: str) -> None:
        await self._posts("/chat/messages", {"json": {"key": self._key(), "text": text}})

    async def taps(self, label: str) -> None:
        data = next(one.data for message in reversed(self._thread) for one in message.buttons if one.label == label)
        await self._posts("/chat/messages", {"json": {"key": self._key(), "tap": data}})

    async def repeats(self) -> None:
        path, request = self._last
        await self._posts(path, request)

    async def sends(self, kind: str) -> None:
        if kind == "location":
            await self._posts("/chat/messages", {"json": {"key": self._key(), "place": PLACE}})
            return
        given = {"key": self._key(), "as": {"photo": "photo", "voice": "voice"}.get(kind, "file")}
        await self._posts("/chat/files", {"params": given, "content": FILES[kind]})

    def _key(self) -> str:
        return f"page-key-{next(self._keys)}"

    async def send(self, message: OutgoingMessage, number: int = 1) -> str | None:
        self._thread.append(ThreadMessage(len(self._thread) + 1, "bot", "text", message.text, AT.isoformat(),
                                          message.buttons, message.columns, message.style))
        return await super().send(message, number)

    async def seen(self, count: int) -> list[Seen]:
        found = (await self._page.get("/chat/messages")).json()["messages"]
        assert len(found) >= count
        return [Seen(one["text"], tuple(button["label"] for button in one["buttons"])) for one in found]

    def takes(self, message: OutgoingMessage) -> None:
        assert message.text.strip() and len(message.text) <= WebChat.limits.text


RIG = WebChatRig
