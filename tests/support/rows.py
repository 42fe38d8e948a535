"""Rows put straight into the tables, with what must be locked locked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.sealed import keys
from storage.sealed.types import Sealed
from storage.tables import Address, Contact, Table


def put(connection: Connection, table: type[Table], **values: Any) -> int:
    """A new row; its id. A contact gets a key, an address is locked beside its hash."""
    if table is Address:
        values["sealed"] = values["address"]
    locked = {name: value for name, value in values.items() if isinstance(table.__table__.c[name].type, Sealed)}
    blanks = {name: "" for name, value in locked.items() if value is not None}
    new = insert(table).values(**{**values, **locked, **blanks}).returning(table.__table__.c.id)
    key = int(connection.execute(new).scalar_one())
    if table is Contact:
        keys.make(connection, [key])
    change(connection, table, key, **locked)
    return key


def change(connection: Connection, table: type[Table], key: int, **locked: Any) -> None:
    """Other values for what is locked in this row."""
    if not locked:
        return
    columns = table.__table__.c
    binds = [columns[one.name] for one in columns if one.name in ("id", "contact_id", "key")]
    [row] = connection.execute(select(*binds).where(columns.id == key)).mappings()
    made = keys.sealed(connection, table, {**row, **locked})
    connection.execute(update(table).where(columns.id == key).values({name: made[name] for name in locked}))
