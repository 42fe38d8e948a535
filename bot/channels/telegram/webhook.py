"""Where Telegram posts what comes in, and how it shows that it is Telegram. Pure.

Any number of processes may stand behind the address. What keeps a person's messages in order is that we answer a
post only after the commit, since Telegram's own server waits for that answer. As its source has it
(https://github.com/tdlib/telegram-bot-api, `WebhookActor.cpp` and `Client.cpp`, commit 01a3679):

- Every update belongs to a queue. `send_update` takes the oldest of a queue, and the queue is looked at again only
  after the answer: `on_update_ok` drops that update, `on_update_error` keeps it at the head. Different queues run in
  parallel, on up to `max_connections` connections.
- A private chat has three queues: messages (`add_message_update` with the chat's id), taps (the person's id and
  3 << 33) and blocking or starting (`add_update_chat_member`, the chat's id and 5 << 33). So messages come in order,
  and taps do; a message and a tap of the same moment may change places, also where one of them was refused.
- What is not answered with 200 to 299 comes again: at once, then after 2, 4, 8 seconds and so on up to one or two
  minutes, or after what `Retry-After` says; until it is a day old, a tap for 150 seconds.
- An update is never larger than 64 KB (`add_update_impl`).
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_CONNECTIONS = 40
"""How many posts Telegram has under way at once."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Path and secret follow from the token: the processes need not agree on them, and nobody can guess them."""

    path: str = field(repr=False)
    url: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def of(cls, token: str, public_url: str) -> Webhook:
        path = f"/telegram/{_derived(token, 'path')[:32]}"
        return cls(path, public_url.rstrip("/") + path, _derived(token, "secret"))

    def is_from_telegram(self, headers: Mapping[str, str]) -> bool:
        given = headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode())

    def call(self, kinds: tuple[str, ...]) -> dict[str, Any]:
        """The parameters of setWebhook. The same call once more changes nothing."""
        return {
            "url": self.url,
            "secret_token": self.secret,
            "allowed_updates": list(kinds),
            "max_connections": MAX_CONNECTIONS,
            "drop_pending_updates": False,
        }


def _derived(token: str, purpose: str) -> str:
    return hmac.new(token.encode(), f"returnee-bot telegram webhook {purpose}".encode(), "sha256").hexdigest()


def chat_in(body: bytes) -> str:
    """Whose post this is, as far as it can be told from outside: the first `chat` with an `id` in it."""
    try:
        waiting: deque[object] = deque([orjson.loads(body)])
    except orjson.JSONDecodeError:
        return ""
    while waiting:
        one = waiting.popleft()
        if not isinstance(one, dict):
            continue
        chat = one.get("chat")
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return str(chat["id"])
        waiting += one.values()
    return ""
