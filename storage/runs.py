"""Open runs, set-wise."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from conversations import short_lived
from storage.among import among
from storage.prepared import Prepared
from storage.sealed import keys
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
    is_new: bool = field(default=False, compare=False)
    """Not in the database yet."""
    is_gone: bool = field(default=False, compare=False)
    """Deleted, with everything else about the person."""


_OPEN = Prepared(
    select(Run.id, Run.contact_id, Run.conversation, Run.answers, Run.awaiting, Run.misses, Run.touched)
    .where(among(Run.contact_id, "ids"), Run.ended_at.is_(None))
)
_SAVE = Prepared(
    update(Run)
    .where(Run.id == bindparam("key"))
    .values(answers=bindparam("answers"), feels=bindparam("feels"), awaiting=bindparam("awaiting"),
            misses=bindparam("misses"),
            touched=bindparam("touched"), updated_at=bindparam("updated_at"), ended_at=bindparam("ended_at"))
)
_ADD = Prepared(insert(Run).values({one: bindparam(one) for one in (
    "id", "contact_id", "conversation", "started_at", "answers", "feels", "awaiting", "misses", "touched", "updated_at",
    "ended_at",
)}))
OFFERED = "@offered"
"""Where the candidates of a question asked back are kept among the answers."""


def open_runs(connection: Connection, ids: Iterable[int]) -> defaultdict[int, list[RunState]]:
    """Each person's open runs, the current one last."""
    found: defaultdict[int, list[RunState]] = defaultdict(list)
    for row in _OPEN.rows(connection, ids=list(ids)):
        run = RunState(*row)
        run.offered = tuple(run.answers.pop(OFFERED, ()))
        found[run.contact_id].append(run)
    for runs in found.values():
        runs.sort(key=lambda one: one.touched)
    return found


class Ids:
    """Ids for new runs: a button needs its run's id before the run is stored with all the others."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: deque[int] = deque()
        self._last = 0

    def take(self) -> int:
        if not self._next:
            self._next.extend(self._some())
        return self._next.popleft()

    def _some(self) -> Iterable[int]:
        """On SQLite nobody else writes meanwhile; on PostgreSQL the sequence gives each number once."""
        if self._connection.dialect.name == "sqlite":
            begins = max(self._last, self._connection.execute(_LAST).scalar() or 0) + 1
            self._last = begins + AT_ONCE - 1
            return range(begins, begins + AT_ONCE)
        return self._connection.execute(_NEXT, {"many": AT_ONCE}).scalars().all()


AT_ONCE = 64
_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = 'runs'")
_NEXT = text("SELECT nextval(pg_get_serial_sequence('runs', 'id')) FROM generate_series(1, :many)")


def save(connection: Connection, runs: Iterable[RunState], now: datetime) -> None:
    """Write back what changed, and store what is new."""
    changed = [run for run in runs if run.changed and not run.is_gone]
    if not changed:
        return
    rows = keys.seal(connection, Run, [_state(run, now) for run in changed])
    _ADD.each(connection, [row for run, row in zip(changed, rows, strict=True) if run.is_new])
    _SAVE.each(connection, [row for run, row in zip(changed, rows, strict=True) if not run.is_new])


def _state(run: RunState, now: datetime) -> dict[str, Any]:
    answers = {**run.answers, OFFERED: run.offered} if run.offered else run.answers
    return {"id": run.id, "key": run.id, "contact_id": run.contact_id, "conversation": run.conversation,
            "started_at": now, "answers": answers, "feels": feels(run.conversation, answers), "awaiting": run.awaiting,
            "misses": run.misses, "touched": run.touched, "updated_at": now, "ended_at": now if run.ended else None}


def feels(conversation: str, answers: Mapping[str, Any]) -> bool:
    """Whether something of this is kept for a shorter time."""
    return bool(answers) and (conversation in short_lived.TALKS or not short_lived.QUESTIONS.isdisjoint(answers))


def set_answers(connection: Connection, run_id: int, contact_id: int, conversation: str, left: dict[str, Any]) -> None:
    """What is left of a run's answers."""
    row = keys.sealed(connection, Run, {"id": run_id, "contact_id": contact_id, "answers": left})
    connection.execute(
        update(Run).where(Run.id == run_id).values(answers=row["answers"], feels=feels(conversation, left))
    )


def forget_answers(
    connection: Connection, contact_id: int, only: Mapping[str, Container[str]] | None = None
) -> None:
    """Blank the answers of a person's ended runs: all of them, or those of some questions by conversation."""
    rows = connection.execute(
        select(Run.id, Run.conversation, Run.answers)
        .where(Run.contact_id == contact_id, Run.ended_at.is_not(None))
    ).all()
    for key, name, answers in rows:
        gone = answers if only is None else only.get(name, ())
        left = {path: value for path, value in answers.items() if path not in gone}
        if left != answers:
            set_answers(connection, key, contact_id, name, left)


def all_answers(connection: Connection, contact_id: int) -> list[tuple[str, dict[str, Any]]]:
    """Conversation and answers of each run of a person, open or ended."""
    rows = connection.execute(select(Run.conversation, Run.answers).where(Run.contact_id == contact_id))
    return [(name, answers) for name, answers in rows]


def all_open(connection: Connection) -> list[RunState]:
    """Every open run; for the check of new conversations against people in the middle of old ones."""
    rows = connection.execute(
        select(Run.id, Run.contact_id, Run.conversation, Run.answers, Run.awaiting, Run.misses, Run.touched)
        .where(Run.ended_at.is_(None))
    )
    return [RunState(*row) for row in rows]


def last_begun(connection: Connection, contact_id: int, conversation: str) -> datetime | None:
    """When this person began this conversation last, ended or not."""
    of_person = select(Run.started_at).where(Run.contact_id == contact_id, Run.conversation == conversation)
    return connection.execute(of_person.order_by(Run.id.desc()).limit(1)).scalar()
