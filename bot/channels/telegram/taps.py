"""What has to be answered after a tap. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


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
