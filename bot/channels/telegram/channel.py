"""Telegram, by long polling or by webhook. What came in is acknowledged only after it has been stored.

Polling: the process that leads fetches everything. Webhook: Telegram posts to any process."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

import structlog

from bot.beside import Beside
from bot.channels.base import Handle, Limits, Outgoing, TokenRefused
from bot.channels.http import Unreadable
from bot.channels.loose import a_text, an_object, parsed_or_empty
from bot.channels.posts import Posts
from bot.channels.telegram.api import Api
from bot.channels.telegram.commands import command_calls, description_calls
from bot.channels.telegram.compose import TEXT_LIMIT
from bot.channels.telegram.failures import FAILURES, asked_to_wait, described, is_conflict, is_token_refused
from bot.channels.telegram.files import fetch
from bot.channels.telegram.parse import CHANNEL, WANTED, kind_of, parse
from bot.channels.telegram.sending import Sending
from bot.channels.telegram.taps import Taps
from bot.channels.telegram.webhook import Webhook, chat_in
from bot.channels.together import Together

log = structlog.get_logger(__name__)

Commands: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]
"""Language -> command and description; the language "" is for everybody else."""

POLL_SECONDS = 25
POLL_GRACE = 10.0
"""How much later than promised the answer to a poll may come."""
LONGEST_WAIT = 30.0
STOP_SECONDS = 2.0
FAILURES_TO_TELL = 3
"""So many times in a row Telegram must fail before we call it out of reach."""


class StaffGroup(Protocol):
    """A group in which the team answers: what comes in there is not for the conversations."""

    wanted: tuple[str, ...]
    """The kinds of updates that it needs beside the usual ones."""

    def is_theirs(self, update: Mapping[str, Any]) -> bool: ...

    async def take(self, update: Mapping[str, Any]) -> None:
        """Returns once it is stored; raises StoreError where it is to come again."""
        ...


class Telegram:
    name = CHANNEL
    title = "Telegram"
    limits = Limits(text=TEXT_LIMIT, label=60, files=True, sends_files=True, media="upload", album=10,
                    takes_away=timedelta(hours=47, minutes=50), covers=True, a_second=28, a_second_each=1.0)
    """A bot can delete what is younger than 48 hours (https://core.telegram.org/bots/api#deletemessage)."""

    def __init__(
        self,
        token: str,
        api_url: str,
        now: Callable[[], datetime],
        commands: Commands | None = None,
        *,
        descriptions: Mapping[str, str] | None = None,
        public_url: str = "",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        answer_within: float = 20.0,
    ) -> None:
        """With `public_url`, Telegram posts to it; without, it is polled."""
        self._api = Api(token, api_url, answer_within)
        self._now = now
        self._commands, self._descriptions = commands or {}, descriptions or {}
        self.note_skipped: Callable[[str], None] = lambda _kind: None
        self.staff: StaffGroup | None = None
        """Set before the start, where there is one."""
        self._failures = 0
        self._name = ""
        """How Telegram calls this bot."""
        self._sleep = sleep
        self._webhook = Webhook.of(token, public_url) if public_url else None
        self.path = self._webhook.path if self._webhook else ""
        self._handle: Handle | None = None
        self._leading: asyncio.Task[None] | None = None
        self._posts = Posts()
        self._beside = Beside()
        self._taps = Taps(self._api, self._beside)
        self._sending = Sending(self._api)
        self._handling = asyncio.Lock()
        self._offset: int | None = None
        self.skipped: Counter[str] = Counter()
        """Updates that mean nothing to us, by kind."""

    # Starting and stopping

    async def start(self, handle: Handle) -> None:
        """Raises TokenRefused. Any other trouble is waited out by what begins later."""
        # At level DEBUG the library logs every refusal with what people wrote.
        logging.getLogger("telegram").setLevel(logging.WARNING)
        self._api.open()
        await self._check_token()
        self._handle = Together(handle) if self._webhook else handle

    def link(self, code: str) -> str:
        return f"https://t.me/{self._name}?start={code}" if self._name else ""

    async def begin(self) -> None:
        if self._handle is None:
            raise RuntimeError("telegram has not started")
        if self._leading is None:
            self._beside.do(self._introduce())
            work = self._set_webhook(self._webhook) if self._webhook else self._poll(self._handle)
            self._leading = asyncio.create_task(work, name="telegram leading")

    async def _check_token(self) -> None:
        try:
            self._name = a_text(an_object(await self._api.call("getMe", {})).get("username")) or ""
        except FAILURES as problem:
            if is_token_refused(problem):
                await self._api.close()
                raise TokenRefused(self.name) from None
            log.warning("telegram is not reachable", **described(problem))

    async def _introduce(self) -> None:
        """What people see before they write, in each language."""
        for call in command_calls(self._commands):
            await self._api.attempt("setMyCommands", call)
        for call in description_calls(self._descriptions):
            await self._api.attempt("setMyDescription", call)

    async def cease(self) -> None:
        """A webhook stays set, for the others."""
        leading, self._leading = self._leading, None
        if leading is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS), self._handling:
                leading.cancel()
        leading.cancel()
        await asyncio.wait({leading})

    async def stop(self) -> None:
        """What is being stored may finish, and so may the taps that wait for an answer."""
        self._handle = None
        await self.cease()
        await self._posts.finish(STOP_SECONDS)
        await self._beside.finish(STOP_SECONDS)
        await asyncio.gather(*self._beside.give_up(), return_exceptions=True)
        await self._api.close()

    # Polling

    async def _poll(self, handle: Handle) -> None:
        while True:
            try:
                await self._take(await self._updates(), handle)
                self._failures = 0
            except Exception as problem:
                self._failures += 1
                log.warning("telegram polling failed", failures=self._failures, **described(problem))
                await self._free_from_webhook(problem)
                await self._sleep(_wait(problem, self._failures))

    def trouble(self) -> str | None:
        """What keeps people's words from arriving, or None."""
        return "is not reachable" if self._failures >= FAILURES_TO_TELL else None

    async def _updates(self) -> list[dict[str, Any]]:
        call = {
            "offset": self._offset,
            "timeout": POLL_SECONDS,
            "limit": 100,
            "allowed_updates": list(self._wanted()),
        }
        known = {name: value for name, value in call.items() if value is not None}
        updates = await self._api.call("getUpdates", known, answer_within=POLL_SECONDS + POLL_GRACE)
        if not isinstance(updates, list):
            raise Unreadable("getUpdates did not answer with a list")
        return [update for update in updates if isinstance(update, dict)]

    def _wanted(self) -> tuple[str, ...]:
        return WANTED if self.staff is None else (*WANTED, *self.staff.wanted)

    def _is_staffs(self, update: Mapping[str, Any]) -> bool:
        return self.staff is not None and self.staff.is_theirs(update)

    async def _take(self, updates: list[dict[str, Any]], handle: Handle) -> None:
        """Store a batch, and only then let Telegram forget it."""
        at = self._now()
        parsed = [(update, parse(update, at)) for update in updates if not self._is_staffs(update)]
        events = [event for _, found in parsed for event in found]
        async with self._handling:
            if events:
                await handle(events)
            if self.staff is not None:
                for update in filter(self.staff.is_theirs, updates):
                    await self.staff.take(update)
            self._offset = _after(updates, self._offset)
        self._note_skipped([update for update, found in parsed if not found])
        self._taps.answer(updates)

    async def _free_from_webhook(self, problem: Exception) -> None:
        """While a webhook is set, nothing can be polled. What waits there is kept."""
        if is_conflict(problem) and "webhook" in str(problem).lower():
            await self._api.attempt("deleteWebhook", {})

    # Being posted to

    async def _set_webhook(self, webhook: Webhook) -> None:
        while True:
            try:
                await self._api.call("setWebhook", webhook.call(self._wanted()))
                self._failures = 0
                return
            except Exception as problem:
                self._failures += 1
                log.warning("telegram webhook could not be set", failures=self._failures, **described(problem))
                await self._sleep(_wait(problem, self._failures))

    def is_from_platform(self, headers: Mapping[str, str]) -> bool:
        return self._webhook is not None and self._webhook.is_from_telegram(headers)

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """The secret is in the headers; Telegram does not sign."""
        return True

    def sender_of(self, body: bytes) -> str:
        return chat_in(body)

    async def posted(self, body: bytes) -> bytes:
        """One update; stopping waits for it."""
        if self._handle is None:
            raise RuntimeError("telegram is not running")
        await self._posts.take(self._take_one(parsed_or_empty(body), self._handle))
        return b""

    async def _take_one(self, update: dict[str, Any], handle: Handle) -> None:
        """What cannot be read is passed over: Telegram would repeat it for a day."""
        if self.staff is not None and self.staff.is_theirs(update):
            await self.staff.take(update)
            return
        events = parse(update, self._now())
        if events:
            await handle(events)
        else:
            self._note_skipped([update])
        self._taps.answer([update])

    # What means nothing to us

    def _note_skipped(self, updates: list[dict[str, Any]]) -> None:
        for update in updates:
            kind = kind_of(update)
            self.skipped[kind] += 1
            self.note_skipped(kind)
            log.info("telegram update skipped", kind=kind)
    # Files, and sending

    def fetch(self, data: Mapping[str, Any], most: int) -> Coroutine[Any, Any, bytes]:
        return fetch(self._api, data, most)

    def send(self, outgoing: Outgoing) -> Coroutine[Any, Any, str | None]:
        return self._sending.send(outgoing)

    def send_album(self, together: Sequence[Outgoing]) -> Coroutine[Any, Any, list[str | None]]:
        return self._sending.send_album(together)

    def call(self, method: str, parameters: dict[str, Any]) -> Coroutine[Any, Any, Any]:
        """Anything that Telegram can do; a file is (name, type, content). Raises one of FAILURES."""
        return self._api.put(method, parameters)


def _after(updates: Sequence[Mapping[str, Any]], offset: int | None) -> int | None:
    numbers = [update["update_id"] for update in updates if isinstance(update.get("update_id"), int)]
    return max(numbers) + 1 if numbers else offset


def _wait(problem: Exception, failures: int) -> float:
    asked = asked_to_wait(problem)
    if asked is not None:
        return asked
    return min(LONGEST_WAIT, 2.0 ** min(failures - 1, 10))
