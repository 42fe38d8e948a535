"""The staff group on Telegram as another view of the ledger: the topic of each ticket, and what of it stands there.

Nothing is written for it in a turn. Who keeps the group up to date asks here what it does not show yet."""

from __future__ import annotations

from storage.staff_group.ledger import OURS, TAKEN_BACK, Entry, missing
from storage.staff_group.topics import (
    Chat,
    add_topic,
    answered_by,
    chats,
    drop,
    empty,
    gone,
    is_gone,
    made_since,
    mark,
    set_closed,
    set_name,
    set_thread,
    stands_there,
    thread_ticket,
    walled_from_somebody,
    went_from,
)

__all__ = [
    "OURS",
    "TAKEN_BACK",
    "Chat",
    "Entry",
    "add_topic",
    "answered_by",
    "chats",
    "drop",
    "empty",
    "gone",
    "is_gone",
    "made_since",
    "mark",
    "missing",
    "set_closed",
    "set_name",
    "set_thread",
    "stands_there",
    "thread_ticket",
    "walled_from_somebody",
    "went_from",
]
