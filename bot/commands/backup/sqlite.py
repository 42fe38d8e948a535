"""A copy of an SQLite database as it is at one moment, while others write."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from bot.commands.backup.archive import BackupError
from bot.commands.backup.place import stamp, sync_folder

PAGES = 1000
"""How many are copied in one step; between steps we can be interrupted."""


def copy(source: Path, target: Path) -> None:
    """The whole database at the moment when this begins.

    The open read keeps that moment: without it, each commit of the service would let the copy begin anew."""
    if not source.is_file():
        raise BackupError(f"There is no database at {source}.")
    with closing(_open(source)) as live, closing(sqlite3.connect(target)) as made:
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(made, pages=PAGES, progress=_go_on)
        live.execute("ROLLBACK")
        made.execute("PRAGMA journal_mode=DELETE")


def _go_on(_status: int, _left: int, _all: int) -> None:
    """Between two steps. Python looks here whether we were told to stop."""


def _open(path: Path) -> sqlite3.Connection:
    """A database that exists; none is created."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=30, isolation_level=None)


def check(path: Path) -> None:
    """Raises BackupError where the file is not whole."""
    with closing(_open(path)) as connection:
        found = connection.execute("PRAGMA integrity_check(3)").fetchall()
        lost = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != [("ok",)] or lost is not None:
        what = "a row refers to one that is not there" if found == [("ok",)] else str(found[0][0])
        raise BackupError(f"The database is damaged: {what}. Nothing was changed; keep your older backups.")


def empty(path: Path, tables: Iterable[str]) -> None:
    """Take the rows of these tables out of a copy. The file is written anew: nothing of them is left in any page."""
    with closing(_open(path)) as connection:
        for table in tables:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("VACUUM")


def has_data(path: Path) -> bool:
    """Whether a row would be lost; true also of a file that cannot be read."""
    if not path.exists():
        return False
    try:
        with closing(_open(path)) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            names = [name for [name] in found if name != "alembic_version" and not name.startswith("sqlite_")]
            return any(connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for name in names)
    except sqlite3.Error:
        return True


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Nobody's service may run on this database meanwhile; one that runs is a BackupError."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupError(f"A service is running on {path}. Stop it first. Nothing was changed.") from None


def set_aside(path: Path, now: datetime) -> Path | None:
    """Rename the database that is there, with what belongs to it; None where there is none."""
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.before-restore-{stamp(now)}")
    with suppress(sqlite3.Error), closing(_open(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # The log goes first: under a new database of the same name it would be read as that one's.
    for ending in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            os.rename(f"{path}{ending}", f"{aside}{ending}")
    sync_folder(path.parent)
    return aside
