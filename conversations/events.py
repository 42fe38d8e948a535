"""One normalised thing that came in, from any channel or from the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

MediaKind: TypeAlias = Literal[
    "photo", "voice", "audio", "video", "document", "sticker", "location", "contact", "other"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _FromPerson:
    channel: str
    address: str
    """The person's address on this channel, as text."""
    key: str
    """Unique on this channel: the second copy of the same thing has the same key."""
    at: datetime
    """When it arrived here, in UTC."""
    language: str | None = None
    """What the app says the person's language is, as it says it ("de-AT")."""
    reply_to: str | None = None
    external_id: str | None = None
    """The platform's id of what the person sent, where it can be taken away there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(_FromPerson):
    text: str
    edited: bool = False
    """Words that were sent before, and that the person has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap(_FromPerson):
    data: str
    """What the button carried: `run:path:choice`, or `!command`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(_FromPerson):
    """The person opened the chat, or came back to it."""

    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(_FromPerson):
    """The person blocked the bot or left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media(_FromPerson):
    kind: MediaKind
    text: str = ""
    """The words under it."""
    edited: bool = False
    """Its words have been changed."""
    data: dict[str, Any] = field(default_factory=dict)
    """What the channel needs to fetch it; `album`: what is the same in all that were sent at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(_FromPerson):
    message_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderDue:
    reminder_id: int
    at: datetime


FromPerson: TypeAlias = Message | Tap | Started | Stopped | Media | DeliveryFailed
InboundEvent: TypeAlias = FromPerson | ReminderDue
