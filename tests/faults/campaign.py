"""Life after life: the bot is started, fails at a named point, and is started again, while people go on talking."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.viber_api import FakeViber
from tests.faults.databases import Database
from tests.faults.people import Desk, Talker, Telegram

PROCESS = Path(__file__).with_name("bot_process.py")
ROOT = PROCESS.parents[2]
AT_A_TIME = 6
"""So many people talk at the same time; when one has finished, another begins."""
LONGEST_LIFE = 60.0


@dataclass(frozen=True)
class Fault:
    """The n-th time that a life comes to this point, this happens."""

    kind: str
    point: str
    count: int = 1


@dataclass(frozen=True)
class Break:
    """What was being sent at this moment, nobody may have noted."""

    at: float
    late: float
    """So many seconds later it may still have been sent."""


UNNOTED_FOR = {"kill": 0.5, "disconnect": 6.0, "restart": 12.0}
"""What was on the wire at a death still arrives. A process that loses its connection learns within five seconds that it
is no more the one that sends; a server needs some seconds to start."""


def seconds_to_morning() -> float:
    """How far the bot's clock is turned: to ten o'clock in Kosovo, when it may write by itself."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Belgrade"))
    morning = now.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (morning - now).total_seconds()


@dataclass
class Bot:
    """The process that begins one life of the bot after the other."""

    database: Database
    telegram: Telegram
    ahead: float = field(default_factory=seconds_to_morning)
    viber: FakeViber | None = None
    slow: float = 0.0
    """Seconds that each commit takes."""
    poison: str = ""
    """Whoever says this makes the engine fail."""
    port: int = 0
    pid: int = 0
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(point, kind) -> how often that has happened."""
    coming: list[tuple[str, str]] = field(default_factory=list)
    """(kind, point) of what this life has still before it."""
    breaks: list[Break] = field(default_factory=list)
    log: list[bytes] = field(default_factory=list)
    _process: Any = None
    _reading: Any = None

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    async def begin(self) -> None:
        environment = os.environ | {
            "RETURNEE_BOT_DATA_DIR": str(self.database.folder), "RETURNEE_BOT_DATABASE_URL": self.database.url,
            "RETURNEE_BOT_TELEGRAM_TOKEN": self.telegram.token, "RETURNEE_BOT_TELEGRAM_API_URL": self.telegram.url,
            "PYTHONPATH": str(ROOT),
        }
        if self.viber is not None:
            environment |= {"RETURNEE_BOT_VIBER_TOKEN": self.viber.token, "RETURNEE_BOT_VIBER_API_URL": self.viber.url}
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, str(PROCESS), env=environment, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe)
        self._reading = asyncio.create_task(self._keep_log())
        self.port = (await self._news())["port"]

    async def _keep_log(self) -> None:
        while line := await self._process.stderr.readline():
            self.log = [*self.log[-200:], line]

    def tail(self) -> str:
        return b"".join(self.log[-90:]).decode(errors="replace")

    async def _news(self) -> dict[str, Any]:
        line = await self._process.stdout.readline()
        assert line, self.tail()
        return dict(json.loads(line))

    async def starts(self, faults: Sequence[Fault] = ()) -> None:
        """Begin a life with these faults, one after the other; returns when the bot is ready."""
        await self._orders(faults)
        while "ready" not in (news := await self._news()):
            await self._hears(news)
            assert "ended" not in news, self.tail()

    async def _orders(self, faults: Sequence[Fault]) -> None:
        order = {"faults": [asdict(one) for one in faults], "ahead": self.ahead, "slow": self.slow,
                 "poison": self.poison, "server": self.database.server_pid}
        self.coming = [(one.kind, one.point) for one in faults]
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()

    async def lives(self, faults: Sequence[Fault]) -> None:
        """A whole life, until its last fault, which kills."""
        await self._orders(faults)
        await self.dies()

    async def dies(self) -> None:
        """This life comes to its last fault."""
        try:
            async with asyncio.timeout(LONGEST_LIFE):
                assert await self._until_death() == -9, self.tail()
        except TimeoutError:
            raise AssertionError(f"never came to {self.coming}\n{self.tail()}") from None
        assert not self.coming, f"died before {self.coming}"

    async def _until_death(self) -> int:
        while "ended" not in (news := await self._news()):
            await self._hears(news)
        return int(news["ended"])

    async def _hears(self, news: dict[str, Any]) -> None:
        self.pid = news.get("began", self.pid)
        if "did" not in news:
            return
        self.done[news["point"], news["did"]] += 1
        self.coming.remove((news["did"], news["point"]))
        if news["did"] in UNNOTED_FOR:
            self.breaks.append(Break(time.monotonic(), UNNOTED_FOR[news["did"]]))
        if news["did"] == "restart":
            await asyncio.to_thread(self.database.starts_again)

    async def stops(self) -> int:
        """Ask this life to end, and say how it did."""
        os.kill(self.pid, 15)
        async with asyncio.timeout(15):
            return await self._until_death()

    def forgets(self, campaign: Campaign) -> None:
        """What these people saw was looked at."""
        for talker in campaign.talkers:
            self.telegram.people.pop(talker.number, None)
            self.telegram.arrivals.pop(talker.number, None)

    async def ends(self) -> None:
        """No life any more."""
        if self._process is not None and self._process.returncode is None:
            if self.pid:
                _kill(self.pid)
            self._process.stdin.close()
            await self._process.wait()
            await self._reading


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, 9)


@asynccontextmanager
async def a_bot(database: Database, telegram: Telegram | None = None, **more: Any) -> AsyncIterator[Bot]:
    telegram = telegram or Telegram()
    async with telegram:
        bot = Bot(database, telegram, **more)
        try:
            await bot.begin()
            yield bot
        finally:
            await bot.ends()


@dataclass
class Campaign:
    """People who talk on through all lives."""

    bot: Bot
    first_person: int = 1001
    talkers: list[Talker] = field(default_factory=list)
    is_over: bool = False

    def __post_init__(self) -> None:
        self._numbers = itertools.count(self.first_person)

    async def goes_through(self, lives: Sequence[Sequence[Fault]]) -> None:
        """These lives, then one without a fault in which everybody comes to an end."""
        desk = Desk(self.bot.database, self.bot.port, self.bot.now)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_A_TIME):
                    group.create_task(self._people(desk))
                for life in lives:
                    await self.bot.lives(life)
                await self.bot.starts()
                self.is_over = True
        finally:
            await desk.close()
        assert await self.bot.stops() == 0, self.bot.tail()

    async def _people(self, desk: Desk) -> None:
        while not self.is_over:
            talker = Talker(self.bot.telegram.person(next(self._numbers)))
            self.talkers.append(talker)
            try:
                await talker.lives(desk)
            except (AssertionError, TimeoutError) as error:
                talker.stuck = str(error) or "waited for the console in vain"

