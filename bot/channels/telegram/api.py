"""Telegram's Bot API: a method with its parameters, and the raw JSON of what it answers."""

from __future__ import annotations

import asyncio
import json
import sys
from http import HTTPStatus
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import orjson

from bot.channels.http import HttpClient, Unreadable
from bot.channels.telegram.failures import Refused, Unwritable
from bot.safely import storable

ENOUGH = 200
"""More connections than the outbox and the taps use at the same time."""
LIBRARY = "bot.channels.telegram.library"


class Api:
    """Typed objects for what is sent and answered would cost more than the rest of a turn."""

    def __init__(self, token: str, api_url: str, answer_within: float = 20.0) -> None:
        self._http = HttpClient(api_url, connections=ENOUGH, answer_within=answer_within)
        self._path = f"{urlsplit(api_url).path}/bot{token}/"

    def open(self) -> None:
        self._http.open()

    async def close(self) -> None:
        await self._http.close()

    async def call(self, method: str, parameters: dict[str, Any], answer_within: float | None = None) -> Any:
        """The result. Raises HttpTrouble; Refused, with Telegram's reason; Unwritable, before anything is sent."""
        status, payload = await self._http.post(self._path + method, _body(parameters), within=answer_within)
        if status != HTTPStatus.OK:
            raise await _refusal(status, payload)
        answer = parsed(payload)
        if "result" not in answer:
            raise Unreadable("Invalid server response")
        return answer["result"]


def _body(parameters: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(parameters)
    except TypeError as error:
        raise Unwritable("cannot be written as JSON") from error


async def _refusal(status: int, payload: bytes) -> Refused:
    """What python-telegram-bot makes of it. It is loaded beside the loop with the first refusal."""
    if LIBRARY not in sys.modules:
        await asyncio.to_thread(import_module, LIBRARY)
    from bot.channels.telegram.library import error_in

    return Refused(await error_in(status, payload))


def parsed(payload: bytes) -> dict[str, Any]:
    """An answer or an update. Raises Unreadable."""
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        found = _lenient(payload)
    if not isinstance(found, dict):
        raise Unreadable("Invalid server response")
    return found


def _lenient(payload: bytes) -> Any:
    """What the strict parser refuses: half characters must not hold up everybody's updates."""
    try:
        return storable(json.loads(payload.decode("utf-8", "replace")))
    except ValueError:
        return None
