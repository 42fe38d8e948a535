"""Several processes of the real service on one database, as they would run on several machines."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson

from bot.settings import PREFIX
from tests.channels.telegram.posted import BALANCER
from tests.fakes.telegram_api import FakeTelegram
from tests.support import database
from tests.support.patience import PATIENCE, TO_START

ROOT = Path(__file__).parents[2]
HURRIED = ("-m", "tests.several.hurried")
AS_IT_IS = ("-m", "bot", "run")
STOPS_WITHIN = 10.0


async def until(true: Callable[[], object], seconds: float, otherwise: Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s in vain\n{otherwise()}"
        await asyncio.sleep(0.01)


def where_it_is_noon() -> str:
    """A time zone in which the bot may write by itself now."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def kept_port() -> socket.socket:
    """A port that is kept for one process through all its lives. Nobody listens here; the process does."""
    keeping = socket.socket()
    keeping.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeping.bind(("127.0.0.1", 0))
    return keeping


@dataclass
class Process:
    """One of them, which may die and be started anew."""

    folder: Path
    settings: dict[str, str]
    command: Sequence[str] = HURRIED
    port: socket.socket = field(default_factory=kept_port)
    life: int = 0
    _running: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port.getsockname()[1]}"

    @property
    def _log(self) -> Path:
        return self.folder / f"life{self.life}.log"

    async def begins(self) -> None:
        """A new life; it is not ready yet."""
        self.life += 1
        self.folder.mkdir(exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        given = self.settings | {"DATA_DIR": str(self.folder), "HTTP_PORT": self.url.rpartition(":")[2]}
        environment |= {PREFIX + name: value for name, value in given.items()}
        with self._log.open("wb") as log:
            self._running = await asyncio.create_subprocess_exec(
                sys.executable, *self.command, env=environment, cwd=ROOT, stdout=log, stderr=log)

    async def is_ready(self) -> None:
        """Returns when it answers, and all its parts are well."""
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE) as client:
            end = time.monotonic() + TO_START
            while not await _answers(client):
                assert self.lives and time.monotonic() < end, self.said()
                await asyncio.sleep(0.02)

    async def starts(self) -> None:
        await self.begins()
        await self.is_ready()

    @property
    def lives(self) -> bool:
        return self._running is not None and self._running.returncode is None

    async def is_killed(self) -> None:
        assert self._running is not None and self.lives, self.said()
        self._running.kill()
        assert await self._running.wait() == -signal.SIGKILL

    async def ends(self) -> int:
        """Ask it to end, and say how it did. It has ten seconds."""
        assert self._running is not None and self.lives, self.said()
        self._running.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN):
                return await self._running.wait()
        except TimeoutError:
            raise AssertionError(f"it did not end in time\n{self.said()}") from None

    def leads(self, role: str) -> bool:
        """By what it says itself."""
        last = ""
        for line in self._log.read_bytes().splitlines() if self.lives else ():
            if b'"leads' in line and (told := orjson.loads(line)).get("role") == role:
                last = told["event"]
        return last == "leads"

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Several:
    processes: list[Process]

    @property
    def living(self) -> list[Process]:
        return [one for one in self.processes if one.lives]

    def leaders(self, role: str) -> list[Process]:
        return [one for one in self.processes if one.leads(role)]

    async def leader(self, role: str, seconds: float = PATIENCE) -> Process:
        """The one that leads now, as soon as there is one."""
        await until(lambda: self.leaders(role), seconds, self.said)
        leaders = self.leaders(role)
        assert len(leaders) == 1, f"{len(leaders)} of them lead as {role}\n{self.said()}"
        return leaders[0]

    async def end(self) -> None:
        """All at once, and well."""
        ended = self.living
        assert await asyncio.gather(*(one.ends() for one in ended)) == [0] * len(ended), self.said()

    def said(self) -> str:
        return "\n\n".join(one.said() for one in self.processes)


@asynccontextmanager
async def several(
    count: int, folder: Path, database_url: str, fake: FakeTelegram | None = None, mode: str = "webhook",
    command: Sequence[str] = HURRIED,
) -> AsyncIterator[Several]:
    """All started at the same moment. With a Telegram, which posts to them in turn or is polled."""
    settings = {"DATABASE_URL": database_url, "TIME_ZONE": where_it_is_noon(),
                "ENCRYPTION_KEY_FILE": str(database.give_keys(folder).path)}
    if fake is not None:
        settings |= {"TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, "TELEGRAM_MODE": mode,
                     "PUBLIC_URL": BALANCER}
    made = Several([Process(folder / f"process{number}", settings, command) for number in range(1, count + 1)])
    if fake is not None and mode == "webhook":
        fake.posting.processes = [one.url for one in made.processes]
    try:
        await asyncio.gather(*(one.begins() for one in made.processes))
        await asyncio.gather(*(one.is_ready() for one in made.processes))
        yield made
    finally:
        for one in made.living:
            await one.is_killed()
        for one in made.processes:
            one.port.close()
