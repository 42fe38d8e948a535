"""A real App on a database of its own, a channel that records what it sends, and people who write and tap."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import App, build
from bot.channels.base import Button, Gone, Handle, Limits, Outgoing, OutgoingMessage
from bot.clock import StoppedClock
from bot.deliver import Deliver
from bot.receive.staff import StaffDesk
from bot.settings import Settings
from conversations.events import FromPerson, Media, Message, ReminderDue, Started, Stopped, Tap
from conversations.model import Conversation
from storage import reminders
from storage.tables import EPOCH
from tests.support import database
from tests.support.patience import PATIENCE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WIDE = Limits(text=100_000, label=200, files=True, takes_away=timedelta(hours=48), a_second=1e9, a_second_each=1e9)
CHANNEL = "test"


class Recorder:
    """A channel that notes what it is given, in order, and fails as it is told."""

    name = CHANNEL
    title = "Test"

    def __init__(self, limits: Limits = WIDE) -> None:
        self.limits = limits
        self.sent: list[Outgoing] = []
        """What has arrived."""
        self.taken: list[str] = []
        """The numbers of what was to be taken away again, by a counsellor who took it back."""
        self.tried: list[int] = []
        """The id of each message that was tried, also those that failed."""
        self.troubles: defaultdict[str, deque[Exception | None]] = defaultdict(deque)
        self.outage: Callable[[], Exception] | None = None
        """While this is set, everything fails with what it gives."""
        self.handle: Handle | None = None
        self.gate: asyncio.Event | None = None

        self.files: dict[str, bytes | Exception] = {}
        """What can be fetched; an error is raised."""
        self.fetched: list[str] = []

    async def start(self, handle: Handle) -> None:
        self.handle = handle

    async def fetch(self, data: Mapping[str, Any], most: int) -> bytes:
        self.fetched.append(data["file"])
        await asyncio.sleep(0)
        found = self.files.get(data["file"], Gone("nobody knows it"))
        if isinstance(found, Exception):
            raise found
        return found

    async def stop(self) -> None:
        self.handle = None

    async def send(self, outgoing: Outgoing) -> str | None:
        self.tried.append(outgoing.id)
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        if self.outage is not None:
            raise self.outage()
        if self.troubles[outgoing.address]:
            trouble = self.troubles[outgoing.address].popleft()
            if trouble is not None:
                raise trouble
        if outgoing.message.takes_back is not None:
            self.taken.extend(outgoing.hides)
            return None
        self.sent.append(outgoing)
        return f"m{len(self.sent)}"

    def fails(self, address: str, *troubles: Exception | None) -> None:
        self.troubles[address].extend(troubles)

    def to(self, address: str) -> list[OutgoingMessage]:
        return [one.message for one in self.sent if one.address == address]


@dataclass
class World:
    folder: Path
    clock: StoppedClock
    channel: Recorder
    app: App
    people: dict[str, Person] = field(default_factory=dict)
    keys: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def url(self) -> str:
        return self.app.settings.database

    @property
    def staff(self) -> StaffDesk:
        return StaffDesk(self.app.receive, self.app.turn_clock)

    def person(self, address: str = "anna") -> Person:
        if address not in self.people:
            self.people[address] = Person(self, address)
        return self.people[address]

    async def handle(self, *events: Any) -> None:
        await self.app.receive.handle(events)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What another process sees in the database."""
        return database.rows(self.url, statement, *values)

    def one(self, statement: str, *values: object) -> Any:
        [[value]] = self.rows(statement, *values)
        return value

    def change(self, statement: str, *values: object) -> None:
        database.change(self.url, statement, *values)

    async def settle(self) -> None:
        """Until everything that may go now has gone and is marked."""
        await self.until(lambda: not self.may_go(), "messages that may go were not sent")

    def may_go(self) -> list[Any]:
        """The first waiting message of each address, if its time has come."""
        now = (self.clock.now() - EPOCH) // timedelta(microseconds=1)
        return database.stored(
            self.url, "SELECT id FROM messages m WHERE state = 'queued' AND (attempts = 0 OR due_at <= ?)"
            " AND NOT EXISTS (SELECT 1 FROM messages b WHERE b.state = 'queued' AND b.address = m.address"
            " AND b.channel = m.channel AND b.id < m.id)", now,
        )

    async def until(self, true: Callable[[], bool], otherwise: str, seconds: float = PATIENCE) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise AssertionError(otherwise) from None

    async def turn(self, **by: float) -> None:
        """Turn the clock; what waited in the outbox for its time is looked at again."""
        self.clock.turn(timedelta(**by))
        await self.app.deliver.reload()
        await self.settle()

    async def sweep(self) -> int:
        """What the timer does."""
        count = await self.app.timers.remind()
        await self.settle()
        return count

    async def restart(self, channel: Recorder | None = None) -> World:
        """The process ends, another begins on the same file."""
        await self.stop()
        self.channel = channel or self.channel
        self.app = self.build()
        await self.app.deliver.start()
        return self

    def build(self) -> App:
        return build_app(self.folder, self.clock, self.channel, database_url=self.url)

    async def stop(self) -> None:
        ended = await stops(self.app.deliver)
        await asyncio.to_thread(self.app.store.close)
        assert ended, "Deliver.stop() hangs"

    def speak(self, *conversations: Conversation) -> None:
        """A deploy: these definitions take the place of those with their names."""
        known = {**self.app.receive.turns.conversations, **{one.name: one for one in conversations}}
        self.app.receive.turns = replace(self.app.receive.turns, conversations=known)

    def deploy_without(self, name: str) -> None:
        known = {key: one for key, one in self.app.receive.turns.conversations.items() if key != name}
        self.app.receive.turns = replace(self.app.receive.turns, conversations=known)

    async def remind_at(self, person: Person, at: datetime, opens: str = "check_in", **more: Any) -> None:
        row = {"contact_id": person.id, "key": opens, "opens": opens, "due_at": at, **more}
        await self.app.store.write(lambda connection: reminders.put(connection, [row]))

    def reminder_state(self, person: Person, key: str = "check_in") -> tuple[str, int]:
        [row] = self.rows("SELECT state, attempt FROM reminders WHERE contact_id = ? AND key = ?", person.id, key)
        return row

    def reminder_due(self, person: Person, key: str = "check_in") -> datetime:
        return moment(self.one("SELECT due_at FROM reminders WHERE contact_id = ? AND key = ?", person.id, key))

    async def fire(self, *ids: int) -> None:
        await self.handle(*(ReminderDue(reminder_id=one, at=self.clock.now()) for one in ids))
        await self.settle()


@dataclass
class Person:
    world: World
    address: str

    # ------------------------------------------------------------- events, not yet handed over

    def _who(self, key: str | None = None) -> dict[str, Any]:
        return {"channel": CHANNEL, "address": self.address, "key": key or f"{self.address}-{next(self.world.keys)}",
                "at": self.world.clock.now(), "language": "en"}

    def message(self, text: str, key: str | None = None) -> Message:
        return Message(**self._who(key), text=text)

    def tap(self, label: str, key: str | None = None) -> Tap:
        return Tap(**self._who(key), data=self.button(label).data)

    def tap_data(self, data: str, key: str | None = None) -> Tap:
        return Tap(**self._who(key), data=data)

    def start(self, key: str | None = None) -> Started:
        return Started(**self._who(key))

    def stop(self, key: str | None = None) -> Stopped:
        return Stopped(**self._who(key))

    def photo(self, text: str = "", file: str = "x", key: str | None = None, album: str = "") -> Media:
        of_album = {"album": album} if album else {}
        return Media(**self._who(key), kind="photo", text=text, data={"file": file, **of_album})

    # ------------------------------------------------------------- doing it

    async def does(self, *events: FromPerson) -> list[OutgoingMessage]:
        """Hand over as one batch, and give back what came of it."""
        before = len(self.heard)
        await self.world.handle(*events)
        await self.world.settle()
        return self.heard[before:]

    async def says(self, text: str) -> list[OutgoingMessage]:
        return await self.does(self.message(text))

    async def taps(self, label: str) -> list[OutgoingMessage]:
        return await self.does(self.tap(label))

    async def starts(self) -> list[OutgoingMessage]:
        return await self.does(self.start())

    async def agrees(self) -> Person:
        """First contact, up to the menu."""
        await self.starts()
        for label in ("English", "Yes, keep it", "Not now"):
            await self.taps(label)
        assert "What would you like to do?" in self.last.text
        return self

    async def begins_intake(self) -> Person:
        """First contact, up to the first question of the intake."""
        await self.starts()
        for label in ("English", "Yes, keep it", "Yes, begin"):
            await self.taps(label)
        assert "What may we call you?" in self.last.text
        return self

    async def begins(self, conversation: str) -> list[OutgoingMessage]:
        """Open a conversation as a command does."""
        return await self.does(self.tap_data(f"!{conversation}"))

    # ------------------------------------------------------------- what they see

    @property
    def heard(self) -> list[OutgoingMessage]:
        return self.world.channel.to(self.address)

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.heard]

    @property
    def last(self) -> OutgoingMessage:
        assert self.heard, f"{self.address} has heard nothing"
        return self.heard[-1]

    def button(self, label: str) -> Button:
        for message in reversed(self.heard):
            for one in message.buttons:
                if one.label == label:
                    return one
        raise AssertionError(f"{self.address} sees no button {label!r}; the last message is {self.last!r}")

    # ------------------------------------------------------------- what is stored

    @property
    def id(self) -> int:
        return int(self.world.one("SELECT contact_id FROM addresses WHERE address = ?", self.address))

    def answers(self, conversation: str) -> dict[str, Any]:
        import json

        rows = self.world.rows(
            "SELECT answers FROM runs WHERE contact_id = ? AND conversation = ? ORDER BY id DESC LIMIT 1",
            self.id, conversation,
        )
        return {path: value for path, value in json.loads(rows[0][0]).items() if path[0] != "@"}

    def awaits(self) -> tuple[str, str | None] | None:
        """The current conversation and its question."""
        rows = self.world.rows(
            "SELECT conversation, awaiting FROM runs WHERE contact_id = ? AND ended_at IS NULL"
            " ORDER BY touched DESC LIMIT 1", self.id,
        )
        return rows[0] if rows else None

    def ticket(self) -> int:
        return int(self.world.one("SELECT id FROM tickets WHERE contact_id = ? AND state != 'closed'", self.id))

    def tasks(self) -> list[str]:
        return [row[0] for row in self.world.rows("SELECT kind FROM tasks WHERE contact_id = ? ORDER BY id", self.id)]


async def stops(deliver: Deliver) -> bool:
    """Whether it ends when asked. If not, it is ended by force: a test that fails must not hang the others."""
    stopping = asyncio.create_task(deliver.stop())
    done, _ = await asyncio.wait([stopping], timeout=PATIENCE)
    running = [stopping]
    for _ in range(50):
        if done or not running:
            break
        for task in running:
            task.cancel()
        _, still = await asyncio.wait(running, timeout=0.01)
        running = list(still)
    return bool(done)


def moment(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)


def build_app(folder: Path, clock: StoppedClock, channel: Recorder, **settings: Any) -> App:
    return build(Settings(data_dir=folder, **settings), clock, [channel])


def texts_of(messages: Sequence[OutgoingMessage]) -> str:
    return "\n".join(one.text for one in messages)
