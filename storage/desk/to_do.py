"""The tasks that somebody has to do by a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from storage import aside
from storage.aside import AsideView
from storage.desk.common import CANNOT_BE_READ, MOST, AnyRow, name_of
from storage.sealed.lenient import lenient
from storage.tables import Contact, Task
from storage.tickets import CONFIRM


@dataclass(frozen=True, slots=True)
class TaskItem:
    id: int
    contact_id: int
    name: str
    kind: str
    area: str
    about: str
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    confirms: bool
    """Whether it asks to confirm some help for the person."""
    aside: AsideView | None
    """What is to be tried again, where it is about that."""


def tasks(connection: Connection, now: datetime) -> list[TaskItem]:
    """What is still to do: the earliest due first, then what has no date, oldest first."""
    fields = (Task.id, Task.contact_id, Task.key, Task.kind, Task.area, Task.opened_at, Task.due_at)
    wanted = select(*fields, lenient(Task.about), lenient(Contact.known)).join(Contact, Contact.id == Task.contact_id)
    wanted = wanted.where(Task.done_at.is_(None)).order_by(Task.due_at.is_(None), Task.due_at, Task.opened_at, Task.id)
    rows = connection.execute(wanted.limit(MOST)).all()
    asides = aside.views(connection, [(row.id, row.key) for row in rows])
    return [task_item(row, now, asides.get(row.id)) for row in rows]


def task_item(row: AnyRow, now: datetime, what: AsideView | None) -> TaskItem:
    return TaskItem(
        id=row.id, contact_id=row.contact_id, name=name_of(row.contact_id, row.known), kind=row.kind,
        area=row.area, about=row.about or CANNOT_BE_READ, opened_at=row.opened_at, due_at=row.due_at,
        overdue=row.due_at is not None and row.due_at < now, aside=what,
        confirms=row.key.startswith(CONFIRM),
    )


def of_age(connection: Connection, task_id: int, counsellor_id: int, now: datetime) -> int | None:
    """Who gave a wrong age is asked and believed like everybody from now on. Their id, or None when this task is done
    already or about something else."""
    theirs = select(Task.contact_id).where(Task.id == task_id, Task.kind == "minor", Task.done_at.is_(None))
    contact_id = connection.scalar(theirs)
    if contact_id is None:
        return None
    connection.execute(update(Contact).where(Contact.id == contact_id).values(is_minor=False))
    return finish_task(connection, task_id, counsellor_id, now)


def finish_task(connection: Connection, task_id: int, counsellor_id: int, now: datetime) -> int | None:
    """Whose it was; None when it was done already."""
    done = update(Task).where(Task.id == task_id, Task.done_at.is_(None)).returning(Task.contact_id)
    return connection.scalar(done.values(done_at=now, counsellor_id=counsellor_id))
