"""A database as one sees it who has the keys: its tables, opened, under other names in an SQLite of their own.

The team's secrets stay as they are."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Text, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from storage.database import connect
from storage.sealed.key_file import KeyFile
from storage.sealed.types import Findable, Sealed, TeamSealed
from storage.tables import Table


def _opener(kind: TypeEngine[Any]) -> Callable[[Any, Any], Any] | None:
    """What opens a value of such a column, where it is locked with the key of a person."""
    if isinstance(kind, Sealed | Findable) and not isinstance(kind, TeamSealed):
        return kind.process_result_value
    return None


LOCKED = {table.name: [_opener(one.type) is not None for one in table.c] for table in Table.metadata.tables.values()}
LOCKED_TABLES = sorted(name for name, locked in LOCKED.items() if any(locked))
TABLES = r"\b(" + "|".join(LOCKED_TABLES) + r")\b"
_NAMED = "|".join(sorted(LOCKED))
_ALL = re.compile(rf"(?i)(?<=from )({_NAMED})\b|(?<=join )({_NAMED})\b|\b({_NAMED})(?=\.)")
DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def renamed(statement: str) -> str:
    """The statement for what `look` gives."""
    return _ALL.sub(lambda found: f"shown_{found[0]}", statement)


def look(url: str, statement: str, keys: KeyFile, read: Callable[..., list[Any]]) -> sqlite3.Connection:
    """What the tables hold that this statement names. `read` gives the rows as they are stored."""
    seen, kind = sqlite3.connect(":memory:"), url.partition(":")[0].partition("+")[0]
    for name in sorted({found[0] for found in _ALL.finditer(statement)}):
        names, rows = table(name, keys, lambda plain: read(url, plain), kind)
        seen.execute(f"CREATE TABLE shown_{name} ({', '.join(names)})")
        seen.executemany(f"INSERT INTO shown_{name} VALUES ({', '.join('?' * len(names))})", rows)
    return seen


def table(
    name: str, keys: KeyFile, read: Callable[[str], Iterable[Any]], kind: str = "sqlite"
) -> tuple[list[str], list[list[Any]]]:
    """The columns of a table and its rows, opened, in the order of their ids."""
    columns, dialect = list(Table.metadata.tables[name].c), _opening(keys)
    openers = [_opener(one.type) for one in columns]
    rows = [[_plain(open_it(value, dialect)) if open_it else value
             for value, open_it in zip(row, openers, strict=True)] for row in read(_everything(name, kind))]
    return [one.name for one in columns], rows


@cache
def _opening(keys: KeyFile) -> Any:
    engine = connect("sqlite://", keys)
    engine.dispose()
    return engine.dialect


@cache
def _everything(table: str, kind: str) -> str:
    columns = [one if locked or not isinstance(one.type, TeamSealed) else type_coerce(one, Text).label(one.name)
               for one, locked in zip(Table.metadata.tables[table].c, LOCKED[table], strict=True)]
    return str(select(*columns).order_by(*Table.metadata.tables[table].primary_key).compile(dialect=DIALECTS[kind]))


def _plain(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
