"""Telegram, by long polling or by webhook. What came in is acknowledged only after it has been stored.

Polling: the process that leads fetches everything. Webhook: Telegram posts to any process."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

import structlog

from bot.channels.base import Gone, Handle, Later, Limits, Outgoing, TokenRefused, TooLarge
from bot.channels.http import TooMuch, Unreadable
from bot.channels.loose import a_number, a_text, an_object, parsed_or_empty
from bot.channels.parts import Parts
from bot.channels.posts import Posts
from bot.channels.telegram.api import Api
from bot.channels.telegram.commands import command_calls, description_calls
from bot.channels.telegram.compose import TEXT_LIMIT, album_of, deletions_for, method_of, requests_for
from bot.channels.telegram.failures import (
    FAILURES,
    Refused,
    asked_to_wait,
    fetch_error,
    is_bad_request,
    is_conflict,
    is_harmless,
    is_not_there,
    is_token_refused,
    send_error,
)
from bot.channels.telegram.failures import kind_of as failure_kind
from bot.channels.telegram.parse import CHANNEL, WANTED, kind_of, parse
from bot.channels.telegram.recent import Recent
from bot.channels.telegram.taps import keyboard_of, taps_in
from bot.channels.telegram.webhook import Webhook, chat_in
from bot.channels.together import Together
from bot.safely import described

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
AT_ONCE = 32
"""How many taps are answered at a time, so that sending always finds a free connection."""


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
                    takes_away=timedelta(hours=47, minutes=50), a_second=28, a_second_each=1.0)
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
        self._parts = Parts()
        self._background: set[asyncio.Task[None]] = set()
        self._handling = asyncio.Lock()
        self._answering = asyncio.Semaphore(AT_ONCE)
        self._answered = Recent(10_000)
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
            self._in_background(self._introduce())
            work = self._set_webhook(self._webhook) if self._webhook else self._poll(self._handle)
            self._leading = asyncio.create_task(work, name="telegram leading")

    async def _check_token(self) -> None:
        try:
            self._name = a_text(an_object(await self._api.call("getMe", {})).get("username")) or ""
        except FAILURES as problem:
            if is_token_refused(problem):
                await self._api.close()
                raise TokenRefused(self.name) from None
            log.warning("telegram is not reachable", **_described(problem))

    async def _introduce(self) -> None:
        """What people see before they write, in each language."""
        for call in command_calls(self._commands):
            await self._try("setMyCommands", call)
        for call in description_calls(self._descriptions):
            await self._try("setMyDescription", call)

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
        if self._background:
            await asyncio.wait(self._background, timeout=STOP_SECONDS)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._api.close()

    # Polling

    async def _poll(self, handle: Handle) -> None:
        while True:
            try:
                await self._take(await self._updates(), handle)
                self._failures = 0
            except Exception as problem:
                self._failures += 1
                log.warning("telegram polling failed", failures=self._failures, **_described(problem))
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
        self._answer_taps(updates)

    async def _free_from_webhook(self, problem: Exception) -> None:
        """While a webhook is set, nothing can be polled. What waits there is kept."""
        if is_conflict(problem) and "webhook" in str(problem).lower():
            await self._try("deleteWebhook", {})

    # Being posted to

    async def _set_webhook(self, webhook: Webhook) -> None:
        while True:
            try:
                await self._api.call("setWebhook", webhook.call(self._wanted()))
                self._failures = 0
                return
            except Exception as problem:
                self._failures += 1
                log.warning("telegram webhook could not be set", failures=self._failures, **_described(problem))
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
        self._answer_taps([update])

    # What means nothing to us

    def _note_skipped(self, updates: list[dict[str, Any]]) -> None:
        for update in updates:
            kind = kind_of(update)
            self.skipped[kind] += 1
            self.note_skipped(kind)
            log.info("telegram update skipped", kind=kind)

    # Answering taps

    def _answer_taps(self, updates: list[dict[str, Any]]) -> None:
        for query in taps_in(updates):
            if self._answered.is_new(query["id"]):
                self._in_background(self._settle(query))

    async def _settle(self, query: Mapping[str, Any]) -> None:
        """End the waiting on the person's button, and take the buttons away: the question is answered.

        When more taps wait than can be answered at a time, buttons stay: a late tap on them is harmless."""
        async with self._answering:
            await self._try("answerCallbackQuery", {"callback_query_id": query["id"]})
            place = keyboard_of(query)
            if place is not None and len(self._background) < AT_ONCE:
                await self._try("editMessageReplyMarkup", {**place, "reply_markup": {"inline_keyboard": []}})

    async def _try(self, method: str, parameters: dict[str, Any]) -> None:
        """Nobody misses much if this fails."""
        try:
            await self._api.call(method, parameters)
        except FAILURES as problem:
            if not is_harmless(problem):
                log.warning("telegram call failed", method=method, **_described(problem))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # Files

    async def fetch(self, data: Mapping[str, Any], most: int) -> bytes:
        """Telegram says where a file lies for an hour, so it is asked each time."""
        try:
            path = await self._place_of(data, most)
            content = await self._api.download(path, most)
        except TooMuch as problem:
            raise TooLarge(str(problem)) from problem
        except FAILURES as problem:
            raise fetch_error(problem) from problem
        if content is None:
            raise Later("the file is not there")
        return content

    async def _place_of(self, data: Mapping[str, Any], most: int) -> str:
        file_id = data.get("file_id")
        if not isinstance(file_id, str):
            raise Gone("no file came with it")
        told = an_object(await self._api.call("getFile", {"file_id": file_id}))
        if (a_number(told.get("file_size")) or 0) > most:
            raise TooLarge("it is larger than we keep")
        path = a_text(told.get("file_path"))
        if path is None or path.startswith("/") or ".." in path.split("/"):
            raise Later("it is not told where the file lies")
        return path

    # Sending

    async def call(self, method: str, parameters: dict[str, Any]) -> Any:
        """Anything that Telegram can do; a file is (name, type, content). Raises one of FAILURES."""
        has_file = any(isinstance(value, tuple) for value in parameters.values())
        return await (self._api.upload if has_file else self._api.call)(method, parameters)

    async def send(self, outgoing: Outgoing) -> str | None:
        """A long text goes in several messages; what is given back has the ids of all of them."""
        try:
            if outgoing.message.takes_back is not None:
                await self._take_back(outgoing, outgoing.message.takes_back)
                return None
            for call in deletions_for(outgoing):
                await self._take_away(call)
            numbers = await self._send_parts(outgoing)
        except FAILURES as problem:
            raise send_error(problem) from problem
        return ",".join(filter(None, numbers)) or None

    async def send_album(self, together: Sequence[Outgoing]) -> list[str | None]:
        try:
            told = await self.call("sendMediaGroup", album_of(together))
        except FAILURES as problem:
            raise send_error(problem) from problem
        sent = [an_object(one).get("message_id") for one in told] if isinstance(told, list) else []
        numbers = [str(one) if one is not None else None for one in sent[: len(together)]]
        return numbers + [None] * (len(together) - len(numbers))

    async def _send_parts(self, outgoing: Outgoing) -> list[str]:
        """Where Telegram does not take a file, its text goes alone: that says the same."""
        try:
            return await self._parts.send(outgoing.id, requests_for(outgoing), self._send_part)
        except Refused as refusal:
            if outgoing.content is None or not is_bad_request(refusal):
                raise
            log.warning("telegram does not take a file", reason=str(refusal)[:200])
            alone = replace(outgoing, content=None)
            return await self._parts.send(outgoing.id, requests_for(alone), self._send_part)

    async def _send_part(self, call: dict[str, Any]) -> str:
        """The id of the new message; empty where Telegram does not say it."""
        sent = an_object(await self.call(method_of(call), call))
        return str(sent.get("message_id", ""))

    async def _take_back(self, outgoing: Outgoing, message: int) -> None:
        """All of one message, with the parts of it that had arrived when the rest of it had not. One that is gone
        already is what was wanted; any other refusal comes through: a counsellor relies on what we say of it."""
        begun = self._parts.arrived(message)
        for call in deletions_for(replace(outgoing, hides=(*outgoing.hides, *begun))):
            for one in call["message_ids"]:
                try:
                    await self._api.call("deleteMessage", {"chat_id": call["chat_id"], "message_id": one})
                except Refused as refusal:
                    if not is_not_there(refusal):
                        raise

    async def _take_away(self, call: dict[str, Any]) -> None:
        """Where one of them cannot go, and so none went, the others go one by one."""
        try:
            await self._api.call("deleteMessages", call)
        except Refused as refusal:
            if not is_bad_request(refusal):
                raise
            for one in call["message_ids"]:
                await self._try("deleteMessage", {"chat_id": call["chat_id"], "message_id": one})


def _after(updates: Sequence[Mapping[str, Any]], offset: int | None) -> int | None:
    numbers = [update["update_id"] for update in updates if isinstance(update.get("update_id"), int)]
    return max(numbers) + 1 if numbers else offset


def _wait(problem: Exception, failures: int) -> float:
    asked = asked_to_wait(problem)
    if asked is not None:
        return asked
    return min(LONGEST_WAIT, 2.0 ** min(failures - 1, 10))


def _described(problem: Exception) -> dict[str, str]:
    """Telegram's own words are safe to log; those of other errors may hold what a person wrote."""
    if isinstance(problem, FAILURES):
        return {"error": failure_kind(problem), "reason": str(problem)[:200]}
    return described(problem)
