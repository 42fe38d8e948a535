"""Viber: it posts what comes in to any of our processes; what goes out is a call for each message.

Whoever opens the chat for the first time can be reached only in the answer to that very post. So this answer is the
same for everybody, in their language: a greeting with one button. It needs no database, comes at once however busy the
bot is, and nobody who only looks is stored. With the button the talk begins like everywhere."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import quote

import orjson
import structlog

from bot.channels.base import (
    Button,
    Fate,
    Gone,
    Handle,
    Later,
    Limits,
    NoteFates,
    Outgoing,
    TokenRefused,
    TooLarge,
)
from bot.channels.http import HttpTrouble, TooMuch
from bot.channels.loose import a_number, a_text, parsed_or_empty
from bot.channels.parts import Parts
from bot.channels.posts import Posts
from bot.channels.together import Together
from bot.channels.viber.api import Api
from bot.channels.viber.compose import TEXT_LIMIT, keyboard, requests_for, text_message
from bot.channels.viber.parse import BEGIN, CHANNEL, Opened, kind_of, parse, sender_in
from bot.channels.viber.statuses import BAD_TOKEN, FAILURES, Refused, send_error
from bot.channels.viber.webhook import Webhook
from bot.safely import described

log = structlog.get_logger(__name__)
Welcome: TypeAlias = Callable[[str | None], tuple[str, str]]
"""The app's language, if it is known -> the greeting and the words on its button."""
STOP_SECONDS = 2.0
LONGEST_WAIT = 30.0
FAILURES_TO_TELL = 3
"""So many times in a row Viber must fail before we call it out of reach."""


class Viber:
    name = CHANNEL
    title = "Viber"
    limits = Limits(text=TEXT_LIMIT, label=60, files=True, media="link", session=timedelta(hours=24), a_second=20,
                    a_second_each=2.0)

    def __init__(
        self,
        token: str,
        api_url: str,
        now: Callable[[], datetime],
        *,
        public_url: str,
        sender: str,
        welcome: Welcome,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        answer_within: float = 20.0,
    ) -> None:
        """`sender`: the name over our messages."""
        self._api, self._now, self._sender, self._welcome, self._sleep = (
            Api(token, api_url, answer_within), now, sender, welcome, sleep)
        self._webhook = Webhook.of(token, public_url)
        self.path = self._webhook.path
        self.note_skipped: Callable[[str], None] = lambda _kind: None
        self.note_fates: NoteFates = _nobody_listens
        self.skipped: Counter[str] = Counter()
        """Callbacks that mean nothing to us, by kind."""
        self._failures = 0
        self._name = ""
        """How Viber calls this bot."""
        self._handle: Handle | None = None
        self._leading: asyncio.Task[None] | None = None
        self._posts, self._parts = Posts(), Parts()

    # Starting and stopping

    async def start(self, handle: Handle) -> None:
        """Raises TokenRefused. Any other trouble is waited out by what begins later."""
        self._api.open()
        try:
            self._name = a_text((await self._api.call("get_account_info", {})).get("uri")) or ""
        except FAILURES as problem:
            if isinstance(problem, Refused) and problem.status == BAD_TOKEN:
                await self._api.close()
                raise TokenRefused(self.name) from None
            log.warning("viber is not reachable", error=type(problem).__name__, reason=str(problem)[:200])
        self._handle = Together(handle)

    def link(self, code: str) -> str:
        return f"viber://pa?chatURI={quote(self._name, safe='')}&context={code}" if self._name else ""

    async def begin(self) -> None:
        if self._handle is None:
            raise RuntimeError("viber has not started")
        if self._leading is None:
            self._leading = asyncio.create_task(self._set_webhook(), name="viber leading")

    async def _set_webhook(self) -> None:
        """Viber looks whether the address answers before it takes it: so it may fail until our own site listens."""
        while True:
            try:
                await self._api.call("set_webhook", dict(self._webhook.call()))
                self._failures = 0
                return
            except FAILURES as problem:
                self._failures += 1
                log.warning("viber webhook could not be set", failures=self._failures, reason=str(problem)[:200])
                await self._sleep(min(LONGEST_WAIT, 2.0 ** min(self._failures - 1, 10)))

    async def cease(self) -> None:
        """The webhook stays set, for the others."""
        leading, self._leading = self._leading, None
        if leading is not None:
            leading.cancel()
            await asyncio.wait({leading})

    async def stop(self) -> None:
        """What is being stored may finish."""
        self._handle = None
        await self.cease()
        await self._posts.finish(STOP_SECONDS)
        await self._api.close()

    def trouble(self) -> str | None:
        """What keeps people's words from arriving, or None."""
        return "is not reachable" if self._failures >= FAILURES_TO_TELL else None

    # Being posted to

    def is_from_platform(self, headers: Mapping[str, str]) -> bool:
        return self._webhook.may_be_viber(headers)

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        return self._webhook.is_signed(headers, body)

    def sender_of(self, body: bytes) -> str:
        return sender_in(parsed_or_empty(body))

    async def posted(self, body: bytes) -> bytes:
        """One callback. What cannot be read is passed over: Viber would repeat it."""
        if self._handle is None:
            raise RuntimeError("viber is not running")
        update = parsed_or_empty(body)
        found = parse(update, self._now())
        match found:
            case None:
                self._note_skipped(update)
            case Opened():
                return orjson.dumps(self._greeting(found))
            case Fate():
                await self._posts.take(self.note_fates([found]))
            case _:
                await self._posts.take(self._handle([found]))
        return b""

    def _greeting(self, opened: Opened) -> dict[str, Any]:
        """What the link said comes back with the tap."""
        text, label = self._welcome(opened.language)
        return {**text_message(text, self._sender), "keyboard": keyboard([Button(label, BEGIN)], 1),
                "tracking_data": opened.context[:200]}

    def _note_skipped(self, update: Mapping[str, Any]) -> None:
        """Viber's own test of the webhook is no news."""
        kind = kind_of(update)
        if kind != "webhook":
            self.skipped[kind] += 1
            self.note_skipped(kind)
            log.info("viber callback skipped", kind=kind)

    # Files

    async def fetch(self, data: Mapping[str, Any], most: int) -> bytes:
        """Viber keeps what people send for a while, at an address that came with the message."""
        address = data.get("url")
        if not isinstance(address, str) or not self._api.is_ours(address):
            raise Gone("it does not say where it lies")
        try:
            content = await self._api.download(address, most)
        except TooMuch as problem:
            raise TooLarge(str(problem)) from problem
        except HttpTrouble as problem:
            raise Later(str(problem)) from problem
        except (UnicodeError, ValueError) as problem:
            log.info("viber file without a place", **described(problem))
            raise Gone("it lies nowhere") from None
        if content is None:
            raise Later("the file is not there")
        return content

    # Sending

    async def send(self, outgoing: Outgoing) -> str | None:
        """A long text goes in several messages; what is given back is the last one's id: it tells what became of it."""
        try:
            ids = await self._parts.send(outgoing.id, requests_for(outgoing, self._sender), self._send_part)
        except FAILURES as problem:
            raise send_error(problem) from problem
        return ids[-1] or None

    async def _send_part(self, call: dict[str, Any]) -> str:
        token = a_number((await self._api.call("send_message", call)).get("message_token"))
        return str(token) if token is not None else ""


async def _nobody_listens(fates: Sequence[Fate]) -> None:
    """Until the app says who does."""
