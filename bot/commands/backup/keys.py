"""The keys file beside the backups: the wrapped keys of everybody who is here now, without which no backup can be read.

There is one for all backups of a folder, always the newest: who has been deleted since a backup has no key in it, so
that backup holds nothing of them that anybody could read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, inspect

from bot.commands.backup.archive import BackupError, Manifest
from bot.commands.backup.place import move, stamp
from storage.sealed import keys
from storage.sealed.keys import Wrapped
from storage.tables import ContactKey

FORMAT = 1
NAME = "returnee-bot.keys"
OWN_ENDING = ".keys"
"""A backup that is kept by itself has a keys file of its own, with its name and this."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Every wrapped key of one database at one moment."""

    of: str
    """Which database they belong to; it keeps that when it is restored."""
    made_at: datetime
    rows: list[Wrapped]

    def dump(self) -> bytes:
        head = json.dumps({"format": FORMAT, "of": self.of, "made_at": self.made_at.isoformat()})
        body = "\n".join([head, *(" ".join(row) for row in self.rows)]) + "\n"
        return f"{body}{sha256(body.encode()).hexdigest()}\n".encode()


def taken(connection: Connection, now: datetime) -> Keys | None:
    """The keys that are in a database; None where it has none."""
    if not inspect(connection).has_table(ContactKey.__tablename__):
        return None
    of = keys.database_id(connection)
    return Keys(of, now, keys.wrapped(connection)) if of else None


def write(found: Keys, to: Path, work: Path) -> None:
    """Put it there in the place of the one before, whole or not at all, for its owner alone.

    Never in the place of another database's: with those, all of its backups would be lost. What is damaged is kept."""
    if to.exists():
        try:
            of = load(to).of
        except BackupError:
            keep_aside(to, found.made_at)
        else:
            if of != found.of:
                raise BackupError(f"{to} opens the backups of another database. Back up this one into a folder of its "
                                  "own; or, if this one has taken the other's place, move that file and its backups "
                                  "to where you keep them.")
    made = work / "keys"
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(found.dump())
    move(made, to)


def load(path: Path) -> Keys:
    """Raises BackupError where it is none of ours, or not whole."""
    try:
        body, _, digest = path.read_bytes().rstrip(b"\n").rpartition(b"\n")
        if sha256(body + b"\n").hexdigest().encode() != digest:
            raise ValueError("cut off")
        head, *lines = body.decode().split("\n")
        said = json.loads(head)
        if said["format"] != FORMAT:
            raise ValueError("another format")
        return Keys(said["of"], datetime.fromisoformat(said["made_at"]), list(_rows(lines)))
    except OSError as error:
        raise BackupError(f"Cannot read the keys file {path}: {error.strerror}. {WHERE}") from None
    except (ValueError, KeyError, TypeError):
        raise BackupError(f"{path} is no keys file of this bot, or it is damaged. {WHERE}") from None


WHERE = ("Without the keys nobody can read the backup. The keys file lies beside the backups, as "
         f"{NAME}; where it is elsewhere, say so with --keys.")


def _rows(lines: list[str]) -> Iterator[Wrapped]:
    for line in lines:
        kind, owner, master, wrapped = line.split(" ")
        yield kind, owner, master, wrapped


def beside(archive: Path) -> Path:
    """Where the keys of this backup are to be found."""
    own = archive.with_name(archive.name.removesuffix(".tar.gz") + OWN_ENDING)
    return own if own.exists() else archive.with_name(NAME)


def keep_aside(path: Path, now: datetime) -> Path:
    """A copy. The next backup writes the keys anew: people who are only in a later backup are not in them."""
    aside = path.with_name(f"{path.name}.before-{stamp(now)}")
    shutil.copy2(path, aside)
    return aside


def fitting(archive: Path, manifest: Manifest, given: Path | None) -> Keys | None:
    """The keys for a backup; None where it is from before anything was locked."""
    if not manifest.keys:
        return None
    path = given or beside(archive)
    found = load(path)
    if found.of != manifest.keys:
        raise BackupError(f"{path} holds the keys of another database than {archive}. {WHERE}")
    if found.made_at < manifest.made_at:
        raise BackupError(f"{path} is older than {archive}: whoever came in between would be lost. {WHERE}")
    return found
