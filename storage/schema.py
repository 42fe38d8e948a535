"""Bringing the schema up to date, or back. Alembic is loaded only where there is something to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from storage.tables import Table

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 7_268_838_633
"""The number of PostgreSQL's advisory lock under which the schema is changed; nothing else uses it."""


def head() -> str:
    """The newest revision. Each file in `versions` begins with its revision's number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None where there is nothing yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def upgrade(engine: Engine, to: str = "head") -> None:
    """Go up to a revision. A database that is further than this code is left as it is."""
    if (current(engine) or "") < (head() if to == "head" else to):
        from alembic import command

        _change(engine, command.upgrade, to)


def one_at_a_time(connection: Connection) -> None:
    """What a process does at its start is done by one after the other, until the end of this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ONE_AT_A_TIME})


def downgrade(engine: Engine, to: str = "base") -> None:
    from alembic import command

    _change(engine, command.downgrade, to)


def _change(engine: Engine, command: Callable[..., None], to: str) -> None:
    """All of it or nothing, and one process at a time; the second one finds nothing left to do."""
    from alembic.config import Config

    with _unguarded(engine) as connection, connection.begin():
        one_at_a_time(connection)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command(config, to)


@contextmanager
def _unguarded(engine: Engine) -> Iterator[Connection]:
    """A connection on which a table may be made anew. SQLite would delete, with the old table, all that points to it:
    so foreign keys are not followed meanwhile, as it advises (https://www.sqlite.org/lang_altertable.html, 7)."""
    with engine.connect().execution_options(writes=True) as connection:
        if connection.dialect.name != "sqlite":
            yield connection
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def differences(engine: Engine) -> list[object]:
    """What the database has otherwise than the tables say; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))
