"""Bring a backup back. Until everything is verified and up to date, nothing that is there is touched."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.exc import DBAPIError

from bot.commands.backup import keys, postgresql, sqlite
from bot.commands.backup.archive import BackupError, Manifest, manifest_of, unpack
from bot.commands.backup.keys import Keys
from bot.commands.backup.make import close, database_file, file_engine, write
from bot.commands.backup.place import move, stamp, working_folder
from bot.commands.database import WHERE_KEYS_ARE
from bot.settings import Settings
from storage import schema
from storage.database import UnfitDatabase, engine_for
from storage.sealed.box import SealError
from storage.sealed.keys import PORTION, bring_back, unreadable
from storage.tables import Contact, Counsellor, Message, Reminder, Run, Ticket

HAS_DATA = ("There is data in this database already. With --force it is replaced; what is there now is kept aside. "
            "Nothing was changed.")


def restore(settings: Settings, file: Path, force: bool, now: datetime, keys_file: Path | None = None) -> list[str]:
    """Put this backup in the place of the database, with the newest keys; says in sentences what was done."""
    manifest = manifest_of(file)
    _refuse_unfit(manifest, settings.database)
    found = keys.fitting(file, manifest, keys_file)
    into = _into_file if manifest.kind == "sqlite" else _into_server
    try:
        told = into(settings, file, found, force, now)
        if found is not None and force:
            told += [f"The keys file is kept as it was: {keys.keep_aside(keys_file or keys.beside(file), now)}"]
        return told
    except SealError as error:
        raise BackupError(f"The backup could not be restored: {str(error).rstrip('.')}. {WHERE_KEYS_ARE}.") from None
    except (OSError, sqlite3.Error, DBAPIError, UnfitDatabase) as error:
        raise BackupError(f"The backup could not be restored: {_reason(error)}.") from None


def _reason(error: Exception) -> str:
    said = str(getattr(error, "strerror", None) or getattr(error, "orig", None) or error)
    return said.strip().partition("\n")[0].rstrip(".")


def _refuse_unfit(manifest: Manifest, url: str) -> None:
    here = "sqlite" if url.startswith("sqlite") else "postgresql"
    if manifest.kind != here:
        raise BackupError(f"This backup is of {manifest.kind}, and RETURNEE_BOT_DATABASE_URL is {here}. "
                          "Set it to a database of the same kind.")
    _refuse_newer(manifest.schema, manifest.bot)


def _refuse_newer(revision: str | None, bot: str) -> None:
    if revision is None or revision > schema.head():
        raise BackupError(f"This backup has schema {revision}; this version knows schemas up to {schema.head()}. "
                          f"It was made by version {bot}: install that one or a later one.")


# ------------------------------------------------------------------ SQLite


def _into_file(settings: Settings, file: Path, found: Keys | None, force: bool, now: datetime) -> list[str]:
    target = database_file(settings.database)
    with sqlite.held(target):
        if sqlite.has_data(target) and not force:
            raise BackupError(HAS_DATA)
        with working_folder(target.parent) as work:
            unpacked = work / "database"
            manifest = unpack(file, unpacked)
            sqlite.check(unpacked)
            told = _bring_up_to_date(settings, unpacked, file, manifest, found, now)
            aside = sqlite.set_aside(target, now)
            move(unpacked, target)
    return told + ([f"The database that was there is kept: {aside}"] if aside else [])


def _bring_up_to_date(
    settings: Settings, unpacked: Path, file: Path, manifest: Manifest, found: Keys | None, now: datetime
) -> list[str]:
    engine = file_engine(unpacked, settings.keys)
    try:
        return _upgrade(engine, file, manifest, found, now)
    finally:
        close(engine, unpacked)


# ------------------------------------------------------------------ PostgreSQL


def _into_server(settings: Settings, file: Path, found: Keys | None, force: bool, now: datetime) -> list[str]:
    if found is not None:
        settings.keys.read()  # where it is not there, that is said before anything is replaced
    with engine_for(settings.database, settings.keys) as engine:
        postgresql.refuse_if_running(engine)
        there = postgresql.has_data(engine)
        if there and not force:
            raise BackupError(HAS_DATA)
        with working_folder(settings.data_dir.resolve()) as work:
            unpacked = work / "database"
            manifest = unpack(file, unpacked)
            postgresql.check(unpacked)
            _refuse_newer(postgresql.revision(unpacked), manifest.bot)
            aside = _aside(settings, now) if there else None
            engine.dispose()
            _replace(engine, settings.database, unpacked, aside)
        told = _upgrade(engine, file, manifest, found, now)
    return told + ([f"The database that was there is kept as a backup, with its keys: {aside}"] if aside else [])


def _aside(settings: Settings, now: datetime) -> Path:
    """A backup of what is there now, under a name that --keep does not delete."""
    folder = settings.data_dir.resolve() / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = folder / f"before-restore-{stamp(now)}.tar.gz"
    write(settings.database, name, folder / f"{name.name.removesuffix('.tar.gz')}{keys.OWN_ENDING}", now)
    return name


def _replace(engine: Engine, url: str, dump: Path, aside: Path | None) -> None:
    try:
        postgresql.bring_back(engine, url, dump)
    except BackupError as error:
        kept = f" What was there is in {aside}: restore that one." if aside else ""
        raise BackupError(f"{error}{kept}") from None


# ------------------------------------------------------------------ both


def _upgrade(engine: Engine, file: Path, manifest: Manifest, found: Keys | None, now: datetime) -> list[str]:
    """Give the database its keys and bring the schema up to date; then what was restored, in sentences."""
    _refuse_newer(schema.current(engine), manifest.bot)
    if found is not None:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            bring_back(connection, found.rows)
    schema.upgrade(engine)
    gone = _purge(engine) if found is not None else 0
    with engine.connect() as connection:
        contents = _contents(connection, now)
    made = f"{manifest.made_at:%Y-%m-%d %H:%M} UTC by version {manifest.bot} with schema {manifest.schema}"
    newer = [] if manifest.schema == schema.head() else [f"The schema was brought up to {schema.head()}."]
    purged = [f"People who were deleted since then, and are not brought back: {gone}."] if gone else []
    return [f"Restored {file}, made {made}.", *newer, *contents, *purged]


def _purge(engine: Engine) -> int:
    """Delete those whose key is gone: nobody can read what is left of them. How many it was."""
    count, last, before = 0, 0, -1
    while last != before:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            before = last
            gone, last = unreadable(connection, last, PORTION)
            connection.execute(delete(Contact).where(Contact.id.in_(gone)))
        count += len(gone)
    return count


def _contents(connection: Connection, now: datetime) -> list[str]:
    def count(table: type, *conditions: object) -> int:
        return connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0  # type: ignore[arg-type]

    people, runs = count(Contact), count(Run, Run.ended_at.is_(None))
    tickets, team = count(Ticket, Ticket.state != "closed"), count(Counsellor, Counsellor.removed_at.is_(None))
    waiting = count(Message, Message.state == "queued")
    due = count(Reminder, Reminder.state == "waiting", Reminder.due_at <= now)
    return [f"In it: people {people}, open conversations {runs}, open tickets {tickets}, counsellors {team}.",
            f"When the service starts, it sends what waits: messages {waiting}, reminders {due}."]
