"""Make a backup: copy, check the copy, pack it, then give it its name."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from bot.commands.backup import keys, postgresql, sqlite
from bot.commands.backup.archive import BackupError, Manifest, pack
from bot.commands.backup.keys import Keys
from bot.commands.backup.place import delete_older, final_name, move, working_folder
from bot.settings import Settings
from storage import schema
from storage.database import connect
from storage.sealed.key_file import KeyFile
from storage.tables import ContactKey, SystemKey

LOCKS = (ContactKey.__tablename__, SystemKey.__tablename__)
"""The tables that no backup holds."""


def backup(settings: Settings, file: Path | None, keep: int | None, now: datetime) -> list[str]:
    """Write a backup beside the running service, and the keys anew; says in sentences what was done."""
    try:
        name = final_name(file, settings.data_dir, now)
        keys_file = name.with_name(keys.NAME)
        manifest = write(settings.database, name, keys_file, now)
        gone = delete_older(name.parent, keep) if keep else []
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The backup could not be written: {_reason(error)}. Older backups are untouched.") from None
    size = name.stat().st_size / 1e6
    with_keys = [f"{keys_file}  (the keys of everybody who is here now; no backup can be read without it)"]
    return [f"{name}  ({size:.1f} MB, schema {manifest.schema})", *(with_keys if manifest.keys else []),
            *(f"Deleted {one.name}" for one in gone)]


def _reason(error: OSError | sqlite3.Error) -> str:
    return str(getattr(error, "strerror", None) or error)


def write(url: str, name: Path, keys_file: Path, now: datetime) -> Manifest:
    """A whole backup under this name, or nothing. Its keys are not in it: they go into the keys file.

    They are taken after the copy, so that none is missing; and they get their place before it."""
    with working_folder(name.parent) as work:
        database, archive = work / "database", work / "archive"
        kind, revision = _copy(url, database)
        if revision is None:
            raise BackupError("This database holds no tables of this bot, so there is nothing to back up.")
        found = _keys(url, database, now)
        manifest = Manifest.of(database, kind, revision, now, found.of if found else "")
        pack(archive, database, manifest)
        if found is not None:
            keys.write(found, keys_file, work)
        move(archive, name)
    return manifest


def _copy(url: str, to: Path) -> tuple[str, str | None]:
    """Copy and check; the kind of database, and the revision of what was copied."""
    if url.startswith("sqlite"):
        sqlite.copy(database_file(url), to)
        sqlite.check(to)
        return "sqlite", revision_of_file(to)
    postgresql.copy(url, to)
    postgresql.check(to)
    return "postgresql", postgresql.revision(to)


def _keys(url: str, copied: Path, now: datetime) -> Keys | None:
    """The keys of what was copied; they are nowhere in the copy afterwards. A dump of PostgreSQL is made without."""
    is_file = url.startswith("sqlite")
    engine = file_engine(copied) if is_file else connect(url)
    try:
        with engine.connect() as connection:
            found = keys.taken(connection, now)
    finally:
        close(engine, copied) if is_file else engine.dispose()
    if is_file and found is not None:
        sqlite.empty(copied, LOCKS)
    return found


def database_file(url: str) -> Path:
    return Path(make_url(url).database or "").resolve()


def revision_of_file(path: Path) -> str | None:
    engine = file_engine(path)
    try:
        return schema.current(engine)
    finally:
        close(engine, path)


def file_engine(path: Path, keys: KeyFile | None = None) -> Engine:
    return connect(f"sqlite:///{path}", keys)


def close(engine: Engine, path: Path) -> None:
    """Leave one file: the service's way of opening it made two more."""
    engine.dispose()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
