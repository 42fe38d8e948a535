"""A database that cannot be used is one sentence, not a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.settings import PREFIX, SettingsError


@contextmanager
def usable_database() -> Iterator[None]:
    """What a database says at the first touch becomes a SettingsError, without the address: it may hold a password."""
    try:
        yield
    except DBAPIError as error:
        raise SettingsError(f"{PREFIX}DATABASE_URL: cannot use this database: {error.orig}.") from None
    except ArgumentError:
        raise SettingsError(f"{PREFIX}DATABASE_URL: this is not the address of a database.") from None
