"""A small town for the model: the whole bot on a file in memory, two messengers, a process that can die at any point.

Nothing here looks into the bot: events go in where a channel gives them, words come out where a channel takes them,
and what is stored is read from the file as another process would read it.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import shutil
import sqlite3
import tempfile
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from sqlalchemy.exc import OperationalError

from bot.app import App, build
from bot.channels.base import Blocked, Handle, Limits, Outgoing, OutgoingMessage, Permanent, Retry, Unknown
from bot.clock import StoppedClock
from bot.receive.staff import StaffDesk
from bot.settings import Settings
from bot.translate import Translator
from conversations.events import FromPerson
from conversations.model import Conversation
from storage import points
from storage.database import connect
from storage.store import StoreError
from storage.tables import Address
from tests.model.record import Snapshot, micros, read
from tests.support import database
from tests.support.patience import PATIENCE
from tests.support.rows import put

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHANNELS = ("phone", "other")
FAST = 1e9
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
COUNSELLORS = (101, 102)
T = TypeVar("T")
translators = cache(Translator)


class Died(BaseException):
    """The process is gone. No `except Exception` of ours can outlive it."""


def _database_is_full() -> OperationalError:
    """What SQLAlchemy raises where SQLite does not take this."""
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    return OperationalError("COMMIT", None, full)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that reached a phone."""

    id: int
    channel: str
    address: str
    message: OutgoingMessage
    at: datetime


class Faults:
    """What happens at the named points: nothing, a death, or a database that does not take a write."""

    def __init__(self, died: Callable[[], None]) -> None:
        self.died = died
        self.dead = False
        self.deadly: tuple[str, int] | None = None
        self.refusals = 0
        self.refused = 0
        """How many writes were refused since this was last set to 0."""

    def __call__(self, point: str) -> None:
        if self.dead:
            raise Died
        if self.deadly is not None and self.deadly[0] == point:
            name, left = self.deadly
            self.deadly = (name, left - 1) if left > 0 else None
            if left <= 0:
                self.dead = True
                self.died()
                raise Died
        if point == "store.written" and self.refusals:
            self.refusals -= 1
            self.refused += 1
            raise _database_is_full()


class Phones:
    """A messenger that notes what arrives, and fails as it is told."""

    title = "Test"
    limits = Limits(text=100_000, label=200, a_second=FAST, a_second_each=FAST)

    def __init__(self, name: str, town: Town) -> None:
        self.name, self.town = name, town
        self.outage = False
        self.troubles: defaultdict[str, deque[str]] = defaultdict(deque)

    async def start(self, handle: Handle) -> None: ...

    async def begin(self) -> None: ...

    async def cease(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, outgoing: Outgoing) -> str | None:
        await asyncio.sleep(0)
        if self.town.faults.dead:
            raise Died
        trouble = "retry" if self.outage else ""
        if not trouble and self.troubles[outgoing.address]:
            trouble = self.troubles[outgoing.address].popleft()
        if trouble in ("", "lost answer"):
            self.town.arrived.append(Arrival(outgoing.id, self.name, outgoing.address, outgoing.message,
                                             self.town.clock.now()))
        self._fail(trouble, outgoing)
        return f"{self.name}-{len(self.town.arrived)}"

    def _fail(self, trouble: str, outgoing: Outgoing) -> None:
        if trouble:
            self.town.tried.add(outgoing.id)
        match trouble:
            case "retry":
                raise Retry("told to wait")
            case "retry later":
                raise Retry("told to wait", 90)
            case "unknown":
                self.town.unanswered.add(outgoing.id)
                raise Unknown("no answer")
            case "lost answer":
                self.town.unanswered.add(outgoing.id)
                self.town.excused[self.name, outgoing.address, outgoing.id] += 1
                raise Unknown("no answer")
            case "permanent":
                self.town.refused[self.name, outgoing.address].add("refused")
                raise Permanent("refused")
            case "blocked":
                self.town.refused[self.name, outgoing.address].add("blocked by the person")
                raise Blocked("blocked by the person")
            case "crash":
                raise RuntimeError("a mistake in the channel")


@dataclass
class Town:
    """The bot, its people's phones and what the model remembers of both."""

    loop: asyncio.AbstractEventLoop
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(MONDAY))
    arrived: list[Arrival] = field(default_factory=list)
    excused: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How often a message may have arrived again: its answer was lost, or it was under way at a death."""
    refused: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Reasons for which messages to an address may end as failed."""
    repeats_at_deaths: list[tuple[tuple[str, str], list[int]]] = field(default_factory=list)
    """For each death and address: what had arrived and was not noted. With a database that refused, none is listed."""
    tried: set[int] = field(default_factory=set)
    """What could not be sent at least once."""
    unanswered: set[int] = field(default_factory=set)
    """What the platform gave no answer to at least once: nobody knows whether it arrived."""
    put_off: dict[int, int] = field(default_factory=dict)
    """What the process tries again later, though the database refused to note that: how many tries it knows of."""
    deployed: dict[str, Conversation] = field(default_factory=dict)
    deaths: int = 0
    keys: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.stack = ExitStack()
        self.path = _fresh_database()
        self.view = self.stack.enter_context(closing(sqlite3.connect(self.path, isolation_level=None, timeout=5)))
        self.death = asyncio.Event()
        self.faults = Faults(self._died)
        self.phones = {name: Phones(name, self) for name in CHANNELS}
        self.stack.callback(points.watch, None)
        self.stack.enter_context(patch.object(threading, "excepthook", _quiet_about_deaths(threading.excepthook)))
        points.watch(self.faults)
        self.app = self._build()

    def _died(self) -> None:
        """From whichever thread."""
        self.loop.call_soon_threadsafe(self.death.set)

    def _build(self) -> App:
        app = _build_app(self.clock, list(self.phones.values()))
        self._speak(app)
        return app

    def _speak(self, app: App) -> None:
        known: dict[str, Conversation] = {**app.receive.turns.conversations, **self.deployed}
        app.receive.turns = replace(app.receive.turns, conversations=known)

    @property
    def conversations(self) -> Mapping[str, Conversation]:
        return self.app.receive.turns.conversations

    @property
    def staff(self) -> StaffDesk:
        return StaffDesk(self.app.receive, self.app.turn_clock)

    # ------------------------------------------------------------- life and death

    async def open(self) -> None:
        await self.app.deliver.start()

    async def close(self) -> None:
        self.faults.deadly, self.faults.refusals = None, 0
        try:
            async with asyncio.timeout(PATIENCE):
                await self.app.deliver.stop()
                await asyncio.to_thread(self.app.store.close)
        finally:
            self.stack.close()

    async def deploy(self, *conversations: Conversation) -> None:
        """The process ends as it is asked to, and another begins with these conversations."""
        self.deployed |= {one.name: one for one in conversations}
        if await self.survive(self._stopped):
            await self._restart()

    async def _stopped(self) -> bool:
        await self.app.deliver.stop()
        await asyncio.to_thread(self.app.store.close)
        return True

    async def survive(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """Do it in a process that may die of it; then another one begins, and None is the answer."""
        try:
            return await self._watched(work())
        except Died:
            return None
        finally:
            if self.faults.dead:
                await self._bury()

    async def _watched(self, work: Awaitable[T]) -> T:
        """Wait for it, or for the death of the process."""
        doing = asyncio.ensure_future(work)
        death = asyncio.ensure_future(self.death.wait())
        done, _ = await asyncio.wait({doing, death}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        assert done, "it hangs"
        if self.faults.dead and doing not in done:
            doing.cancel()
            await asyncio.wait({doing})
            raise Died
        return doing.result()

    async def _bury(self) -> None:
        """Nothing of the dead process goes on; what it had open is as the database left it."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        async with asyncio.timeout(PATIENCE):
            await asyncio.to_thread(self.app.store.close)
        self.deaths += 1
        self._excuse_what_was_under_way()
        await self._restart()

    async def _restart(self) -> None:
        self.faults.dead = False
        self.death.clear()
        self.put_off.clear()
        self.app = self._build()
        await self.app.deliver.start()

    def _excuse_what_was_under_way(self) -> None:
        open_rows = {(row["channel"], row["address"], row["id"]) for row in self.look().messages
                     if row["state"] == "queued"}
        under_way: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for channel, address, key in dict.fromkeys((one.channel, one.address, one.id) for one in self.arrived):
            if (channel, address, key) in open_rows:
                under_way[channel, address].append(key)
                self.excused[channel, address, key] += 1
        if not self.faults.refused:
            self.repeats_at_deaths += under_way.items()

    # ------------------------------------------------------------- what happens

    async def give(self, events: Sequence[FromPerson]) -> None:
        """The platform hands over a batch, again and again until it is taken."""
        for _ in range(8):
            try:
                if await self.survive(lambda: _taken(self.app.receive.handle(events))):
                    return
            except StoreError:
                continue
        raise AssertionError("a batch is never taken")

    async def settle(self) -> None:
        """Until all that may go now has gone and is noted."""
        for _ in range(8):
            if await self.survive(self._drained) and not self._unmarked():
                return
            if self.faults.refused:
                self.put_off |= {row["id"]: row["attempts"] for row in self.look().messages if row["id"] in self.tried}
        raise AssertionError("the outbox does not come to rest")

    async def _drained(self) -> bool:
        await self.app.deliver.reload()
        await self.app.deliver.drain()
        return True

    def _unmarked(self) -> bool:
        """Something has arrived, or may go, and the database does not know it yet."""
        now, blocked = micros(self.clock.now()), set()
        for row in self.look().messages:
            line = row["channel"], row["address"]
            if row["state"] == "queued" and line not in blocked:
                if self.put_off.get(row["id"]) != row["attempts"] and (not row["attempts"] or row["due_at"] <= now):
                    return True
                blocked.add(line)
        return False

    async def sweep(self) -> None:
        """What the timer does."""
        await self.survive(self.app.timers.remind)
        await self.settle()

    def look(self) -> Snapshot:
        """What is stored."""
        return read(self.view)

    def put_address(self, contact: int, channel: str, address: str, now: datetime) -> None:
        """Another way to somebody: the bot has no way in for that yet."""
        with _engine().connect().execution_options(writes=True) as connection, connection.begin():
            put(connection, Address, contact_id=contact, channel=channel, address=address, last_used_at=now)


async def _taken(work: Coroutine[Any, Any, None]) -> bool:
    await work
    return True


def _quiet_about_deaths(otherwise: Callable[[Any], object]) -> Callable[[Any], None]:
    """A thread that ends with the process has nothing to report."""

    def hook(args: Any) -> None:
        if args.exc_type is not Died:
            otherwise(args)

    return hook


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="model-", dir=MEMORY))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for home in (folder, folder / "template"):
        database.give_keys(home)
    return folder


@cache
def _template() -> Path:
    """A new installation with two counsellors, made once."""
    folder = _folder() / "template"
    with patch("bot.app.Translator", translators):
        app = build(Settings(data_dir=folder), StoppedClock(MONDAY), [])
    app.store.close()
    with closing(sqlite3.connect(folder / "returnee-bot.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO counsellors (id, login, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            [(one, f"c{one}", f"C{one}", "counsellor", "-", micros(MONDAY)) for one in COUNSELLORS],
        )
    with closing(sqlite3.connect(folder / "returnee-bot.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "returnee-bot.db"


def _fresh_database() -> Path:
    path = _folder() / "returnee-bot.db"
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    shutil.copy(_template(), path)
    return path


@cache
def _engine() -> Any:
    """One for all worlds: it knows each statement once it has seen it."""
    return connect(f"sqlite:///{_folder() / 'returnee-bot.db'}", database.keys())


def _build_app(clock: StoppedClock, channels: list[Any]) -> App:
    """As in life; only that the copied database needs no migration and has its facts already."""
    with (
        patch("bot.app.connect", return_value=_engine()),
        patch("bot.app.Translator", translators),
        patch("bot.app.schema.upgrade"),
        patch("bot.app.facts.seed"),
    ):
        return build(Settings(data_dir=_folder()), clock, channels)
