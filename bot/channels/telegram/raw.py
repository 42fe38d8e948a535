"""python-telegram-bot's Bot, with the raw JSON of what Telegram answers."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.request import AiohttpRequest, json_body


class RawBot(Bot):
    """Building typed objects would cost more than the rest of a turn."""

    __slots__ = ("_http",)

    def __init__(self, token: str, api_url: str, request: AiohttpRequest) -> None:
        self._http = request
        # The library's own switch: without it, every RetryAfter warns that its type will change.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        super().__init__(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=request,
            get_updates_request=request,
        )

    def __repr__(self) -> str:
        return "RawBot"  # the library's holds the token

    async def call(self, method: str, parameters: dict[str, Any], read_timeout: float | None = None) -> Any:
        """What do_api_request does, for calls without files. Its way there, with an object for each parameter, costs
        as much again as the call itself; errors still become what the library makes of them."""
        url = f"{self._base_url}/{method}"
        status, payload = await self._http.fetch(url, json_body(parameters), read_timeout)
        if status != HTTPStatus.OK:
            payload = await Answered(status, payload).retrieve(url)
        answer = AiohttpRequest.parse_json_payload(payload)
        if "result" not in answer:
            raise TelegramError("Invalid server response")
        return answer["result"]


class Answered(AiohttpRequest):
    """A call that has its answer already, for the library to tell which error it is."""

    __slots__ = ("_answer",)

    def __init__(self, status: int, payload: bytes) -> None:
        super().__init__()
        self._answer = status, payload

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        return self._answer
