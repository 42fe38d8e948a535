"""A database, with the settings that the promises rest on: SQLite in a file, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.pool import QueuePool

from storage.sealed.key_file import KeyFile
from storage.sealed.vault import give_vault

AT_ONCE = 6
"""Connections that are kept: the writer's, the readers', and one to spare."""
SECONDS_TO_CONNECT = 5
SILENT_FOR = 30_000
"""Milliseconds after which a server that does not even confirm what it is sent counts as gone."""
IDLE_IN_TRANSACTION = 60_000
"""Milliseconds after which PostgreSQL gives up on a process that holds locks and says nothing more."""


class UnfitDatabase(Exception):
    """It answers, but it cannot keep what people write: one plain sentence."""


def connect(url: str, keys: KeyFile | None = None) -> Engine:
    """An engine with the settings that the promises rest on. Touches nothing yet; whoever has it disposes of it.

    Without keys it reads and writes only what is not locked."""
    engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
    if keys is not None:
        give_vault(engine, keys)
    return engine


@contextmanager
def engine_for(url: str, keys: KeyFile | None = None) -> Iterator[Engine]:
    """An engine for a while. No connection is left behind."""
    engine = connect(url, keys)
    try:
        yield engine
    finally:
        engine.dispose()


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=AT_ONCE, connect_args={"check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below; the driver's would come too late
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000",
                       "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    """A lock is waited for without a limit: whoever holds it is working, or is given up on.

    There is no ping before each use. A connection that the server has ended fails once; with it the pool drops all
    that are as old, so that the next try has a new one."""
    engine = create_engine(url, pool_size=AT_ONCE, hide_parameters=True, connect_args={
        "application_name": "returnee-bot", "client_encoding": "utf8", "connect_timeout": SECONDS_TO_CONNECT,
        "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3,
        "tcp_user_timeout": SILENT_FOR,
        "options": f"-c timezone=UTC -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION}",
    })

    @event.listens_for(engine, "connect")
    def look(connection: Any, _record: Any) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            raise UnfitDatabase(f"the database's encoding is {encoding}; it must be UTF8")

    event.listen(engine, "handle_error", _say_less)
    return engine


def _say_less(context: ExceptionContext) -> None:
    say_less(context.original_exception, context.sqlalchemy_exception)


def say_less(error: BaseException, shown: BaseException | None) -> None:
    """PostgreSQL's explanations quote values. Errors are logged; what people write is not."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return
    words = "a value that does not fit" if state.startswith("22") else error.diag.message_primary  # type: ignore[attr-defined]
    brief = words or type(error).__name__
    error.args = (brief,)
    if shown is not None:
        shown.args = (f"({type(error).__name__}) {brief}",)
