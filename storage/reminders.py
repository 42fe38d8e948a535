"""Rows with a due time. A sweep claims what is due; nothing is scheduled per person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Connection, bindparam, cast, func, select, update

from storage.among import among, paired
from storage.prepared import Prepared
from storage.tables import Reminder
from storage.upsert import insert_or


@dataclass(slots=True)
class Due:
    id: int
    contact_id: int
    key: str
    opens: str
    due_at: datetime
    attempt: int
    run_id: int | None


def wall_time(at: datetime) -> str | None:
    """What the person's clock shows then, where the moment was said in their zone."""
    return at.replace(tzinfo=None).isoformat(timespec="minutes") if isinstance(at.tzinfo, ZoneInfo) else None


def put(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Set reminders; one with the same person and key is moved. `rows`: contact_id, key, opens, due_at. A moment that
    is said in the person's zone is kept as the time on their clock."""
    if not rows:
        return
    statement = insert_or(connection, Reminder).values(state="waiting", attempt=0)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["contact_id", "key"],
            set_={"due_at": statement.excluded.due_at, "wall": statement.excluded.wall,
                  "opens": statement.excluded.opens, "state": "waiting", "attempt": 0, "run_id": None},
        ),
        [{**row, "wall": wall_time(row["due_at"])} for row in rows],
    )


def moved_to(connection: Connection, contact_id: int, time_zone: str) -> None:
    """The person is in another zone now: what waits keeps its time on their clock."""
    zone = ZoneInfo(time_zone)
    rows = connection.execute(select(Reminder.id, Reminder.wall).where(
        Reminder.contact_id == contact_id, Reminder.state == "waiting", Reminder.wall.is_not(None)))
    for key, wall in rows.all():
        due_at = datetime.fromisoformat(str(wall)).replace(tzinfo=zone)
        connection.execute(update(Reminder).where(Reminder.id == key).values(due_at=due_at))


def before(connection: Connection, ids: Iterable[int], opens: Sequence[str], until: datetime) -> dict[int, datetime]:
    """Of these people: when one of these, not asked yet, is due, if it is before that."""
    rows = connection.execute(_BEFORE, {"ids": list(ids), "opens": list(opens), "until": until})
    return {row[0]: row[1] for row in rows}


def due(connection: Connection, now: datetime, most: int) -> list[int]:
    """The ids of what is due, the oldest first."""
    return [one for (one,) in _DUE.rows(connection, now=now, most=most)]


def people(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Whose reminders these are."""
    return {one for (one,) in _PEOPLE.rows(connection, ids=list(ids))}


def load(connection: Connection, ids: Iterable[int], now: datetime) -> dict[int, Due]:
    """Those of these that still wait and are still due: a second hand-over of the same is none.

    They are read by their ids alone. PostgreSQL, where it believes that next to nothing is due, would go through all
    that is, and that is ten thousand when it errs."""
    rows = _LOAD.rows(connection, ids=list(ids))
    return {row[0]: Due(*row) for *row, state in rows if state == "waiting" and row[4] <= now}


_BEFORE = (
    select(Reminder.contact_id, func.min(Reminder.due_at))
    .where(among(Reminder.contact_id, "ids"), Reminder.state == "waiting", Reminder.attempt == 0,
           Reminder.opens.in_(bindparam("opens", expanding=True)), Reminder.due_at <= bindparam("until"))
    .group_by(Reminder.contact_id)
)
_DUE = Prepared(
    select(Reminder.id).where(Reminder.state == "waiting", Reminder.due_at <= bindparam("now"))
    .order_by(Reminder.due_at).limit(bindparam("most"))
)
_PEOPLE = Prepared(select(Reminder.contact_id).where(among(Reminder.id, "ids")))
_LOAD = Prepared(
    select(Reminder.id, Reminder.contact_id, Reminder.key, Reminder.opens, Reminder.due_at, Reminder.attempt,
           Reminder.run_id, Reminder.state)
    .where(among(Reminder.id, "ids"))
)
_ANSWERED = Prepared(
    update(Reminder)
    .where(among(Reminder.contact_id, "ids"), Reminder.state == "waiting", Reminder.attempt > 0)
    .values(attempt=bindparam("enough"), due_at=bindparam("look_again"), wall=None)
)
_RUNS = paired("runs")
_MOVE = Prepared(
    update(Reminder)
    .where(Reminder.id == cast(_RUNS.c.key, BigInteger))
    .values(due_at=bindparam("due"), wall=bindparam("shows"), attempt=bindparam("tries"), state=bindparam("now_is"),
            run_id=cast(_RUNS.c.value, BigInteger))
)


def move(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """`rows`: of (id), due, tries, run, now_is (state). Those that differ in their run only go together."""
    alike: defaultdict[tuple[Any, ...], dict[int, int | None]] = defaultdict(dict)
    for row in rows:
        alike[row["due"], wall_time(row["due"]), row["tries"], row["now_is"]][row["of"]] = row["run"]
    for (due, shows, tries, now_is), runs in alike.items():
        _MOVE.run(connection, due=due, shows=shows, tries=tries, now_is=now_is, runs=runs)


def answered(connection: Connection, contact_ids: Iterable[int], enough: int, look_again: datetime) -> None:
    """The person wrote: what was asked does not ask again. Whether they finished is looked at later."""
    _ANSWERED.run(connection, ids=list(contact_ids), enough=enough, look_again=look_again)


def reachable_again(connection: Connection, contact_id: int, due: datetime) -> None:
    """What could not be asked while nothing arrived at the person is asked anew."""
    connection.execute(
        update(Reminder)
        .where(Reminder.contact_id == contact_id, Reminder.state == "unreachable")
        .values(state="waiting", attempt=0, due_at=due, wall=wall_time(due), run_id=None)
    )


def cancel(connection: Connection, contact_id: int, keys: Iterable[str] | None = None) -> None:
    """Take back these reminders of a person, or all."""
    statement = update(Reminder).where(Reminder.contact_id == contact_id, Reminder.state == "waiting")
    if keys is not None:
        statement = statement.where(Reminder.key.in_(list(keys)))
    connection.execute(statement.values(state="cancelled"))
