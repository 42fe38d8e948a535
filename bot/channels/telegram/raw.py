"""python-telegram-bot's Bot, with the raw JSON of what Telegram answers."""

from __future__ import annotations

import os
from typing import Any

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.channels.telegram.request import AiohttpRequest


class RawBot(Bot):
    """Building typed objects would cost more than the rest of a turn."""

    def __init__(self, token: str, api_url: str, request: AiohttpRequest) -> None:
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
        """What do_api_request does, without its warning at each call that there is a typed method."""
        within = BaseRequest.DEFAULT_NONE if read_timeout is None else read_timeout
        try:
            return await self._do_post(method, parameters, read_timeout=within)
        except KeyError:
            raise TelegramError("Invalid server response") from None
