"""What one process has in memory to lock and to open with: the masters, the keys of the house, some people's keys."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import Dialect

from storage.sealed.box import Box, Locked, SealError, new_key, place
from storage.sealed.key_file import KeyFile
from storage.sealed.masters import Masters, UnknownMaster

MOST_PEOPLE = 20_000
"""So many people's keys stay unwrapped, the last ones used: some 10 MB."""
MOST_ADDRESSES = 20_000
HASH_BYTES = 18
"""144 bits: no two addresses meet, and it is short in an index."""
TEAM, FIND, PUSH = "team", "find", "push"
"""The keys of the house: for what belongs to the team, for finding what is locked, and for waking browsers."""
NEEDED = frozenset({TEAM, FIND})
HOUSE = (TEAM, FIND, PUSH)
BETWEEN = "."
"""Between the name of a master key and the data key that it has wrapped."""


RING = "keys"
"""The keys that one transaction knows stand in its connection's notes under this name."""
_THERE = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE name = 'system_keys'",
    "postgresql": "SELECT count(to_regclass('system_keys'))",
}
_READ = "SELECT name, master, wrapped FROM system_keys"


class NoKeys(SealError):
    """Nothing can be locked or opened here."""


class Vault:
    """Belongs to one engine. It reads the key file when it is first needed, and again where a key is not in it."""

    def __init__(self, file: KeyFile) -> None:
        self.file = file
        self.is_open = False
        """The keys of the house are known."""
        self.box_of = lru_cache(MOST_PEOPLE)(self._box_of)
        """(wrapped data key, whose it is) -> what locks and opens."""
        self.hashed = lru_cache(MOST_ADDRESSES)(self._hashed)
        """What an exact value is found by: the same for the same value, and only with the key."""
        self._masters: Masters | None = None
        self._find = b""
        self._team: Box | None = None
        self._push = b""

    # ------------------------------------------------------------- masters

    @property
    def masters(self) -> Masters:
        if self._masters is None:
            self._masters = self.file.read()
        return self._masters

    def read_again(self) -> None:
        self._masters = self.file.read()

    def make_file(self) -> None:
        self._masters = self.file.make()

    # ------------------------------------------------------------- data keys

    def new(self, owner: int | str, table: str) -> tuple[str, Locked]:
        """A new data key: the name of the master key that has wrapped it, and the wrapped key."""
        return self.masters.wrap(new_key(), place(table, owner))

    def wrapped_anew(self, master: str, wrapped: str, owner: int | str, table: str) -> tuple[str, Locked]:
        """The same data key under the newest master key."""
        return self.masters.wrap(self._unwrapped(master, wrapped, place(table, owner)), place(table, owner))

    def _box_of(self, key: str, owner: int | str, table: str) -> Box:
        master, _, wrapped = key.partition(BETWEEN)
        return Box(self._unwrapped(master, wrapped, place(table, owner)))

    def _unwrapped(self, master: str, wrapped: str, where: str) -> bytes:
        try:
            return self.masters.unwrap(master, wrapped, where)
        except UnknownMaster:
            self.read_again()  # another process may have added one
            return self.masters.unwrap(master, wrapped, where)

    def forget_people(self) -> None:
        """Somebody's key is gone: it goes from memory too."""
        self.box_of.cache_clear()

    # ------------------------------------------------------------- the keys of the house

    def open_house(self, connection: Connection) -> None:
        """Take them from the database, where it has them already. The driver is asked: no transaction begins."""
        self.is_open = False
        cursor = connection.connection.cursor()
        cursor.execute(_THERE[connection.dialect.name])
        if not cursor.fetchall()[0][0]:
            return
        cursor.execute(_READ)
        found = {name: self._unwrapped(master, wrapped, place("system_keys", name))
                 for name, master, wrapped in cursor.fetchall()}
        if found.keys() >= NEEDED:
            self.hashed.cache_clear()
            self._find, self._team, self._push = found[FIND], Box(found[TEAM]), found.get(PUSH, b"")
            self.is_open = True

    @property
    def is_whole(self) -> bool:
        """It has every key of the house: one that a later version has added may be missing."""
        return self.is_open and bool(self._push)

    @property
    def push(self) -> bytes:
        """What the key is made of by which push services know us, and the cookies of web chats."""
        if not self._push:
            raise NoKeys("this database has no key for waking browsers yet")
        return self._push

    @property
    def team(self) -> Box:
        if self._team is None:
            raise NoKeys("the keys of this database are not known")
        return self._team

    def _hashed(self, value: str) -> str:
        if not self._find:
            raise NoKeys("the keys of this database are not known")
        digest = hmac.digest(self._find, value.encode(), "sha256")
        return urlsafe_b64encode(digest[:HASH_BYTES]).decode()

    def drawer(self, label: str) -> str:
        """The same for a drawer: no address is ever written like one."""
        return self._hashed(f"drawer\0{label}")


def vault_of(dialect: Dialect) -> Vault:
    """The vault of the engine that has this dialect."""
    vault: Vault | None = dialect.__dict__.get("vault")
    if vault is None:
        raise NoKeys("this database was opened without its keys")
    return vault


def give_vault(engine: Engine, file: KeyFile) -> None:
    """This engine locks and opens. Its keys are looked for when somebody connects, until they are there."""
    vault = Vault(file)
    engine.dialect.__dict__["vault"] = vault

    @event.listens_for(engine, "engine_connect")
    def connected(connection: Connection) -> None:
        if vault.is_open:
            return
        try:
            vault.open_house(connection)
            connection.connection.rollback()
        except BaseException:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info.pop(RING, None)

    @event.listens_for(engine, "rollback_savepoint")
    def undone(connection: Connection, _name: str, _context: None) -> None:
        connection.info.pop(RING, None)
