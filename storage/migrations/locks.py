"""A migration takes every table that it changes at once, or none: so it and a turn never wait for each other."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

TRIES = 200
WAIT = text("SET LOCAL lock_timeout = '500ms'")
"""Shorter than PostgreSQL's deadlock_timeout: it is the migration that steps back, never somebody's turn."""


def take(connection: Connection, changed: Sequence[str], indexed: Sequence[str] = ()) -> None:
    """Wait for tables that get another column, and for those that only get an index, without keeping anybody waiting
    for long. On SQLite, who writes has everything."""
    if connection.dialect.name == "sqlite":
        return
    for tries in range(TRIES):
        here = connection.begin_nested()
        try:
            _lock(connection, changed, indexed)
        except OperationalError:
            here.rollback()
            if tries == TRIES - 1:
                raise
            time.sleep(random.uniform(0.05, 0.5))
        else:
            here.commit()
            return


def _lock(connection: Connection, changed: Sequence[str], indexed: Sequence[str]) -> None:
    connection.execute(WAIT)
    if indexed:
        connection.execute(text(f"LOCK TABLE {', '.join(indexed)} IN SHARE MODE"))
    connection.execute(text(f"LOCK TABLE {', '.join(changed)} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
