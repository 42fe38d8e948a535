"""A database that cannot be used is one sentence, not a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.settings import PREFIX, SettingsError
from storage import schema
from storage.database import UnfitDatabase
from storage.sealed import keys
from storage.sealed.box import SealError

WHERE_KEYS_ARE = ("Nothing was changed. Put back the key file that this database was written with; what one is, and "
                  "how to keep it: docs/how-to/keep-the-keys.md")


@contextmanager
def usable_database() -> Iterator[None]:
    """What a database says at the first touch becomes a SettingsError, without the address: it may hold a password."""
    try:
        yield
    except (DBAPIError, UnfitDatabase) as error:
        why = _first_line(getattr(error, "orig", error))
        raise SettingsError(f"{PREFIX}DATABASE_URL: cannot use this database: {why}.") from None
    except SealError as error:
        raise SettingsError(f"{PREFIX}ENCRYPTION_KEY_FILE: {_first_line(error)}. {WHERE_KEYS_ARE}") from None
    except ArgumentError:
        raise SettingsError(f"{PREFIX}DATABASE_URL: this is not the address of a database.") from None


def made_ready(engine: Engine) -> None:
    """With today's schema and the keys of the house, also where no service has begun on it yet."""
    schema.upgrade(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        schema.one_at_a_time(connection)
        keys.prepare(connection)


def _first_line(error: object) -> str:
    """PostgreSQL explains itself at length; the beginning says what is wrong."""
    return " ".join(str(error).strip().partition("\n")[0].split()).rstrip(".")
