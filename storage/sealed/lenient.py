"""Reading a list although one row of it is damaged: that one is said to be so, and the others are shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Text, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from storage.sealed.box import SealError
from storage.sealed.types import Sealed


class Unreadable(dict[str, Any]):
    """In the place of what cannot be opened: nothing is known of it."""


UNREADABLE = Unreadable()


class Lenient(TypeDecorator[Any]):
    """Opens what a sealed column holds; gives UNREADABLE where that cannot be done."""

    impl = Text
    cache_ok = True

    def __init__(self, sealed: Sealed) -> None:
        super().__init__()
        self.sealed = sealed

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        try:
            return self.sealed.process_result_value(value, dialect)
        except (SealError, ValueError):
            return UNREADABLE


def lenient(column: ColumnClause[Any]) -> ColumnElement[Any]:
    """The column, for a list of many people's rows. Who needs the value itself to be right selects the column."""
    kind = column.type
    assert isinstance(kind, Sealed)
    found = kind.column_expression(column)
    return type_coerce(type_coerce(found, Text), Lenient(kind)).label(column.key)
