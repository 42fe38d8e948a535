"""`column IN (many values)` with one parameter, however many there are; and a number for each of many numbers.

SQLAlchemy's own IN has a parameter a value and writes the statement anew for each number of them: on a batch of a
hundred people that costs more than the search itself. PostgreSQL takes an array here, SQLite a JSON list.
"""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, ColumnElement, TableValuedAlias, Text, bindparam, column
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Values(TypeDecorator[Any]):
    impl = Text
    cache_ok = True

    def __init__(self, of_text: bool) -> None:
        super().__init__()
        self.of_text = of_text

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(ARRAY(Text() if self.of_text else BigInteger()))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return orjson.dumps(list(value)).decode() if dialect.name == "sqlite" else list(value)


class _Each(FunctionElement[Any]):
    inherit_cache = True


@compiles(_Each, "sqlite")
def _json(each: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(each.clauses, **kw)}))"


@compiles(_Each)
def _array(each: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT unnest({compiler.process(each.clauses, **kw)}))"


def among(column: ColumnElement[Any], name: str, of_text: bool = False) -> ColumnElement[bool]:
    """Whether the column is one of those given as the parameter `name`: a list of numbers, or of texts."""
    return column.op("IN", is_comparison=True)(_Each(bindparam(name, type_=_Values(of_text))))


class _Pairs(FunctionElement[Any]):
    inherit_cache = True


@compiles(_Pairs, "sqlite")
def _object(pairs: _Pairs, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(pairs.clauses, **kw)})"


@compiles(_Pairs)
def _object_of_texts(pairs: _Pairs, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each_text(CAST({compiler.process(pairs.clauses, **kw)} AS json))"


class _Numbers(TypeDecorator[Any]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def paired(name: str) -> TableValuedAlias:
    """A table of the parameter `name`, a mapping of numbers to numbers or None: columns `key` and `value`, as texts."""
    pairs = _Pairs(bindparam(name, type_=_Numbers))
    return pairs.table_valued(column("key", Text), column("value", Text), name="pair")
