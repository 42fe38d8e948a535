"""What a transaction leads to beyond the database: messages to send, messages to hold back, pages to renew.

Work that runs in a transaction tells it here; it is heard after the commit, and never where there was none.
On SQLite the one process hears itself. On PostgreSQL every process hears it by NOTIFY, in the order of the commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

LONGEST = 7000
"""So many bytes of items go into one payload; a NOTIFY takes fewer than 8000 in all."""
_WHERE = "news"


@dataclass(frozen=True, slots=True)
class Queued:
    """An outgoing message as the sender needs it."""

    id: int
    contact_id: int
    channel: str
    address: str
    text: str
    content: dict[str, Any] | None
    lane: int
    attempts: int
    due_at: datetime
    at: datetime
    author: str = "bot"
    cause: int | None = None
    """The message of the person that led to it."""


@dataclass(slots=True)
class News:
    queued: list[Queued] = field(default_factory=list)
    withdrawn: dict[int, set[int]] = field(default_factory=dict)
    """Contact id -> lanes of what was queued before and must not be sent any more."""
    topics: set[str] = field(default_factory=set)
    elsewhere: list[int] = field(default_factory=list)
    """Ids of messages that another process has queued."""

    def __bool__(self) -> bool:
        return bool(self.queued or self.withdrawn or self.topics or self.elsewhere)

    def add(self, other: News) -> None:
        self.queued += other.queued
        for contact, lanes in other.withdrawn.items():
            self.withdrawn.setdefault(contact, set()).update(lanes)
        self.topics |= other.topics


def tell(
    connection: Connection, topics: Iterable[str] = (), queued: Iterable[Queued] = (),
    withdrawn: Mapping[int, set[int]] | None = None,
) -> None:
    """Say it after the commit of this transaction."""
    told(connection).add(News(list(queued), dict(withdrawn or {}), set(topics)))


def told(connection: Connection) -> News:
    """What was told in this transaction so far."""
    news: News = connection.info.setdefault(_WHERE, News())
    return news


def begin(connection: Connection, before: News | None = None) -> None:
    """Nothing is told yet; or what was told before."""
    connection.info[_WHERE] = before if before is not None else News()


def payloads(news: News) -> Iterator[str]:
    """The news as texts that fit into a NOTIFY: messages by their ids, in order."""
    yield from _packed("w", [[contact, *sorted(lanes)] for contact, lanes in sorted(news.withdrawn.items())])
    yield from _packed("q", [one.id for one in news.queued])
    yield from _packed("t", sorted(news.topics))


def _packed(kind: str, items: list[Any]) -> Iterator[str]:
    part: list[Any] = []
    size = 0
    for item in items:
        length = len(orjson.dumps(item)) + 1
        if part and size + length > LONGEST:
            yield orjson.dumps({kind: part}).decode()
            part, size = [], 0
        part.append(item)
        size += length
    if part:
        yield orjson.dumps({kind: part}).decode()


def unpacked(payload: str) -> News:
    """What a NOTIFY says. Raises ValueError where it is none of ours."""
    said = orjson.loads(payload)
    if not isinstance(said, dict):
        raise ValueError("not ours")
    withdrawn = {contact: set(lanes) for contact, *lanes in said.get("w", ())}
    return News(withdrawn=withdrawn, topics=set(said.get("t", ())), elsewhere=list(said.get("q", ())))
