"""The master keys from the command line: which there are, a new file, a new key in the place of the old."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.commands.database import made_ready, usable_database
from bot.settings import PREFIX, Settings, SettingsError
from storage import schema
from storage.database import engine_for
from storage.sealed import keys
from storage.sealed.key_file import KeyFile, KeyFileError
from storage.sealed.vault import vault_of

UNUSED = "wraps nothing. After the next backup its line may go from the file."


def shown(settings: Settings) -> list[str]:
    """A line for each master key, the newest first."""
    with usable_database():
        there = settings.keys.read()
        with engine_for(settings.database) as engine, engine.connect() as connection:
            counts = keys.counts(connection) if _has_keys(connection) else {}
    lines = [f"{name}  {_uses(counts.get(name, 0), name == there.newest)}" for name in there.names]
    missing = [f"{name}  has wrapped {count} keys and is missing from the file: nobody can read what was locked."
               for name, count in counts.items() if name not in there.names]
    return [f"{settings.keys.path}:", *lines, *missing]


def _has_keys(connection: Connection) -> bool:
    return (schema.current(connection.engine) or "") >= "0006"


def _uses(count: int, is_newest: bool) -> str:
    return f"has wrapped {count} keys" if count or is_newest else UNUSED


def make(settings: Settings) -> list[str]:
    file = settings.keys
    if file.path.exists():
        raise SettingsError(f"{PREFIX}ENCRYPTION_KEY_FILE: {file.path} exists already. Nothing was changed.")
    with usable_database():
        made = file.make()
    return [f"{file.path} holds the master key {made.newest} now. Keep a copy apart from the backups."]


def rotate(settings: Settings, new: bool) -> list[str]:
    """Wrap every data key with the newest master key, a portion a transaction; people write meanwhile."""
    with usable_database(), engine_for(settings.database, settings.keys) as engine:
        made_ready(engine)
        if new:
            _add(settings.keys)
            vault_of(engine.dialect).read_again()
        newest, count, portion = vault_of(engine.dialect).masters.newest, 0, 1
        while portion:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                portion = keys.wrap_anew(connection)
            count += portion
    return [f"The master key {newest} has wrapped {count} keys anew.",
            "The service goes on, and reads the file again by itself. Make a backup now, and renew your copy of the "
            "key file; then the old line may go."]


def _add(file: KeyFile) -> None:
    try:
        file.add()
    except KeyFileError as error:
        raise KeyFileError(f"{error}; where it may not be written here, put a new line on top of it yourself "
                           "(head -c 32 /dev/urandom | base64), restart, and run `keys rotate --no-new`") from None
