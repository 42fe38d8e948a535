"""Telegram's posts against the whole bot: forged ones, repeated ones, a database that is away, wrong settings."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.app import App, build, running
from bot.channels.telegram import Telegram
from bot.channels.telegram.webhook import SECRET_HEADER
from bot.channels.web_chat import WebChat
from bot.clock import StoppedClock
from bot.live import Live
from bot.settings import PREFIX, Settings, SettingsError, load
from storage import points
from storage.store import StoreError
from storage.tables import Address, Contact
from storage.tables import Message as Stored
from tests.channels.telegram.posted import Process, address_of, bound, process
from tests.fakes.telegram_api import FakeTelegram, Person
from tests.hostile.ground import NOW
from tests.hostile.test_wrong_settings import ROOT, assert_a_sentence, assert_refused, run_bot
from tests.several.service import STOPS_WITHIN
from tests.support import database
from tests.support.patience import TO_START

WAITING = {"update_id": 5, "message": {"message_id": 1, "from": {"id": 7}, "chat": {"id": 7, "type": "private"}}}


@dataclass
class Posted:
    """The whole bot in this process, to which the fake posts."""

    app: App
    fake: FakeTelegram
    process: Process

    async def settles(self) -> None:
        await self.fake.waits_for(lambda fake: not fake.unconfirmed)
        await self.app.deliver.drain()

    async def count(self, table: type[Contact | Stored]) -> int:
        return int(await self.app.store.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one()))

    async def said_by(self, person: Person) -> list[str]:
        """What is stored of theirs, in the order of storing."""
        mine = select(Address.contact_id).where(Address.address == str(person.id))
        said = select(Stored.text).where(Stored.contact_id.in_(mine), Stored.author == "person").order_by(Stored.id)
        return list(await self.app.store.read(lambda c: c.execute(said).scalars().all()))


@asynccontextmanager
async def open_posted(folder: Path, prepared: str) -> AsyncIterator[Posted]:
    listening = bound()
    async with FakeTelegram() as fake:
        telegram = Telegram(fake.token, fake.url, lambda: NOW, public_url=address_of(listening))
        settings = Settings(data_dir=folder, database_url=database.new(folder, prepared))
        app = build(settings, StoppedClock(NOW), [WebChat(Live()), telegram])
        async with running(app), process(telegram, app.receive.handle, listening) as served:
            await telegram.begin()
            await fake.waits_for(lambda fake: bool(fake.webhook))
            yield Posted(app, fake, served)


@pytest_asyncio.fixture
async def posted(tmp_path: Path, prepared_ground: str) -> AsyncIterator[Posted]:
    async with open_posted(tmp_path, prepared_ground) as made:
        yield made


@pytest.fixture
def fails_at() -> Iterator[Callable[[str, int], None]]:
    """The database is away when the process is at this point, so many times."""
    left: Counter[str] = Counter()

    def reached(point: str) -> None:
        if left[point] > 0:
            left[point] -= 1
            raise StoreError("away")

    points.watch(reached)
    yield lambda point, times: left.update({point: times})
    points.watch(None)


# ---------------------------------------------------------------- one effect


@pytest.mark.parametrize("point", ["receive.begun", "receive.stored"])
async def test_a_database_that_is_away(posted: Posted, fails_at: Callable[[str, int], None], point: str) -> None:
    """Before the commit nothing is stored; after it, the repeated post changes nothing."""
    anna = posted.fake.person(7)
    fails_at(point, 2 if point == "receive.begun" else 1)
    anna.starts()
    await anna.hears(seconds=TO_START)
    await posted.settles()
    statuses = [post.status for post in posted.fake.posting.posts]
    assert statuses == ([503, 503, 200] if point == "receive.begun" else [503, 200])
    assert await posted.said_by(anna) == [""]
    assert len(anna.messages) == 1


async def test_the_same_post_once_more(posted: Posted) -> None:
    anna = posted.fake.person(7)
    anna.starts()
    await anna.hears(seconds=TO_START)
    await posted.settles()
    stored = await posted.count(Stored)
    posted.fake.redeliver()
    await posted.fake.waits_for(lambda fake: len(fake.posting.posts) == 2)
    await posted.settles()
    assert await posted.count(Stored) == stored
    assert len(anna.messages) == 1


# ---------------------------------------------------------------- many at once


async def test_twenty_people_with_four_messages_each(posted: Posted) -> None:
    people = [posted.fake.person(number) for number in range(1, 21)]
    words = ["one", "two", "three", "four"]
    for person in people:
        for word in words:
            person.says(word)
    await posted.settles()
    for person in people:
        assert await posted.said_by(person) == words
        await person.waits_for(lambda messages: len(messages) >= 4)
    assert {post.status for post in posted.fake.posting.posts} == {200}


# ---------------------------------------------------------------- forged


async def test_forged_posts_do_nothing(posted: Posted) -> None:
    path = posted.process.telegram.path
    secret = posted.fake.called("setWebhook")[0].parameters["secret_token"]
    forged: list[dict[str, str]] = [
        {}, {SECRET_HEADER: ""}, {SECRET_HEADER: secret[:-1]}, {SECRET_HEADER: f"{secret}, {secret}"},
        {SECRET_HEADER: posted.fake.token}, {SECRET_HEADER: path.rsplit("/")[-1]},
        {"Cookie": f"{SECRET_HEADER}={secret}"},
    ]
    async with httpx.AsyncClient(base_url=posted.process.url) as stranger:
        for headers in forged * 10:
            answer = await stranger.post(path, json=WAITING, headers=headers)
            assert (answer.status_code, answer.content) == (403, b"")
        in_address = await stranger.post(path, json=WAITING, params={"secret_token": secret})
        assert in_address.status_code == 403
    assert await posted.count(Contact) == 0


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize("address", [
    "", "http://bot.example.org", "http://127.0.0.1.example.org", "https://bot.example.org:9443", "http://127.0.0.1:80",
])
def test_an_address_that_cannot_be_posted_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "TELEGRAM_MODE", "webhook")
    monkeypatch.setenv(PREFIX + "PUBLIC_URL", address)
    with pytest.raises(SettingsError) as found:
        load()
    assert_a_sentence(str(found.value), PREFIX + "TELEGRAM_MODE")
    assert PREFIX + "PUBLIC_URL" in str(found.value)


@pytest.mark.parametrize("address", ["bot.example.org", "https://bot.example.org:99999"])
def test_an_address_that_is_none(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "TELEGRAM_MODE", "webhook")
    monkeypatch.setenv(PREFIX + "PUBLIC_URL", address)
    with pytest.raises(SettingsError) as found:
        load()
    assert_a_sentence(str(found.value), PREFIX + "PUBLIC_URL")


@pytest.mark.parametrize(("api", "address"), [
    ("", "https://bot.example.org"), ("", "https://bot.example.org:8443"),
    ("http://127.0.0.1:8081", "https://bot.example.org:9443"), ("http://127.0.0.1:8081", "http://127.0.0.1:8080"),
    ("http://127.0.0.1:8081", "http://localhost:8080"),
])
def test_an_address_that_can(api: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TELEGRAM_MODE", "webhook"), ("TELEGRAM_API_URL", api), ("PUBLIC_URL", address)):
        monkeypatch.setenv(PREFIX + name, value)
    assert load().telegram_mode == "webhook"


async def test_a_missing_address_ends_the_command(tmp_path: Path) -> None:
    assert_refused(await run_bot(tmp_path, TELEGRAM_MODE="webhook"), "TELEGRAM_MODE")


# ---------------------------------------------------------------- the real service


@pytest.mark.usefixtures("databases")
async def test_the_real_service_is_posted_to_and_ends_well(tmp_path: Path) -> None:
    """Somebody writes while it ends: what was acknowledged is stored, the rest waits with Telegram."""
    with bound() as listening:
        port, address = listening.getsockname()[1], address_of(listening)
    async with FakeTelegram() as fake:
        env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        given = {"DATA_DIR": tmp_path, "HTTP_PORT": port, "TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url,
                 "TELEGRAM_MODE": "webhook", "PUBLIC_URL": address, "DATABASE_URL": database.new(tmp_path)}
        env |= {PREFIX + name: str(value) for name, value in given.items()}
        service = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=env,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        anna = fake.person(7)
        try:
            anna.starts()
            await anna.hears(seconds=TO_START)
            for number in range(200):
                fake.person(100 + number % 20).says(f"message {number}")
            await fake.waits_for(lambda fake: len(fake.posting.posts) > 40)
        finally:
            service.send_signal(signal.SIGTERM)
            out, err = await asyncio.wait_for(service.communicate(), STOPS_WITHIN)
        said = out.decode() + err.decode()
        assert service.returncode == 0, said[-2000:]
        taken = sum(post.status == 200 for post in fake.posting.posts)
        assert taken + len(fake.unconfirmed) == 201
    for secret in (fake.token, str(fake.called("setWebhook")[0].parameters["secret_token"]), "message 1"):
        assert secret not in said
    stored = database.rows(str(given["DATABASE_URL"]), "SELECT count(*) FROM messages WHERE author = 'person'")
    assert stored[0][0] >= taken
