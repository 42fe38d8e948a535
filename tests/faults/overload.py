"""Twenty times more than the bot can take: nothing is lost, memory is bounded, the console answers, then all is well.

First it is measured what it can take: people who write again as soon as they are answered. Then the same people write
twenty times as much, whether they are answered or not; Telegram holds what the bot does not fetch. Then the bot works
off what has come, and is measured again, without a restart.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select

from storage.tables import Address, Message
from tests.faults.campaign import Bot, a_bot
from tests.faults.databases import Database
from tests.faults.people import Desk, Telegram

PEOPLE = 60
TIMES = 20
MEASURED = 3.0
"""Seconds for which the sustainable rate is measured."""
WORST_PAGE = 2.0
MOST_GROWTH = 200 * 2**20
"""What the outbox may hold in memory, and some more; the backlog itself is many times larger."""
RECOVERED = 0.5
"""The share of the sustainable rate that must be there again afterwards."""
MOST_LOOKS = 3
"""So often at most it is measured whether that speed is there again."""
FIRST = 5001


class Crowd(Telegram):
    """Many people who say the same. Updates are made when they are fetched, so that a flood is cheap to hold."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[int] = deque()
        self.said: Counter[int] = Counter()
        self.heard: Counter[int] = Counter()
        self.again: Callable[[int], object] = _nothing
        """What a person does when they are answered."""

    def say(self, number: int) -> None:
        self.said[number] += 1
        self.waiting.append(number)
        self._fetch()

    def _fetch(self) -> None:
        while self.waiting and len(self._pending) < 200:
            self.people[self.waiting.popleft()].says("menu")

    def _confirm(self, offset: int) -> None:
        super()._confirm(offset)
        self._fetch()

    def _send_message(self, parameters: dict[str, Any]) -> dict[str, Any]:
        sent = super()._send_message(parameters)
        number = int(parameters["chat_id"])
        self.heard[number] += 1
        del self.people[number].messages[:-2]
        del self.arrivals[number][:-2]
        self.again(number)
        return sent


def _nothing(_: int) -> None:
    """They leave it at that."""


@dataclass
class Overload:
    """What was measured."""

    kind: str
    rate: float = 0.0
    pushed: int = 0
    pushed_a_second: float = 0.0
    worked_off: float = 0.0
    worst_page: float = 0.0
    growth: int = 0
    rate_after: float = 0.0
    losses: list[str] = field(default_factory=list)

    def beyond(self) -> list[str]:
        """What was lost, and which limits did not hold."""
        return [*self.losses,
                *([f"a page took {self.worst_page:.1f} s"] if self.worst_page > WORST_PAGE else []),
                *([f"memory grew by {self.growth >> 20} MB"] if self.growth > MOST_GROWTH else []),
                *([f"only {self.rate_after:.0f} a second afterwards"] if self.rate_after < RECOVERED * self.rate
                  else [])]

    def as_line(self) -> str:
        return (f"{self.kind}: sustainable {self.rate:.0f} messages a second; pushed {self.pushed} at "
                f"{self.pushed_a_second:.0f} a second; worked off in {self.worked_off:.0f} s; slowest console page "
                f"{self.worst_page:.2f} s; memory grew by {self.growth / 2**20:.0f} MB; afterwards "
                f"{self.rate_after:.0f} a second; lost or beyond a limit: {self.beyond() or 'nothing'}.")


async def overload(database: Database, kind: str, seconds: float) -> Overload:
    seen = Overload(kind)
    crowd = Crowd()
    async with a_bot(database, telegram=crowd) as bot:
        await bot.starts()
        await _everybody_agrees(crowd)
        seen.rate = await sustainable(crowd)
        before = memory(bot.pid)
        async with watching(bot, seen, before):
            began = time.monotonic()
            seen.pushed_a_second = await push(crowd, seen.rate * TIMES, seconds)
            seen.pushed = crowd.said.total()
            await worked_off(crowd, database)
            seen.worked_off = time.monotonic() - began - seconds
        for _ in range(MOST_LOOKS):  # something else on the machine may slow down one look
            seen.rate_after = max(seen.rate_after, await sustainable(crowd))
            await worked_off(crowd, database)
            if seen.rate_after >= RECOVERED * seen.rate:
                break
        seen.losses = await what_was_lost(crowd, database)
        assert await bot.stops() == 0, bot.tail()
    return seen


async def _everybody_agrees(crowd: Crowd) -> None:
    """First contact, up to the menu."""
    people = [crowd.person(FIRST + number) for number in range(PEOPLE)]
    for one in people:
        one.starts()
    for words, label in (("Which language", "English"), ("May we keep", "Yes, keep it"), ("Shall we begin", "Not now")):
        for one in people:
            await one.waits_for(lambda messages, words=words: words in messages[-1].text if messages else False, 60)
            one.taps(label)
    for one in people:
        await one.waits_for(lambda messages: "What would you like to do?" in messages[-1].text, 60)


async def sustainable(crowd: Crowd) -> float:
    """How many messages a second are answered, where each person writes when they have their answer."""
    answers = 0

    def again(number: int) -> None:
        nonlocal answers
        answers += 1
        crowd.say(number)

    crowd.again = again
    for number in range(PEOPLE):
        crowd.say(FIRST + number)
    await asyncio.sleep(MEASURED)
    crowd.again = _nothing
    return answers / MEASURED


async def push(crowd: Crowd, a_second: float, seconds: float) -> float:
    """Everybody writes, so much a second in all; says how much it was."""
    began, pushed = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while pushed < a_second * passed:
            crowd.say(FIRST + pushed % PEOPLE)
            pushed += 1
        await asyncio.sleep(0.02)
    return pushed / (time.monotonic() - began)


async def worked_off(crowd: Crowd, database: Database) -> None:
    """Until all is fetched and all is sent. As long as it goes on, it may take its time."""
    last, changed = (-1, -1), time.monotonic()
    while crowd.waiting or crowd.unconfirmed or await _outbox(database):
        state = (len(crowd.waiting), crowd.heard.total())
        if state != last:
            last, changed = state, time.monotonic()
        assert time.monotonic() - changed < 30, f"nothing happens any more: {state}"
        await asyncio.sleep(0.2)


async def _outbox(database: Database) -> int:
    [[count]] = await database.rows(select(func.count()).where(Message.state == "queued"))
    return int(count)


# ------------------------------------------------------------------ what is watched meanwhile


class watching:
    """While this is open, somebody looks at the console, and at the memory of the process."""

    def __init__(self, bot: Bot, seen: Overload, before: int) -> None:
        self.bot, self.seen, self.before = bot, seen, before

    async def __aenter__(self) -> None:
        self.desk = Desk(self.bot.database, self.bot.port, self.bot.now)
        self.looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            began = time.monotonic()
            status = await status_of(self.desk.http, self.desk.at)
            self.seen.worst_page = max(self.seen.worst_page, time.monotonic() - began)
            assert status == 200, f"the console answered {status}"
            self.seen.growth = max(self.seen.growth, memory(self.bot.pid) - self.before)
            await asyncio.sleep(0.3)

    async def __aexit__(self, *_: object) -> None:
        self.looking.cancel()
        await asyncio.wait([self.looking])
        await self.desk.close()
        if not self.looking.cancelled():
            self.looking.result()


async def status_of(http: aiohttp.ClientSession, url: str) -> int:
    """0 where nothing came back in time."""
    try:
        async with http.get(url, allow_redirects=False) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


def memory(pid: int) -> int:
    """The bytes that a process really has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


# ------------------------------------------------------------------ what must be true


async def what_was_lost(crowd: Crowd, database: Database) -> list[str]:
    return [*await not_stored(crowd, database), *await not_answered(crowd, database)]


async def not_stored(crowd: Crowd, database: Database) -> list[str]:
    """Everything that was said is there once."""
    addresses = {contact: int(address) for contact, address in await database.rows(
        select(Address.contact_id, Address.sealed))}
    stored = Counter(addresses[contact] for contact, text in await database.rows(
        select(Message.contact_id, Message.text).where(Message.author == "person")) if text == "menu")
    return [f"{name} said {crowd.said[name]}, stored {stored[name]}" for name in crowd.said
            if crowd.said[name] != stored[name]]


async def not_answered(crowd: Crowd, database: Database) -> list[str]:
    """Every answer was sent, once; a menu that a newer one has overtaken need not be."""
    states = Counter({(state, error or ""): count for state, error, count in await database.rows(
        select(Message.state, Message.error, func.count()).where(Message.author != "person")
        .group_by(Message.state, Message.error))})
    sent = states.pop(("sent", ""), 0)
    overtaken = states.pop(("failed", "superseded"), 0)
    found = [f"{count} messages are {state}" for state, count in states.items()]
    if sent != crowd.heard.total():
        found.append(f"{sent} marked as sent, {crowd.heard.total()} arrived")
    if sent + overtaken < crowd.said.total():
        found.append(f"{crowd.said.total()} were said, {sent + overtaken} answered")
    return found
