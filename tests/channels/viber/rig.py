"""Viber under the contract: it posts to us and we call it, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

import orjson
import uvicorn

from bot.channels.base import Blocked, Outgoing, OutgoingMessage, Permanent, Retry, SendError, Unknown
from bot.channels.viber import Viber
from bot.channels.viber.compose import requests_for
from bot.web.app import web_app
from bot.web.webhooks import webhook_routes
from tests.channels.rig import AT, Rig, Seen
from tests.channels.telegram.posted import address_of, bound
from tests.fakes.viber_api import LARGEST_MESSAGE, FakeViber

TROUBLES = {Retry: {"status": 12}, Permanent: {"status": 3}, Blocked: {"status": 6}, Unknown: {"how": "drop"}}
SENT = {
    "photo": {"type": "picture", "media": "https://dl-media.viber.com/1/x.jpg"},
    "video": {"type": "video", "media": "https://dl-media.viber.com/1/x.mp4", "duration": 7},
    "document": {"type": "file", "media": "https://dl-media.viber.com/1/x.pdf", "file_name": "certificate.pdf"},
    "sticker": {"type": "sticker", "sticker_id": 40133, "media": "https://dl-media.viber.com/1/s.png"},
    "location": {"type": "location", "location": {"lat": 42.66, "lon": 21.16}},
    "contact": {"type": "contact", "contact": {"name": "Invented", "phone_number": "+38344000001"}},
}


class ViberRig(Rig):
    name = "viber"
    media: ClassVar = {
        "photo": {"url": "https://dl-media.viber.com/1/x.jpg"}, "video": {"seconds": 7},
        "document": {"name": "certificate.pdf"}, "sticker": {"url": "https://dl-media.viber.com/1/s.png"},
        "location": {"latitude": 42.66}, "contact": {"phone": "+38344000001"},
    }

    @property
    def channel(self) -> Viber:
        return self._viber

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        listening = bound()
        async with FakeViber() as self.fake:
            self.person = self.fake.person(self.address, subscribed=True)
            self._viber = Viber(self.fake.token, self.fake.url, lambda: AT, public_url=address_of(listening),
                                sender="The Centre", welcome=lambda _: ("Hello.", "Begin"), answer_within=2.0)
            await self._viber.start(self.inbox.handle)
            config = uvicorn.Config(web_app([webhook_routes([self._viber])]), log_level="critical", access_log=False,
                                    timeout_graceful_shutdown=2)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listening]))
            while not server.started:
                await asyncio.sleep(0.005)
            await self._viber.begin()
            await self.fake.until(lambda: any(status == 200 for _, status in self.fake.posted), lambda: "no webhook")
            yield
            server.should_exit = True
            await serving
            await self._viber.stop()
        listening.close()

    async def writes(self, text: str) -> None:
        self.person.says(text)

    async def taps(self, label: str) -> None:
        self.person.taps_last(label)

    async def seen(self, count: int) -> list[Seen]:
        await self.fake.until(lambda: len(self.person.messages) >= count, self.person.view)
        return [Seen(one.text, tuple(one.buttons)) for one in self.person.messages]

    def takes(self, message: OutgoingMessage) -> None:
        for call in requests_for(Outgoing(1, self.address, message), "The Centre"):
            FakeViber().check_message(call)
            assert len(orjson.dumps(call)) <= LARGEST_MESSAGE

    async def repeats(self) -> None:
        await self.fake.settled()
        event, _ = next(one for one in reversed(self.fake.posted) if one[0]["event"] == "message")
        assert await self.fake.post(event) is not None

    async def sends(self, kind: str) -> None:
        self.person.sends(**SENT[kind])

    async def leaves(self) -> None:
        self.person.leaves()

    def fails_next(self, error: type[SendError]) -> None:
        self.fake.fail_next("send_message", **TROUBLES[error])


RIG = ViberRig
