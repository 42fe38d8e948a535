"""Everything that is kept about one person, whatever table it is in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, func, select
from sqlalchemy import Table as Described

from storage import media
from storage.tables import Audit, Contact, ContactKey, Drawer, FileLink, Medium, MediumPart, of_people

ABOUT_THE_TEAM = (Audit.__tablename__, FileLink.__tablename__, ContactKey.__tablename__, Drawer.__tablename__)
"""Not about the person: what our team did, what are keys, and hashes by which they are found."""
NOT_THEIRS = frozenset({"contact_id", "counsellor_id", "by_id", "to_id", "offered_to", "token_hash", "sealed",
                        "endpoint_hash", "nobody_id", "digits_hash", "address_id"})
"""`sealed` is the address once more."""

Rows = list[dict[str, Any]]


def tables() -> list[Described]:
    """Every table that says something about people. The pieces of a file are with the file."""
    return [one for one in of_people() if one.name not in (*ABOUT_THE_TEAM, MediumPart.__tablename__)]


def everything(connection: Connection, contact_id: int) -> dict[str, Rows]:
    """The rows of a person, by table, oldest first; a table that is added later is in it by itself."""
    contact = Contact.__table__
    assert isinstance(contact, Described)
    found = {contact.name: _rows(connection, contact, contact.c.id, contact_id)}
    found |= {one.name: _rows(connection, one, one.c.contact_id, contact_id) for one in tables()}
    for row in found[Medium.__tablename__]:
        row["content"] = media.content(connection, row["message_id"])
    return found


def _rows(connection: Connection, table: Described, of: Column[Any], contact_id: int) -> Rows:
    columns = [one for one in table.c if one.name not in NOT_THEIRS]
    rows = connection.execute(select(*columns).where(of == contact_id).order_by(*table.primary_key.columns))
    return [dict(row) for row in rows.mappings()]


def counts(connection: Connection, contact_id: int) -> dict[str, int]:
    """How many rows of a person each table has."""
    return {
        one.name: connection.execute(select(func.count()).where(one.c.contact_id == contact_id)).scalar_one()
        for one in tables()
    }
