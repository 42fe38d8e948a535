"""What the web chat's page shows of a chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from bot.channels.base import Button


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    id: int
    author: Literal["person", "bot", "counsellor"]
    kind: str
    """text, tap, started, stopped, a kind of media, or take_back"""
    text: str
    """Of a tap: the button's label."""
    at: str
    """ISO 8601, with the offset."""
    buttons: tuple[Button, ...] = ()
    columns: int = 1
    style: str = "plain"
    key: str | None = None
    """Of the person's own: the key that it is stored with (`own_key`)."""
    file: tuple[str, str] | None = None
    """Its kind (photo, voice, document), and what the file is called. It lies at /chat/files/ and the id."""
    takes_back: int | None = None
    """This is no message: that one vanishes."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A stretch of a chat, and how it stands now."""

    messages: Sequence[ThreadMessage] = ()
    language: str = ""
    """The person's; empty while they are unknown."""
    waiting: bool = False
    """Whether a ticket is open."""
    counsellor: str | None = None
    """The name of the counsellor who took it."""
    hidden: int = 0
    """Up to this message the person has taken the chat out of sight."""
    whose: str = ""
    """Where several people use this chat: another one for each, and for nobody. It tells nothing else."""

    def as_json(self) -> dict[str, Any]:
        messages = [asdict(one) | {"key": page_key(one.key)} for one in self.messages]
        return asdict(self) | {"messages": messages}


def own_key(address: str, key: str) -> str:
    """A page's key as it is stored, told apart from those of other browsers: theirs may be the same."""
    return f"{address[:16]}:{key}"


def page_key(stored: str | None) -> str | None:
    """The key as the page knows it."""
    return (stored or "").partition(":")[2] or None


class ReadMessages(Protocol):
    async def thread(self, address: str, after: int, limit: int) -> Thread:
        """The first `limit` messages with an id above `after`, oldest first; empty for an unknown address.

        Ids must grow in the order in which messages come into sight: the page asks only for later ones.
        """
        ...
