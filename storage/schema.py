"""Bringing the schema up to date, or back. Alembic is loaded only where there is something to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, String, insert, inspect, select, text
from sqlalchemy import Table as Described

from storage import guards
from storage.tables import Table

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION = Described("alembic_version", MetaData(), Column("version_num", String(32), nullable=False),
                    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"))
"""Alembic's own table, as it makes it."""
ONE_AT_A_TIME = 7_268_838_633
"""The number of PostgreSQL's advisory lock under which the schema is changed; nothing else uses it."""


def head() -> str:
    """The newest revision. Each file in `versions` begins with its revision's number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None where there is nothing yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSION.name):
            return None
        revision: str | None = connection.scalar(select(VERSION.c.version_num))
        return revision


def upgrade(engine: Engine, to: str = "head") -> None:
    """Go up to a revision. A database that is further than this code is left as it is.

    An empty database is made as the tables say, at once; a test holds that the migrations lead to the same."""
    known = current(engine)
    if known is None and to == "head":
        _make(engine)
        known = current(engine)
    if (known or "") < (head() if to == "head" else to):
        from alembic import command

        _change(engine, command.upgrade, to)


def _make(engine: Engine) -> None:
    """All tables in a database that has none. Where another process was quicker, or there are some, nothing."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        one_at_a_time(connection)
        if set(inspect(connection).get_table_names()) - {VERSION.name}:
            return
        Table.metadata.create_all(connection, checkfirst=False)  # that there are none was seen above
        guards.put_up(connection)
        VERSION.create(connection, checkfirst=True)
        connection.execute(insert(VERSION).values(version_num=head()))


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
