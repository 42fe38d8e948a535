"""What has to be answered after a tap: the waiting on the person's button ends, and the buttons go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from bot.beside import Beside
from bot.channels.telegram.api import Api
from bot.channels.telegram.recent import Recent

AT_ONCE = 32
"""How many taps are answered at a time, so that sending always finds a free connection."""


class Taps:
    def __init__(self, api: Api, beside: Beside) -> None:
        self._api, self._beside = api, beside
        self._answering = asyncio.Semaphore(AT_ONCE)
        self._answered = Recent(10_000)

    def answer(self, updates: Iterable[Mapping[str, Any]]) -> None:
        for query in taps_in(updates):
            if self._answered.is_new(query["id"]):
                self._beside.do(self._settle(query))

    async def _settle(self, query: Mapping[str, Any]) -> None:
        """The question is answered. When more taps wait than can be answered at a time, buttons stay: a late tap on
        them is harmless."""
        async with self._answering:
            await self._api.attempt("answerCallbackQuery", {"callback_query_id": query["id"]})
            place = keyboard_of(query)
            if place is not None and len(self._beside) < AT_ONCE:
                await self._api.attempt("editMessageReplyMarkup", {**place, "reply_markup": {"inline_keyboard": []}})


def taps_in(updates: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The callback queries in these updates, also those that mean nothing to us: somebody waits for them."""
    queries = (update.get("callback_query") for update in updates)
    return [query for query in queries if isinstance(query, dict) and isinstance(query.get("id"), str)]


def keyboard_of(query: Mapping[str, Any]) -> dict[str, Any] | None:
    """The message whose buttons are to be taken away, if it has any and we can reach it."""
    match query.get("message"):
        case {"chat": {"type": "private", "id": int(chat)}, "message_id": int(shown), "reply_markup": dict()}:
            return {"chat_id": chat, "message_id": shown}
    return None
