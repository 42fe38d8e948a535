"""Open runs, set-wise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from storage.tables import Run


@dataclass(slots=True)
class RunState:
    id: int
    contact_id: int
    conversation: str
    answers: dict[str, Any]
    awaiting: str | None
    misses: int
    touched: int
    offered: tuple[str, ...] = ()
    ended: bool = field(default=False, compare=False)
    changed: bool = field(default=False, compare=False)


_OPEN = select(Run.id, Run.contact_id, Run.conversation, Run.answers, Run.awaiting, Run.misses, Run.touched).where(
    Run.contact_id.in_(bindparam("ids", expanding=True)), Run.ended_at.is_(None)
)
_SAVE = (
    update(Run)
    .where(Run.id == bindparam("key"))
    .values(answers=bindparam("answers"), awaiting=bindparam("awaiting"), misses=bindparam("misses"),
            touched=bindparam("touched"), updated_at=bindparam("now"), ended_at=bindparam("ended_at"))
)
OFFERED = "@offered"
"""Where the candidates of a question asked back are kept among the answers."""


def open_runs(connection: Connection, ids: Iterable[int]) -> defaultdict[int, list[RunState]]:
    """Each person's open runs, the current one last."""
    found: defaultdict[int, list[RunState]] = defaultdict(list)
    for row in connection.execute(_OPEN, {"ids": sorted(set(ids))}):
        run = RunState(*row)
        run.offered = tuple(run.answers.pop(OFFERED, ()))
        found[run.contact_id].append(run)
    for runs in found.values():
        runs.sort(key=lambda one: one.touched)
    return found


def add(connection: Connection, contact_id: int, conversation: str, answers: dict[str, Any], touched: int,
        now: datetime) -> RunState:
    key = connection.execute(
        insert(Run).values(contact_id=contact_id, conversation=conversation, answers=answers, awaiting=None, misses=0,
                           touched=touched, started_at=now, updated_at=now).returning(Run.id)
    ).scalar_one()
    return RunState(key, contact_id, conversation, answers, None, 0, touched, changed=True)


def save(connection: Connection, runs: Iterable[RunState], now: datetime) -> None:
    rows = [
        {"key": run.id, "answers": {**run.answers, OFFERED: run.offered} if run.offered else run.answers,
         "awaiting": run.awaiting, "misses": run.misses, "touched": run.touched, "now": now,
         "ended_at": now if run.ended else None}
        for run in runs if run.changed
    ]
    if rows:
        connection.execute(_SAVE, rows)


def forget_answers(connection: Connection, contact_id: int, only: frozenset[str] | None = None) -> None:
    """Blank the answers of a person's ended runs: all of them, or those of some questions."""
    rows = connection.execute(
        select(Run.id, Run.answers).where(Run.contact_id == contact_id, Run.ended_at.is_not(None))
    ).all()
    for key, answers in rows:
        left = {path: value for path, value in answers.items() if path not in only} if only else {}
        if left != answers:
            connection.execute(update(Run).where(Run.id == key).values(answers=left))


def all_open(connection: Connection) -> list[RunState]:
    """Every open run; for the check of new conversations against people in the middle of old ones."""
    rows = connection.execute(
        select(Run.id, Run.contact_id, Run.conversation, Run.answers, Run.awaiting, Run.misses, Run.touched)
        .where(Run.ended_at.is_(None))
    )
    return [RunState(*row) for row in rows]
