"""What came in and always failed: kept whole beside its message, with a task for the staff, until it is handled.

It is part of the message, so it goes when the person deletes everything. No page shows it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from storage.among import among
from storage.sealed import keys
from storage.tables import Address, Contact, Message, Task

PART = "set_aside"
"""Its place in a message's content."""
_KEY = "aside:"


@dataclass(frozen=True, slots=True)
class Aside:
    """One set-aside message and its task, as a new try needs them."""

    task_id: int
    contact_id: int
    message_id: int
    at: datetime
    kept: dict[str, Any] | None
    """What the caller gave to `keep`."""
    is_done: bool


@dataclass(frozen=True, slots=True)
class AsideView:
    """What the staff see of it: the person's words, when they came, and how often they were tried."""

    kind: str
    text: str
    at: datetime
    language: str
    tries: int


def keep(connection: Connection, message_id: int, kept: dict[str, Any] | None) -> None:
    """Put it beside the message, where that still is, in the place of what is there; None takes it away."""
    found = connection.execute(
        select(Message.contact_id, Message.content).where(Message.id == message_id)
    ).one_or_none()
    if found is None:
        return
    rest = {name: value for name, value in (found.content or {}).items() if name != PART}
    new = {**rest, PART: kept} if kept is not None else rest or None
    row = keys.sealed(connection, Message, {"contact_id": found.contact_id, "content": new})
    connection.execute(update(Message).where(Message.id == message_id).values(content=row["content"]))


def add_task(connection: Connection, contact_id: int, message_id: int, about: str, now: datetime) -> None:
    """A task for each message: a second one is not hidden behind the first."""
    connection.execute(insert(Task).values(keys.sealed(connection, Task, {
        "contact_id": contact_id, "key": f"{_KEY}{message_id}", "kind": "failed", "area": "general", "about": about,
        "opened_at": now,
    })))


def load(connection: Connection, task_id: int) -> Aside | None:
    task = connection.execute(
        select(Task.contact_id, Task.key, Task.done_at).where(Task.id == task_id)
    ).one_or_none()
    message_id = _message_of(task.key) if task is not None else None
    if task is None or message_id is None:
        return None
    message = connection.execute(
        select(Message.at, Message.content).where(Message.id == message_id)
    ).one_or_none()
    if message is None:
        return None
    kept = (message.content or {}).get(PART)
    return Aside(task_id, task.contact_id, message_id, message.at, kept, task.done_at is not None)


def blocked_at(connection: Connection, channel: str, address: str) -> datetime | None:
    return connection.execute(
        select(Address.blocked_at).where(Address.channel == channel, Address.address == address)
    ).scalar()


def wrote_later(connection: Connection, contact_id: int, message_id: int) -> bool:
    """Whether the person has written, tapped or come back since this message."""
    later = exists().where(Message.contact_id == contact_id, Message.id > message_id, Message.author == "person")
    return bool(connection.execute(select(later)).scalar())


def views(connection: Connection, tasks: Iterable[tuple[int, str]]) -> dict[int, AsideView]:
    """(id, key) of tasks -> what was set aside, by the id of its task."""
    wanted = {message_id: task_id for task_id, key in tasks if (message_id := _message_of(key)) is not None}
    if not wanted:
        return {}
    rows = connection.execute(
        select(Message.id, Message.kind, Message.text, Message.at, Message.content, Contact.language)
        .join(Contact, Contact.id == Message.contact_id)
        .where(among(Message.id, "ids")), {"ids": list(wanted)},
    )
    return {wanted[row.id]: _view(row) for row in rows if row.content and PART in row.content}


def _view(row: Any) -> AsideView:
    return AsideView(row.kind, row.text, row.at, row.language, row.content[PART]["tries"])


def _message_of(key: str) -> int | None:
    """The message that a task with this key is about."""
    return int(key.removeprefix(_KEY)) if key.startswith(_KEY) else None
