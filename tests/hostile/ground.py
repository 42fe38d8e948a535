"""The real site over the real App on a database of its own, and browsers that come to it."""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import insert, select

from bot.app import App, build, running
from bot.channels.base import Limits, Outgoing, OutgoingMessage
from bot.channels.web_chat import WebChat
from bot.clock import StoppedClock
from bot.live import Live
from bot.settings import Settings
from bot.site import site
from conversations.events import FromPerson, Message, Started, Tap
from storage import staff
from storage.tables import Address, Contact, Counsellor, Run, Ticket
from storage.tables import Message as Stored
from tests.support import codes, database
from tests.support.patience import PATIENCE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ORIGIN = "http://testserver"
OURS = {"Origin": ORIGIN}
PASSWORD = "kept in a blue folder"
CODE_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""In the coordinator's phone."""
FAST = 1e9


@contextmanager
def quick_hashes() -> Iterator[None]:
    """Hashing is slow on purpose; here it need not be."""
    before, quick = staff.hasher, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    staff.hasher = lambda: quick
    try:
        yield
    finally:
        staff.hasher = before


class Paper:
    """A channel like Telegram that only writes down what is sent to whom."""

    name, title = "paper", "Paper"
    limits = Limits(text=4096, label=60, a_second=FAST, a_second_each=FAST)

    def __init__(self) -> None:
        self.sent: list[tuple[str, OutgoingMessage]] = []

    async def start(self, handle: Any) -> None: ...

    async def begin(self) -> None: ...

    async def cease(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, outgoing: Outgoing) -> str | None:
        self.sent.append((outgoing.address, outgoing.message))
        return str(outgoing.id)


def prepare(url: str) -> None:
    app = build(Settings(data_dir=database.folder(), database_url=url), StoppedClock(NOW), [])
    with app.store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for login, name in (("mimoza", "Mimoza"), ("arben", "Arben")):
            staff.add_counsellor(connection, login, name, "counsellor", PASSWORD, NOW)
        drita = staff.add_counsellor(connection, "drita", "Drita", "coordinator", PASSWORD, NOW)
        staff.set_code_secret(connection, drita, CODE_SECRET, None)
    app.store.close()


@dataclass
class Ground:
    app: App
    site: FastAPI
    clock: StoppedClock
    paper: Paper
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    def browser(self, address: str = "198.51.100.7", **headers: str) -> httpx.AsyncClient:
        """A new browser without cookies. What fails inside is a 500, as it is in life."""
        transport = httpx.ASGITransport(self.site, raise_app_exceptions=False, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, timeout=PATIENCE)

    async def signed_in(self, login: str = "mimoza") -> httpx.AsyncClient:
        browser = self.browser(**OURS)
        answer = await browser.post("/console/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303
        return browser

    async def coordinator(self) -> httpx.AsyncClient:
        """Somebody who may do all that the console has, through the second step too."""
        browser = self.browser(**OURS)
        answer = await browser.post("/console/sign-in", data={"login": "drita", "password": PASSWORD})
        assert answer.headers["location"].startswith("/console/code"), answer.text
        self.clock.at += timedelta(seconds=30)
        said = codes.shown(CODE_SECRET, self.clock.at.timestamp())
        answer = await browser.post("/console/code", data={"code": said})
        assert answer.status_code == 303, answer.text
        return browser

    # ------------------------------------------------------------------ people

    def _common(self, person: str, channel: str) -> dict[str, Any]:
        return {"channel": channel, "address": person, "key": f"k{next(self._keys)}", "at": self.clock.now(),
                "language": "en"}

    async def gives(self, *events: FromPerson) -> None:
        await self.app.receive.handle(list(events))
        await self.app.deliver.drain()

    async def starts(self, person: str, channel: str = "paper") -> None:
        await self.gives(Started(**self._common(person, channel)))

    async def says(self, person: str, text: str, channel: str = "paper") -> list[OutgoingMessage]:
        before = len(self.paper.sent)
        await self.gives(Message(**self._common(person, channel), text=text))
        return [message for who, message in self.paper.sent[before:] if who == person]

    async def taps(self, person: str, data: str, channel: str = "paper") -> list[OutgoingMessage]:
        before = len(self.paper.sent)
        await self.gives(Tap(**self._common(person, channel), data=data))
        return [message for who, message in self.paper.sent[before:] if who == person]

    async def agreed(self, person: str, channel: str = "paper") -> None:
        """At the first question of the intake."""
        await self.starts(person, channel)
        for line in ("English", "1", "1"):
            await self.says(person, line, channel)

    async def with_ticket(self, person: str, *lines: str, channel: str = "paper") -> int:
        """Somebody who asked for a person, and what they wrote then."""
        await self.agreed(person, channel)
        await self.says(person, "/human", channel)
        for line in lines:
            await self.says(person, line, channel)
        return int((await self.rows(Ticket, person))[-1]["id"])

    # ------------------------------------------------------------------ stored

    async def rows(self, table: Any, person: str) -> list[dict[str, Any]]:
        of = Contact.id if table is Contact else table.contact_id
        mine = select(Address.contact_id).where(Address.address == person)
        rows = select(*table.__table__.columns).where(of.in_(mine)).order_by(*table.__table__.primary_key)
        return await self.app.store.read(lambda c: [dict(row) for row in c.execute(rows).mappings()])

    async def run(self, person: str, conversation: str = "intake") -> dict[str, Any]:
        return [one for one in await self.rows(Run, person) if one["conversation"] == conversation][-1]

    async def messages(self, person: str) -> list[dict[str, Any]]:
        return await self.rows(Stored, person)

    async def counsellor(self, login: str) -> int:
        found = select(Counsellor.id).where(Counsellor.login == login)
        return int(await self.app.store.read(lambda c: c.execute(found).scalar_one()))


@asynccontextmanager
async def open_ground(folder: Path, prepared: str, demo: bool = False, **settings: Any) -> AsyncIterator[Ground]:
    url = database.new(folder, prepared)
    clock, paper = StoppedClock(NOW), Paper()
    # The web chat needs the app's own Live, which only build makes: it is put in afterwards, as one of the channels.
    live = Live()
    web = WebChat(live)
    app = build(Settings(data_dir=folder, database_url=url, **settings), clock, [web, paper], demo=demo)
    web._live = app.live
    with quick_hashes():
        async with running(app):
            yield Ground(app, site(app, demo), clock, paper)


@asynccontextmanager
async def served(ground: Ground) -> AsyncIterator[str]:
    """The site behind a real uvicorn, for what an in-process transport cannot show. Gives its address."""
    import asyncio

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(ground.site, log_level="critical", access_log=False,
                                           timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    host, port = listening.getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        ground.app.live.wake_all()
        await serving
        listening.close()


def new_session_row(token_hash: str, counsellor_id: int, expires_at: datetime) -> Any:
    from storage.tables import Session

    return insert(Session).values(token_hash=token_hash, counsellor_id=counsellor_id, created_at=NOW,
                                  expires_at=expires_at)
