"""What every table is made of: ids, moments, JSON, and where an index holds only some rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import orjson
from sqlalchemy import BigInteger, Boolean, Connection, Date, Integer, MetaData, Text, event, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from storage.declared import DeclaredTable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Id = BigInteger().with_variant(Integer, "sqlite")
NO_ID_AGAIN = {"sqlite_autoincrement": True}
"""The id of a deleted row is never given to another: an open page or an old button would speak of somebody else."""
WHERE = "where"
"""Of an index: it holds only the rows of which this is true."""


class Moment(TypeDecorator[datetime]):
    """A point in time. Quicker than a text to write, compare and index, the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Json(TypeDecorator[Any]):
    """A value as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Table(DeclaredTable):
    metadata = MetaData()
    types: ClassVar = {int: Integer, bool: Boolean, date: Date, datetime: Moment, str: Text, dict[str, Any]: Json,
                       list[str]: Json, Any: Json}


@event.listens_for(Table.metadata, "before_create")
def _say_where(metadata: MetaData, connection: Connection, **_: Any) -> None:
    """SQLAlchemy loads each database's part when an index names it; so only the one that is in use is named."""
    for index in (index for table in metadata.tables.values() for index in table.indexes if WHERE in index.info):
        index.dialect_options[connection.dialect.name][WHERE] = text(index.info[WHERE])
