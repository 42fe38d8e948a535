"""Tables written as classes: each annotated attribute is a column, with its type where none is given.

It reads what SQLAlchemy's mapped classes look like, and leaves out all that the mapping of objects needs: nothing here
is ever loaded as an object. That part of SQLAlchemy was a tenth of the memory and a sixth of the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, ClassVar, TypeAlias, get_args, get_type_hints

from sqlalchemy import Column, ColumnClause, MetaData
from sqlalchemy import Table as Described
from sqlalchemy.types import NullType

Mapped: TypeAlias = ColumnClause
"""Of a column, the values that it holds; with `| None` it may be empty."""


def mapped_column(*given: Any, **more: Any) -> Any:
    """A column whose type, or what it refers to, is said."""
    return Column(*given, **more)


class Declared(type):
    """Makes the table of each class with a name for one."""

    __table__: Described
    metadata: MetaData
    types: Mapping[Any, Any]
    """Which type a column has by what it holds."""

    def __init__(cls, name: str, bases: tuple[type, ...], content: dict[str, Any]) -> None:
        super().__init__(name, bases, content)
        if "__tablename__" not in content:
            return
        more = content.get("__table_args__", ())
        options = more[-1] if more and isinstance(more[-1], dict) else {}
        items = [one for one in more if not isinstance(one, dict)]
        cls.__table__ = Described(content["__tablename__"], cls.metadata, *cls._columns(content), *items, **options)
        for column in cls.__table__.columns:
            setattr(cls, column.name, column)

    def _columns(cls, content: Mapping[str, Any]) -> Iterator[Column[Any]]:
        for name, hint in get_type_hints(cls).items():
            if name in content.get("__annotations__", ()):
                yield cls._column(name, hint, content.get(name))

    def _column(cls, name: str, hint: Any, said: Column[Any] | None) -> Column[Any]:
        [held] = get_args(hint)
        parts = get_args(held) if isinstance(held, UnionType) else (held,)
        column = said if said is not None else Column()
        column.name = column.key = name
        column.nullable = NoneType in parts
        if isinstance(column.type, NullType) and not column.foreign_keys:
            column.type = cls.types[next(one for one in parts if one is not NoneType)]()
        return column

    def __clause_element__(cls) -> Described:
        """Statements take the class for its table."""
        return cls.__table__


class DeclaredTable(metaclass=Declared):
    __tablename__: ClassVar[str]
    __table__: ClassVar[Described]
