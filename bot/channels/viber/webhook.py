"""Where Viber posts what comes in, and how it shows that it is Viber. Pure.

It signs each body with the bot's token (https://creators.viber.com/docs/bots-api/callbacks). What is not answered with
200 within some seconds comes again: the message's token tells that it is the same."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SIGNATURE_HEADER = "X-Viber-Content-Signature"
WANTED = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
"""Besides messages, which always come."""
_SIGNATURE = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Webhook:
    """The path follows from the token: the processes need not agree on it, and nobody can guess it."""

    token: str = field(repr=False)
    path: str = field(repr=False)
    url: str = field(repr=False)

    @classmethod
    def of(cls, token: str, public_url: str) -> Webhook:
        secret = hmac.new(token.encode(), b"returnee-bot viber webhook path", "sha256").hexdigest()
        path = f"/viber/{secret[:32]}"
        return cls(token, path, public_url.rstrip("/") + path)

    def may_be_viber(self, headers: Mapping[str, str]) -> bool:
        return _SIGNATURE.fullmatch(headers.get(SIGNATURE_HEADER, "")) is not None

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        wanted = hmac.new(self.token.encode(), body, "sha256").hexdigest()
        given = headers.get(SIGNATURE_HEADER, "").lower()
        return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())

    def call(self) -> dict[str, object]:
        """The parameters of set_webhook. Names and pictures of people are not wanted."""
        return {"url": self.url, "event_types": list(WANTED), "send_name": False, "send_photo": False}
