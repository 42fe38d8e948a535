"""Which of python-telegram-bot's errors an answer is."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("PTB_TIMEDELTA", "true")  # the library's own switch: without it, every RetryAfter warns

from telegram.error import TelegramError
from telegram.request import BaseRequest


async def error_in(status: int, payload: bytes) -> TelegramError:
    """The error that the library raises for this answer."""
    try:
        await Answered(status, payload).retrieve("")
    except TelegramError as error:
        return error
    return TelegramError("Invalid server response")


class Answered(BaseRequest):
    """A call that has its answer already."""

    __slots__ = ("_answer",)

    def __init__(self, status: int, payload: bytes) -> None:
        self._answer = status, payload

    @property
    def read_timeout(self) -> None:
        return None

    async def initialize(self) -> None:
        """There is nothing to open."""

    async def shutdown(self) -> None:
        """There is nothing to close."""

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        return self._answer
