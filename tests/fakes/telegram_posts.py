"""Telegram's side of a webhook: one update of a queue after the other, different queues at once.

As in the source that bot/channels/telegram/webhook.py names.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp

Json: TypeAlias = dict[str, Any]
HERE = ("127.0.0.1", "localhost")
LONGEST_DELAY = 60
GIVE_UP_SECONDS = 60


@dataclass(frozen=True)
class Post:
    """One post and how it was answered; the status is 0 where nobody answered."""

    update_id: int
    status: int


@dataclass(frozen=True)
class Target:
    """What setWebhook said. Raises ValueError with Telegram's words where that cannot be."""

    url: str
    secret: str
    most: int

    @classmethod
    def read(cls, parameters: Json) -> Target:
        url, secret = str(parameters.get("url", "")), str(parameters.get("secret_token", ""))
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in HERE:
            raise ValueError("bad webhook: An HTTPS URL must be provided for webhook")
        if len(secret) > 256:
            raise ValueError("secret token is too long")
        if not re.fullmatch("[A-Za-z0-9_-]*", secret):
            raise ValueError("secret token contains unallowed characters")
        return cls(url, secret, min(100, max(1, int(parameters.get("max_connections", 40)))))


@dataclass
class Posting:
    """Posts what waits, as long as a webhook is set.

    `waiting` gives the updates that are not confirmed; `answered` hears of each post, and whether it was taken.
    `changed` is called when a post goes out.
    `second` is how long a second lasts between a refused post and the next try.
    """

    waiting: Callable[[], Sequence[Json]]
    answered: Callable[[Json, bool], None]
    changed: Callable[[], None]
    second: float
    posts: list[Post] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    """Addresses of processes behind a balancer, which have their turns; empty: what setWebhook said."""
    most_at_once: int = 0
    _target: Target | None = None
    _session: aiohttp.ClientSession | None = None
    _running: dict[object, asyncio.Task[None]] = field(default_factory=dict)
    _turns: Iterator[int] = field(default_factory=itertools.count)
    _now: int = 0
    _places: asyncio.Semaphore = field(default_factory=asyncio.Semaphore)

    @property
    def is_on(self) -> bool:
        return self._target is not None

    def begin(self, target: Target) -> None:
        if target == self._target:
            return
        self.end()
        self._target, self._places = target, asyncio.Semaphore(target.most)
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(GIVE_UP_SECONDS))
        self.wake()

    def end(self) -> None:
        self._target = None
        for task in self._running.values():
            task.cancel()
        self._running.clear()

    async def close(self) -> None:
        self.end()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def wake(self) -> None:
        """Somebody looks after every queue in which something waits."""
        if self._target is None or urlsplit(self._target.url).hostname not in HERE:
            return
        for queue in {queue_of(update) for update in self.waiting()}:
            if queue not in self._running:
                self._running[queue] = asyncio.create_task(self._empty(queue, self._target))

    async def _empty(self, queue: object, target: Target) -> None:
        delay, fails = 1, 0
        while (update := next((one for one in self.waiting() if queue_of(one) == queue), None)) is not None:
            async with self._places:
                status, retry_after = await self._post(update, target)
            taken = 200 <= status <= 299
            self.answered(update, taken)
            if taken:
                delay, fails = 1, 0
                continue
            delay = min(LONGEST_DELAY, delay * 2) if fails and not retry_after else delay
            wait = retry_after or (delay if fails else 0)
            fails += 1
            await nap(wait * self.second)
        del self._running[queue]

    async def _post(self, update: Json, target: Target) -> tuple[int, int]:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.changed()
        try:
            status, retry_after = await self._answer(update, target)
        finally:
            self._now -= 1
        self.posts.append(Post(update["update_id"], status))
        return status, retry_after

    async def _answer(self, update: Json, target: Target) -> tuple[int, int]:
        """Status and Retry-After. A process that takes no connection is passed over, as by a balancer."""
        assert self._session is not None
        headers = {"X-Telegram-Bot-Api-Secret-Token": target.secret}
        for _ in self.processes or [target.url]:
            try:
                async with self._session.post(self._address(target), json=update, headers=headers) as response:
                    return response.status, int(response.headers.get("Retry-After", 0))
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError):
                break
        return 0, 0

    def _address(self, target: Target) -> str:
        if not self.processes:
            return target.url
        return self.processes[next(self._turns) % len(self.processes)] + urlsplit(target.url).path


async def nap(seconds: float) -> None:
    await asyncio.sleep(seconds)


def queue_of(update: Json) -> tuple[str, int]:
    """Messages of a chat, taps of a person and a chat's blocking are queues of their own."""
    kind = next(key for key in update if key != "update_id")
    inner = update[kind]
    if not isinstance(inner, dict):
        return kind, update["update_id"]
    who = inner.get("from" if kind == "callback_query" else "chat") or {}
    return kind, who.get("id", update["update_id"])
