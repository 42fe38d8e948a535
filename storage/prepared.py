"""Statements of the hot path, written with SQLAlchemy and handed to the driver without its detours.

SQLAlchemy spends a tenth of a millisecond on each statement that it runs, and most of a turn's statements take the
database a tenth of that. Here a statement is compiled once, with what turns each value into the database's and back;
then the driver runs the text. Transactions, savepoints, types and errors stay SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Connection, literal_column
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import NullType, TypeEngine

from storage.database import say_less

Processor: TypeAlias = Callable[[Any], Any] | None


class Prepared:
    """A select, insert, update or delete."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._known: dict[str, _Text] = {}

    def run(self, connection: Connection, **given: Any) -> Any:
        """Run it once; the driver's cursor, which knows the id of a new row and how many were changed."""
        ready = self._ready(connection)
        return ready.run(connection, lambda one: one.execute(ready.text, ready.values(given)))

    def rows(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """Run it once; every row that comes back."""
        return self._ready(connection).read(self.run(connection, **given).fetchall())

    def each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of these."""
        if rows:
            ready = self._ready(connection)
            ready.run(connection, lambda one: one.executemany(ready.text, [ready.values(row) for row in rows]))

    def _ready(self, connection: Connection) -> _Ready:
        """The text is the same for each database of a kind; what turns values has the keys of this one."""
        dialect = connection.dialect
        known: dict[Prepared, _Ready] = dialect.__dict__.setdefault("prepared", {})
        ready = known.get(self)
        if ready is None:
            if dialect.name not in self._known:
                self._known[dialect.name] = _Text(self._statement, dialect)
            ready = known[self] = _Ready(self._known[dialect.name], dialect)
        return ready


class _Text:
    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = _with_constants(statement, dialect).compile(dialect=dialect)
        self.text = str(compiled)
        names = compiled.positiontup if compiled.positional else list(compiled.binds)
        self.by_position = bool(compiled.positional)
        usual = {one.key: one.default.arg for one in compiled.insert_prefetch if one.default.is_scalar}
        self.given = [(name, usual.get(name, compiled.params.get(name)), compiled.binds[name].type) for name in names]
        columns = statement.exported_columns if statement.is_select else ()
        self.read = [one.type for one in columns]


class _Ready:
    def __init__(self, text: _Text, dialect: Dialect) -> None:
        self.text, self._by_position = text.text, text.by_position
        self._given = [(name, usual, _into(kind, dialect)) for name, usual, kind in text.given]
        self._read = [(at, back) for at, kind in enumerate(text.read) if (back := _back(kind, dialect)) is not None]

    def values(self, given: Mapping[str, Any]) -> Any:
        values = [
            into(value) if into is not None else value
            for name, default, into in self._given
            for value in (given.get(name, default),)
        ]
        return values if self._by_position else {one[0]: value for one, value in zip(self._given, values, strict=True)}

    def read(self, rows: Iterable[Any]) -> list[tuple[Any, ...]]:
        if not self._read:
            return list(rows)
        return [self._read_one(list(row)) for row in rows]

    def _read_one(self, row: list[Any]) -> tuple[Any, ...]:
        for at, back in self._read:
            if row[at] is not None:
                row[at] = back(row[at])
        return tuple(row)

    def run(self, connection: Connection, work: Callable[[Any], Any]) -> Any:
        driver = connection.connection.driver_connection
        assert driver is not None
        cursor = driver.cursor()
        try:
            work(cursor)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, self.text, error, cursor) from error
        return cursor


def _with_constants(statement: Any, dialect: Dialect) -> Any:
    """What is compared with the same value in each run has that value in its text.

    Where an index holds a part of the rows only, the database must know at once that the statement asks for these:
    SQLite plans it anew for each run otherwise, PostgreSQL never comes to one plan for all."""
    compiler = dialect.statement_compiler(dialect, None)

    def constant(element: Any, **_: Any) -> Any:
        if not isinstance(element, BindParameter) or element.required or isinstance(element.type, NullType):
            return None
        return literal_column(compiler.render_literal_value(element.value, element.type), element.type)

    return replacement_traverse(statement, {}, constant)


def _told(connection: Connection, text: str, error: Any, cursor: Any) -> BaseException:
    """The error as SQLAlchemy tells it, and the connection given up where it is gone."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.driver_connection, cursor)
    shown: BaseException = DBAPIError.instance(text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True,
                                connection_invalidated=gone, dialect=dialect)
    say_less(error, shown)
    if gone:
        connection.invalidate(error)
    return shown


def _into(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _back(kind: TypeEngine[Any], dialect: Dialect) -> Processor:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
