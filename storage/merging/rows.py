"""Rows of one person that become another's. What is locked is bound to its person: it is opened and locked anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import Column, Connection, UniqueConstraint, bindparam, select, update
from sqlalchemy import Table as Described

from storage.sealed import keys
from storage.sealed.types import Sealed
from storage.tables import Audit, ContactKey, Drawer, of_people

STAYS = frozenset({Audit.__tablename__, ContactKey.__tablename__, Drawer.__tablename__})
"""What our team did is never changed; a key is its person's own; drawers are made anew from what is known."""
PORTION = 32
"""So many rows are in memory at once: a piece of a file is large."""
Moved: TypeAlias = dict[str, list[Any]]
"""Table -> its rows, by their keys."""
Named: TypeAlias = list[tuple[str, Any, str, str]]
"""Table, row, the name that it had, and the one that it has now."""
Names: TypeAlias = Mapping[tuple[str, Any], str]
"""Another `key` for a row, where the person whom it comes to has one of that name."""


def tables() -> list[Described]:
    """Every table whose rows go with their person; one that is added later is among them by itself."""
    return [one for one in of_people() if one.name not in STAYS]


def key_of(table: Described) -> Column[Any]:
    [found] = table.primary_key.columns
    return found


def is_named(table: Described) -> bool:
    """Whether a person has one row of each `key`."""
    return any({column.name for column in one.columns} == {"contact_id", "key"}
               for one in table.constraints if isinstance(one, UniqueConstraint))


def of(connection: Connection, contact_id: int) -> Moved:
    """All that a person has."""
    return {str(one.name): list(connection.execute(
        select(key_of(one)).where(one.c.contact_id == contact_id).order_by(key_of(one))).scalars()) for one in tables()}


def same_names(connection: Connection, one_id: int, other_id: int) -> Named:
    """The other's rows whose name this person has too, each with a name that nobody has."""
    found: Named = []
    for table in filter(is_named, tables()):
        taken = select(table.c.key).where(table.c.contact_id == one_id)
        named = select(key_of(table), table.c.key).where(table.c.contact_id == other_id, table.c.key.in_(taken))
        found += [(table.name, row, key, f"{key[:100]}~{other_id}") for row, key in connection.execute(named)]
    return found


def move(connection: Connection, which: Mapping[str, Collection[Any]], to: int, names: Names) -> None:
    for table in tables():
        for portion in _portions(which.get(table.name, ())):
            _move(connection, table, portion, to, names)


def _portions(ids: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(ids)
    while portion := list(islice(rest, PORTION)):
        yield portion


def _move(connection: Connection, table: Described, ids: Sequence[Any], to: int, names: Names) -> None:
    locked = {one.name: one.type for one in table.c if isinstance(one.type, Sealed)}
    wanted = {key_of(table).name, *locked, *(one.row for one in locked.values() if one.row)}
    if is_named(table):
        wanted.add("key")
    rows = connection.execute(select(*(table.c[one] for one in sorted(wanted))).where(key_of(table).in_(ids)))
    box, made = keys.held(connection, [to])[to], []
    for row in rows.mappings().all():
        of_row = row[key_of(table).name]
        new = {**row, **({"key": names.get((table.name, of_row), row["key"])} if is_named(table) else {})}
        opened = {name: kind.lock(box, to, row[name], new[kind.row] if kind.row else "")
                  for name, kind in locked.items()}
        made.append({**new, **opened, "contact_id": to, "of_row": of_row})
    if made:
        given = made[0].keys() - {"of_row", key_of(table).name}
        values: dict[str, Any] = {name: bindparam(name) for name in given}
        connection.execute(update(table).where(key_of(table) == bindparam("of_row")).values(values), made)
