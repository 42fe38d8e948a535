"""The one writer: many writes, one commit. Nothing is acknowledged before its commit.

`await store.write(work)` queues `work(connection)`; a writer thread runs all that are waiting in one
transaction, each in a savepoint, and commits once. A failing one is rolled back alone and its error is
raised to its caller. Reads run in a small thread pool, each in its own short transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from storage.points import reach

T = TypeVar("T")
MOST_IN_ONE = 100
"""How many waiting writes go into one transaction."""


OF_THE_DATABASE = frozenset({5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26})
"""SQLite's codes for trouble of the whole database: busy, locked, no memory, read-only, interrupted, I/O, corrupt,
full, cannot open, protocol, not a database (https://www.sqlite.org/rescode.html)."""


class StoreError(Exception):
    """The database could not take it: locked, full, gone. Nothing of it was stored; try again."""


class Store:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._waiting: queue.SimpleQueue[tuple[Callable[[Connection], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="reader")
        self._writer = threading.Thread(target=self._run, name="writer", daemon=True)
        self._writer.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next transaction. Returns after the commit; raises what `work` raised, or StoreError."""
        if self._closed:
            raise StoreError("closed")
        future: Future[T] = Future()
        self._waiting.put((work, future))
        return await asyncio.wrap_future(future)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self.engine.connect() as connection:
                return work(connection)
        except DBAPIError as error:
            raise StoreError(type(error.orig).__name__) from error

    def close(self) -> None:
        """Finish what waits, then end."""
        self._closed = True
        self._waiting.put(None)
        self._writer.join()
        self._readers.shutdown()
        self.engine.dispose()

    # ------------------------------------------------------------- the writer thread

    def _run(self) -> None:
        open_for_more = True
        while open_for_more:
            first = self._waiting.get()
            batch = [first]
            with contextlib.suppress(queue.Empty):
                while len(batch) < MOST_IN_ONE:
                    batch.append(self._waiting.get_nowait())
            open_for_more = None not in batch
            works = [one for one in batch if one is not None and one[1].set_running_or_notify_cancel()]
            if works:
                self._commit(works)
        self._refuse_the_rest()

    def _refuse_the_rest(self) -> None:
        """What was queued behind the end."""
        with contextlib.suppress(queue.Empty):
            while True:
                late = self._waiting.get_nowait()
                if late is not None and late[1].set_running_or_notify_cancel():
                    late[1].set_exception(StoreError("closed"))

    def _commit(self, works: list[tuple[Callable[[Connection], Any], Future[Any]]]) -> None:
        """One transaction for all; each work's result is handed over only after the commit."""
        results: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
                for work, future in works:
                    results.append((future, *_attempt(connection, work)))
                reach("store.written")
            reach("store.committed")
        except Exception as error:
            failure = StoreError(type(getattr(error, "orig", error)).__name__)
            failure.__cause__ = error
            for _work, future in works:
                future.set_exception(failure)
            return
        for future, value, wrong in results:
            if wrong is None:
                future.set_result(value)
            else:
                future.set_exception(wrong)


def _attempt(connection: Connection, work: Callable[[Connection], T]) -> tuple[T | None, BaseException | None]:
    savepoint = connection.begin_nested()
    try:
        value = work(connection)
        savepoint.commit()
    except DBAPIError as error:
        if error.connection_invalidated or not _is_about_data(error):
            raise
        savepoint.rollback()
        return None, error
    except Exception as error:
        savepoint.rollback()
        return None, error
    return value, None


def _is_about_data(error: DBAPIError) -> bool:
    """True where only this work is at fault, not the database as a whole."""
    if isinstance(error, DataError | IntegrityError | ProgrammingError):
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF not in OF_THE_DATABASE
