"""What the counsellors' pages read, and the little that they write themselves. Set-wise: no query per row."""

from __future__ import annotations

from storage.desk.chat import NoteView, ThreadMessage, TicketView, add_note, mark_seen, notes, thread, ticket
from storage.desk.common import CANNOT_BE_READ, MOST, SNIPPET, AnyRow, AnySelect, DeskError, name_of, shortened
from storage.desk.persons import PersonView, person
from storage.desk.queues import (
    EVERYTHING,
    TABS,
    UNSEEN_AFTER,
    Alert,
    Counts,
    Only,
    Queue,
    QueueItem,
    Suggested,
    Tab,
    alert,
    counts,
    queue,
)
from storage.desk.to_do import TaskItem, finish_task, of_age, task_item, tasks

__all__ = [
    "CANNOT_BE_READ",
    "EVERYTHING",
    "MOST",
    "SNIPPET",
    "TABS",
    "UNSEEN_AFTER",
    "Alert",
    "AnyRow",
    "AnySelect",
    "Counts",
    "DeskError",
    "NoteView",
    "Only",
    "PersonView",
    "Queue",
    "QueueItem",
    "Suggested",
    "Tab",
    "TaskItem",
    "ThreadMessage",
    "TicketView",
    "add_note",
    "alert",
    "counts",
    "finish_task",
    "mark_seen",
    "name_of",
    "notes",
    "of_age",
    "person",
    "queue",
    "shortened",
    "task_item",
    "tasks",
    "thread",
    "ticket",
]
