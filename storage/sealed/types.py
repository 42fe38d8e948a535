"""The kinds of columns that hold something locked.

Reading is by itself: a select of such a column asks also for whose row it is and for that person's wrapped key, so what
comes back has been opened with the key of the row that it stood in. Writing takes what `keys.seal` has locked; a
plain value is refused."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Label,
    String,
    Text,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from storage.sealed.box import Box, Locked, place
from storage.sealed.vault import BETWEEN, TEAM, NoKeys, Vault, vault_of

ADDRESS_OF = "addresses.sealed"
_EMPTY: tuple[Any, ...] = ("", {})
"""Stored as it is: there is nothing to hide, and a select may ask for it."""
_GAP: ColumnElement[str] = literal_column("' '", Text)
_BETWEEN: ColumnElement[str] = literal_column(f"'{BETWEEN}'", Text)
_NOTHING: ColumnElement[str] = literal_column("''", Text)
_PEOPLE = table("contact_keys", column("contact_id"), column("master"), column("wrapped"))


class Sealed(TypeDecorator[Any]):
    """A text, or with `json` any value, of one person."""

    impl = Text
    cache_ok = True

    def __init__(self, name: str, json: bool = False, owner: str = "contact_id", row: str = "") -> None:
        super().__init__()
        self.name, self.json, self.owner, self.row = name, json, owner, row
        """Table and column; whose it is; a column that tells the row and never changes."""

    def lock(self, box: Box, owner: int, value: Any, row: int | str = "") -> Locked | None:
        if value is None:
            return None
        if value in _EMPTY:
            return Locked()
        return box.lock(self._plain(value), place(self.name, owner, row))

    def _plain(self, value: Any) -> bytes:
        plain: bytes = orjson.dumps(value) if self.json else value.encode()
        return plain

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if isinstance(value, Locked):
            return str(value)  # SQLite's driver looks for a way to adapt each kind of text that is not its own
        if value in _EMPTY:
            return ""
        raise TypeError(f"{self.name} takes locked values only")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        key, owner, locked, row = value.split(" ", 3)
        if not locked:
            return {} if self.json else ""
        if not key:
            raise NoKeys(f"{self.name}: whose it is has no key any more")
        return self._value(self._box(vault_of(dialect), key, owner).unlock(locked, place(self.name, owner, row)))

    def _value(self, plain: bytes) -> Any:
        return orjson.loads(plain) if self.json else plain.decode()

    def _box(self, vault: Vault, key: str, owner: str) -> Box:
        return vault.box_of(key, int(owner), "contact_keys")

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        column = _itself(column)
        rows = column.table.c
        owner = rows[self.owner]
        row = type_coerce(cast(rows[self.row], Text), Text) if self.row else _NOTHING
        return type_coerce(_joined(self._wrapped_key(owner), owner, column, row), self)

    def _wrapped_key(self, owner: ColumnElement[Any]) -> ColumnElement[Any]:
        found = select(_of(_PEOPLE)).where(_PEOPLE.c.contact_id == owner)
        return found.scalar_subquery()


class SealedBytes(Sealed):
    """A piece of a file of one person."""

    cache_ok = True

    def _plain(self, value: Any) -> bytes:
        return bytes(value)

    def _value(self, plain: bytes) -> bytes:
        return plain


class TeamSealed(Sealed):
    """A text of a counsellor, locked with the key of the house."""

    cache_ok = True

    def _box(self, vault: Vault, key: str, owner: str) -> Box:
        return vault.team

    def _wrapped_key(self, owner: ColumnElement[Any]) -> ColumnElement[Any]:
        return literal_column(f"'{TEAM}'")


class Findable(TypeDecorator[str]):
    """An address: stored is its keyed hash, by which exactly this one is found. What is read is the address itself,
    from the locked value beside it; in messages, from the address that it belongs to."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault_of(dialect).hashed(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return _ADDRESS.process_result_value(value, dialect) if value is not None else None

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        column = _itself(column)
        rows = column.table.c
        if "sealed" in rows:
            return type_coerce(_ADDRESS.column_expression(rows.sealed), self)
        known = _ADDRESSES.alias()
        here = (known.c.channel == rows.channel, known.c.address == type_coerce(column, Text))
        sealed = select(known.c.sealed).where(*here).scalar_subquery()
        whose = select(known.c.contact_id).where(*here).correlate(column.table).scalar_subquery()
        owner = func.coalesce(whose, rows.contact_id)
        key = select(_of(_PEOPLE)).where(_PEOPLE.c.contact_id == owner).scalar_subquery()
        return type_coerce(_joined(key, owner, func.coalesce(sealed, _NOTHING), _NOTHING), self)


_ADDRESS = Sealed(ADDRESS_OF)
_ADDRESSES = table("addresses", column("contact_id"), column("channel"), column("address"), column("sealed"))


def _itself(column: ColumnElement[Any]) -> Column[Any]:
    """The column of a table, also where the select gives it another name."""
    found = column.element if isinstance(column, Label) else column
    if not isinstance(found, Column):
        raise TypeError("what is locked is selected from its table itself: whose row it is must be known")
    return found


def _of(keys: Any) -> ColumnElement[Any]:
    return type_coerce(keys.c.master, Text) + _BETWEEN + type_coerce(keys.c.wrapped, Text)


def _joined(
    key: ColumnElement[Any], owner: ColumnElement[Any], value: ColumnElement[Any], row: ColumnElement[Any]
) -> ColumnElement[Any]:
    """In one text, what is needed to open the value. NULL where there is none."""
    parts = [func.coalesce(key, _NOTHING), cast(owner, Text), type_coerce(value, Text), row]
    joined: ColumnElement[str] = type_coerce(parts[0], Text)
    for part in parts[1:]:
        joined = joined + _GAP + type_coerce(part, Text)
    return joined
