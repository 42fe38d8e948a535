"""Values that are changed so that they can be put back: each is noted as it was and as it became.

What somebody has changed since then is theirs, and stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, Date, insert, select, update
from sqlalchemy import Table as Described

from storage.merging.rows import key_of
from storage.sealed import keys
from storage.sealed.types import Sealed
from storage.tables import Contact, Moment, Table

Noted: TypeAlias = list[dict[str, Any]]
"""Of each row: `table`, `row`, and its values `before` and `after`."""
PART_BY_PART = frozenset({"known", "consents"})
"""Each answer and each decision is put back for itself."""


def change(connection: Connection, table: Described, row: Any, values: Mapping[str, Any], noted: Noted) -> None:
    """Other values for some columns of a row."""
    before = _plain(read(connection, table, row, values))
    after = _plain(values)
    if before != after:
        write(connection, table, row, values)
        noted.append({"table": table.name, "row": row, "before": before, "after": after})


def put_back(connection: Connection, one: Mapping[str, Any]) -> None:
    """The values as they were before, where they are still as they became."""
    table = Table.metadata.tables[one["table"]]
    now = read(connection, table, one["row"], one["before"])
    if now is None:
        return
    is_now, found = _plain(now), {}
    for name, before in one["before"].items():
        if name in PART_BY_PART:
            found[name] = _parts(before, one["after"][name], is_now[name])
        elif is_now[name] == one["after"][name]:
            found[name] = before
    write(connection, table, one["row"], back(table, found))


def _parts(before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    changed = {name: value for name, value in now.items() if name not in after or after[name] != value}
    gone = after.keys() - now.keys()
    return {**{name: value for name, value in before.items() if name not in gone}, **changed}


def whole(connection: Connection, table: Described, row: Any) -> dict[str, Any]:
    """All of a row, as it can be kept."""
    found = read(connection, table, row, [one.name for one in table.c])
    assert found is not None
    return _plain(found)


def add_again(connection: Connection, contact: Mapping[str, Any]) -> None:
    """Somebody who was there before, with a new key."""
    values = back(Contact.__table__, contact)
    blank = {**values, **{one.name: None if one.nullable else "" for one in Contact.__table__.c
                          if isinstance(one.type, Sealed)}}
    connection.execute(insert(Contact).values(blank))
    keys.make(connection, [contact["id"]])
    write(connection, Contact.__table__, contact["id"], values)


def read(connection: Connection, table: Described, row: Any, names: Iterable[str]) -> dict[str, Any] | None:
    found = connection.execute(
        select(*(table.c[one] for one in names)).where(key_of(table) == row)).mappings().one_or_none()
    return None if found is None else {str(name): value for name, value in found.items()}


def write(connection: Connection, table: Described, row: Any, values: Mapping[str, Any]) -> None:
    locked: dict[str, Sealed] = {name: kind for name in values if isinstance(kind := table.c[name].type, Sealed)}
    made = dict(values)
    if locked:
        whose = next(iter(locked.values())).owner
        names = {whose, *(one.row for one in locked.values() if one.row)}
        bound = {**(read(connection, table, row, names) or {}), **values}
        owner = bound[whose]
        box = keys.held(connection, [owner])[owner]
        made |= {name: one.lock(box, owner, values[name], bound[one.row] if one.row else "")
                 for name, one in locked.items()}
    if made:
        connection.execute(update(table).where(key_of(table) == row).values(made))


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """As JSON has it: only so are two values compared."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(dict(values or {})))
    return found


def back(table: Described, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _typed(table.c[name].type, value) for name, value in values.items()}


def _typed(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
