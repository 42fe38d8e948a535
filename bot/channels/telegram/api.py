"""Telegram's Bot API: a method with its parameters, and the raw JSON of what it answers."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Coroutine
from http import HTTPStatus
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import structlog

from bot.channels.http import HttpClient, Unreadable
from bot.channels.loose import parsed
from bot.channels.telegram.failures import FAILURES, Refused, Unwritable, described, is_harmless

log = structlog.get_logger(__name__)
ENOUGH = 200
"""More connections than the outbox and the taps use at the same time."""
UPLOAD_WITHIN = 60.0
DOWNLOAD_WITHIN = 300.0
"""Seconds for a whole file: 20 MB over half a megabit."""
LIBRARY = "bot.channels.telegram.library"


class Api:
    """Typed objects for what is sent and answered would cost more than the rest of a turn."""

    def __init__(self, token: str, api_url: str, answer_within: float = 20.0) -> None:
        self._http = HttpClient(api_url, connections=ENOUGH, answer_within=answer_within)
        self._path = f"{urlsplit(api_url).path}/bot{token}/"
        self._files = f"{urlsplit(api_url).path}/file/bot{token}/"

    def open(self) -> None:
        self._http.open()

    async def close(self) -> None:
        await self._http.close()

    async def call(self, method: str, parameters: dict[str, Any], answer_within: float | None = None) -> Any:
        """The result. Raises HttpTrouble; Refused, with Telegram's reason; Unwritable, before anything is sent."""
        return await _result(*await self._http.post(self._path + method, _body(parameters), within=answer_within))

    async def upload(self, method: str, parameters: dict[str, Any]) -> Any:
        """The same with a file among the parameters: (name, type, content)."""
        body, kind = _form(parameters)
        return await _result(*await self._http.post(self._path + method, body, kind, UPLOAD_WITHIN))

    def put(self, method: str, parameters: dict[str, Any]) -> Coroutine[Any, Any, Any]:
        """`call`, or `upload` where a file is among the parameters."""
        has_file = any(isinstance(value, tuple) for value in parameters.values())
        return self.upload(method, parameters) if has_file else self.call(method, parameters)

    async def attempt(self, method: str, parameters: dict[str, Any]) -> None:
        """Nobody misses much if this fails."""
        try:
            await self.call(method, parameters)
        except FAILURES as problem:
            if not is_harmless(problem):
                log.warning("telegram call failed", method=method, **described(problem))

    async def download(self, file_path: str, most: int) -> bytes | None:
        """A file that getFile has told of; None where it is not there (any more). Raises HttpTrouble."""
        status, content = await self._http.get(self._files + quote(file_path), most, DOWNLOAD_WITHIN)
        return content if status == HTTPStatus.OK else None


async def _result(status: int, payload: bytes) -> Any:
    if status != HTTPStatus.OK:
        raise await _refusal(status, payload)
    answer = parsed(payload)
    if "result" not in answer:
        raise Unreadable("Invalid server response")
    return answer["result"]


def _form(parameters: dict[str, Any]) -> tuple[bytes, str]:
    """A form as browsers send files, and its content type (RFC 7578). Names are ours: nothing in them needs quoting."""
    line, parts = secrets.token_hex(16), []
    for name, value in parameters.items():
        head, content = f'form-data; name="{name}"', value
        if isinstance(value, tuple):
            head, content = f'{head}; filename="{value[0]}"\r\nContent-Type: {value[1]}', value[2]
        elif isinstance(value, str):
            content = _utf8(value)
        else:
            content = _body(value)
        parts += [f"--{line}\r\nContent-Disposition: {head}\r\n\r\n".encode(), content, b"\r\n"]
    return b"".join([*parts, f"--{line}--\r\n".encode()]), f"multipart/form-data; boundary={line}"


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Unwritable("cannot be written as text") from error


def _body(parameters: object) -> bytes:
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
