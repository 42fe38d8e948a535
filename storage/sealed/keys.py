"""One data key a person: made with them, found for what is written about them, gone with them.

`seal` is the one way in which something is locked before it is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from secrets import token_hex
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, Text, bindparam, delete, func, insert, select, type_coerce, update

from storage.among import among
from storage.prepared import Prepared
from storage.sealed.box import Box, Damaged, place
from storage.sealed.types import ADDRESS_OF, Sealed, TeamSealed
from storage.sealed.vault import BETWEEN, HOUSE, RING, NoKeys, Vault, vault_of
from storage.tables import Address, Contact, ContactKey, Setting, SystemKey, Table

Wrapped: TypeAlias = tuple[str, str, str, str]
"""A key as it is kept: person or house, whose, which master key has wrapped it, and the wrapped key."""
_ID = "keys_of"
PORTION = 500
"""So many keys are wrapped anew in one transaction: somebody may be waiting for an answer."""
_HELD = select(ContactKey.contact_id, ContactKey.master, ContactKey.wrapped).where(among(ContactKey.contact_id, "ids"))
_LOOK = Prepared(_HELD)
_HOLD = Prepared(_HELD.with_for_update(read=True, key_share=True))
_ADD = Prepared(insert(ContactKey).values({one: bindparam(one) for one in ("contact_id", "master", "wrapped")}))


# --------------------------------------------------------------------- one person's key


def make(connection: Connection, contact_ids: Iterable[int]) -> None:
    """A new key for each of these new people."""
    vault, ring = vault_of(connection.dialect), _ring(connection)
    rows = []
    for one in contact_ids:
        master, wrapped = vault.new(one, ContactKey.__tablename__)
        rows.append({"contact_id": one, "master": master, "wrapped": wrapped})
        learn(connection, one, master, wrapped, ring)
    _ADD.each(connection, rows)


def destroy(connection: Connection, contact_id: int) -> None:
    """Nothing that was locked with the key of this person can be read any more, in no copy without it."""
    connection.execute(delete(ContactKey).where(ContactKey.contact_id == contact_id))
    _ring(connection).pop(contact_id, None)
    vault_of(connection.dialect).forget_people()


def learn(
    connection: Connection, contact_id: int, master: str, wrapped: str, ring: dict[int, Box] | None = None
) -> None:
    """A key that was read with something else: until the end of this transaction nobody asks for it again."""
    box = vault_of(connection.dialect).box_of(f"{master}{BETWEEN}{wrapped}", contact_id, ContactKey.__tablename__)
    (ring if ring is not None else _ring(connection))[contact_id] = box


def held(connection: Connection, contact_ids: Collection[int]) -> Mapping[int, Box]:
    """These people's keys. Who writes on PostgreSQL holds them: nobody destroys one meanwhile."""
    ring = _ring(connection)
    missing = {one for one in contact_ids if one not in ring}
    if missing:
        writes = connection.dialect.name != "sqlite" and connection.get_execution_options().get("writes", False)
        for contact_id, master, wrapped in (_HOLD if writes else _LOOK).rows(connection, ids=sorted(missing)):
            learn(connection, contact_id, master, wrapped, ring)
        if not missing <= ring.keys():
            raise NoKeys("somebody has no key any more")
    return ring


def _ring(connection: Connection) -> dict[int, Box]:
    """Of one transaction; `storage.sealed.vault` lets it begin empty."""
    ring: dict[int, Box] = connection.info.setdefault(RING, {})
    return ring


# --------------------------------------------------------------------- locking


def seal(connection: Connection, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """These rows of a table with what must be locked locked. Each names whose it is, and whatever else binds it."""
    columns = _locked_columns(table)
    boxes = _boxes(connection, columns[0][1], rows)
    made = []
    for row in rows:
        new = dict(row)
        for name, kind in columns:
            if name in new:
                owner = new[kind.owner]
                new[name] = kind.lock(boxes[owner], owner, new[name], new[kind.row] if kind.row else "")
        made.append(new)
    return made


def sealed(connection: Connection, table: type[Table], row: Mapping[str, Any]) -> dict[str, Any]:
    """One of them."""
    return seal(connection, table, [row])[0]


def _boxes(connection: Connection, kind: Sealed, rows: Sequence[Mapping[str, Any]]) -> Mapping[int, Box]:
    if not isinstance(kind, TeamSealed):
        return held(connection, {row[kind.owner] for row in rows})
    box = vault_of(connection.dialect).team
    return {row[kind.owner]: box for row in rows}


@cache
def _locked_columns(table: type[Table]) -> list[tuple[str, Sealed]]:
    return [(one.name, one.type) for one in table.__table__.c if isinstance(one.type, Sealed)]


def hashed(connection: Connection, values: Iterable[str]) -> list[str]:
    """What these exact values are found by."""
    return [vault_of(connection.dialect).hashed(one) for one in values]


# --------------------------------------------------------------------- the house


def prepare(connection: Connection) -> None:
    """Make the keys of the house where there are none, and the key file of a new installation.

    Raises SealError where the key file is not there, or not the one that this database was written with. One process
    at a time."""
    vault = vault_of(connection.dialect)
    vault.open_house(connection)
    if not vault.is_open:
        if vault.file.is_ours and not vault.file.path.exists():
            vault.make_file()
        connection.execute(insert(Setting).values(name=_ID, value=token_hex(16)))
    if not vault.is_whole:
        there = set(connection.scalars(select(SystemKey.name)))
        connection.execute(insert(SystemKey), [_house_key(vault, name) for name in HOUSE if name not in there])
        vault.open_house(connection)


def _house_key(vault: Vault, name: str) -> dict[str, Any]:
    master, wrapped = vault.new(name, SystemKey.__tablename__)
    return {"name": name, "master": master, "wrapped": wrapped}


def push_secret(engine: Engine) -> bytes:
    """What the key is made of by which push services know us, and the cookies of web chats. Of a database that was
    prepared."""
    return vault_of(engine.dialect).push


# --------------------------------------------------------------------- kept apart, and brought back


def database_id(connection: Connection) -> str:
    """Which database these keys belong to; empty where it has none."""
    return connection.execute(select(Setting.value).where(Setting.name == _ID)).scalar() or ""


def wrapped(connection: Connection) -> list[Wrapped]:
    """Every wrapped key that there is."""
    people = connection.execute(select(ContactKey.contact_id, ContactKey.master, ContactKey.wrapped))
    house = connection.execute(select(SystemKey.name, SystemKey.master, SystemKey.wrapped))
    return [*(("house", name, master, key) for name, master, key in house),
            *(("person", str(one), master, key) for one, master, key in people)]


def bring_back(connection: Connection, rows: Iterable[Wrapped]) -> None:
    """Put them into a database that was kept without its keys. Those of people whom it does not know stay out."""
    known = set(connection.execute(select(Contact.id)).scalars())
    people = [{"contact_id": int(one), "master": master, "wrapped": key}
              for kind, one, master, key in rows if kind == "person" and int(one) in known]
    _ADD.each(connection, people)
    connection.execute(insert(SystemKey), [
        {"name": one, "master": master, "wrapped": key} for kind, one, master, key in rows if kind == "house"])


def unreadable(connection: Connection, after: int, most: int) -> tuple[list[int], int]:
    """Of the people after an id, those who have no key, or another one than they had; and the last one looked at."""
    vault = vault_of(connection.dialect)
    rows = connection.execute(
        select(Contact.id, ContactKey.master, ContactKey.wrapped, type_coerce(Address.sealed, Text))
        .outerjoin(ContactKey, ContactKey.contact_id == Contact.id)
        .outerjoin(Address, Address.contact_id == Contact.id)
        .where(Contact.id > after).order_by(Contact.id).limit(most)
    ).all()
    return sorted({row[0] for row in rows if not _opens(vault, *row)}), rows[-1][0] if rows else after


def _opens(vault: Vault, contact_id: int, master: str | None, wrapped: str | None, address: str | None) -> bool:
    if master is None:
        return False
    box = vault.box_of(f"{master}{BETWEEN}{wrapped}", contact_id, ContactKey.__tablename__)
    try:
        return address is None or bool(box.unlock(address, place(ADDRESS_OF, contact_id)))
    except Damaged:
        return False


# --------------------------------------------------------------------- masters


def counts(connection: Connection) -> dict[str, int]:
    """How many keys each master key has wrapped, the house's among them."""
    found: dict[str, int] = {}
    for table in (ContactKey, SystemKey):
        for name, count in connection.execute(select(table.master, func.count()).group_by(table.master)):
            found[name] = found.get(name, 0) + count
    return found


def wrap_anew(connection: Connection, most: int = PORTION) -> int:
    """Wrap so many keys with the newest master key that are not; says how many it were. The keys stay the same."""
    vault = vault_of(connection.dialect)
    return (_wrap_anew(connection, vault, ContactKey, "contact_id", most)
            or _wrap_anew(connection, vault, SystemKey, "name", most))


def _wrap_anew(connection: Connection, vault: Vault, table: Any, owner: str, most: int) -> int:
    key = getattr(table, owner)
    old = select(key, table.master, table.wrapped).where(table.master != vault.masters.newest).order_by(key)
    rows = connection.execute(old.limit(most).with_for_update(key_share=True)).all()
    for one, master, wrapped in rows:
        name, new = vault.wrapped_anew(master, wrapped, one, table.__tablename__)
        connection.execute(update(table).where(key == one).values(master=name, wrapped=new))
    return len(rows)
