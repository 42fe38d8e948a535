"""The one writer: many writes, one commit. Nothing is acknowledged before its commit.

`await store.write(work)` queues `work(connection)`; a writer thread runs all that are waiting in one
transaction, each in a savepoint, and commits once. A failing one is rolled back alone and its error is
raised to its caller. Reads run in a small thread pool, each in its own short transaction.

On PostgreSQL other processes write too: where two of them wait for each other, or a change could not be put in line
with another's, the whole transaction is repeated, and then work by work.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from storage import news
from storage.news import News
from storage.notify import notify
from storage.points import reach

T = TypeVar("T")
MOST_IN_ONE = 100
"""How many waiting writes go into one transaction."""
MOST_REPEATS = 5
AGAIN = frozenset({"40001", "40P01"})
"""PostgreSQL: could not be put in line with others; waited for each other (https://www.postgresql.org/docs/current/
errcodes-appendix.html). The transaction is to be repeated."""
OF_THE_DATABASE = frozenset({5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26})
"""SQLite's codes for trouble of the whole database: busy, locked, no memory, read-only, interrupted, I/O, corrupt,
full, cannot open, protocol, not a database (https://www.sqlite.org/rescode.html)."""


class StoreError(Exception):
    """The database could not take it: locked, full, gone. Nothing of it was stored; try again."""


class Rider(Protocol):
    """Rides on every transaction, before the works: small notes that need no transaction of their own."""

    def board(self, connection: Connection) -> Any:
        """Write what there is to note (in the writer thread); what `landed` is to be given."""
        ...

    def landed(self, noted: Any, stored: bool) -> None:
        """The transaction has ended (in the event loop)."""
        ...


class Watcher(Protocol):
    """Counts what the store does; called in the writer thread."""

    def commit(self, works: int, seconds: float) -> None: ...

    def commit_repeated(self) -> None: ...

    def commit_failed(self) -> None: ...


@dataclass(slots=True)
class Work:
    run: Callable[[Connection], Any]
    future: asyncio.Future[Any]
    value: Any = None
    wrong: BaseException | None = None


class Store:
    """The event loop's access to the database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.several = engine.dialect.name == "postgresql"
        """Other processes may work on this database too."""
        self.hears_others = False
        """News come by NOTIFY, from this process as from the others, in the order of all commits."""
        self._looking: Any = {"isolation_level": "REPEATABLE READ"} if self.several else {}
        """What one reading sees is of one moment, as on SQLite."""
        self.hear: Callable[[News], None] = lambda _news: None
        """Called in the event loop, after the commit and before anybody waiting for it goes on."""
        self.riders: list[Rider] = []
        self.watcher: Watcher | None = None
        self._waiting: queue.SimpleQueue[Work | asyncio.AbstractEventLoop | None] = queue.SimpleQueue()
        self._spread: set[str] = set()
        self._connection: Connection | None = None
        """The writer's own: kept from one transaction to the next, and given back with the first failure."""
        self._reading_failed = threading.Event()
        """Then the writer's connection is not trusted either: what ended the reader's may have ended it too."""
        self._closed = False
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="reader")
        self._writer = threading.Thread(target=self._run, name="writer", daemon=True)
        self._writer.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next transaction. Returns after the commit; raises what `work` raised, or StoreError.

        `work` may run more than once: it must change nothing but the database."""
        if self._closed:
            raise StoreError("closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put(Work(work, future))
        return await future

    def nudge(self) -> None:
        """There is something for the rider to note, or something to spread, even if nobody writes."""
        self._waiting.put(asyncio.get_running_loop())

    def spread(self, topic: str) -> None:
        """Tell every process that something happened for which nothing had to be stored."""
        self._spread.add(topic)
        self.nudge()

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            with self.engine.connect().execution_options(**self._looking) as connection:
                return work(connection)
        except DBAPIError as error:
            self._reading_failed.set()
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
            batch = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(batch) < MOST_IN_ONE:
                    batch.append(self._waiting.get_nowait())
            open_for_more = None not in batch
            works = [one for one in batch if isinstance(one, Work) and not one.future.done()]
            loop = next((_loop_of(one) for one in batch if one is not None), None)
            if loop is not None:
                self._store(works, loop)
        self._let_go()
        self._refuse_the_rest()

    def _refuse_the_rest(self) -> None:
        """What was queued behind the end."""
        with contextlib.suppress(queue.Empty):
            while True:
                late = self._waiting.get_nowait()
                if isinstance(late, Work):
                    late.wrong = StoreError("closed")
                    _in(_loop_of(late), _settle, [late])

    def _store(self, works: list[Work], loop: asyncio.AbstractEventLoop) -> None:
        """One transaction for all; where it must be repeated again and again, one for each."""
        watcher = self.watcher
        for _ in range(MOST_REPEATS):
            began = perf_counter()
            failure = self._transaction(works, loop)
            if failure is None:
                if watcher is not None:
                    watcher.commit(len(works), perf_counter() - began)
                return
            if not _is_to_be_repeated(failure):
                break
            if watcher is not None:
                watcher.commit_repeated()
        else:
            if len(works) > 1:
                for one in works:
                    self._store([one], loop)
                return
        if watcher is not None:
            watcher.commit_failed()
        wrong = StoreError(type(getattr(failure, "orig", failure)).__name__)
        wrong.__cause__ = failure
        for one in works:
            one.wrong = wrong
        _in(loop, _settle, works)

    def _transaction(self, works: list[Work], loop: asyncio.AbstractEventLoop) -> Exception | None:
        """Run and commit. Each work's result is handed over only after the commit."""
        noted: list[tuple[Rider, Any]] = []
        spread, self._spread = self._spread, set()
        try:
            connection = self._connected()
            with connection.begin():
                news.begin(connection)
                for rider in self.riders:
                    noted.append((rider, rider.board(connection)))
                self._attempt_all(connection, works)
                reach("store.written")
                heard = news.told(connection)
                if self.several:
                    heard.topics |= spread
                    notify(connection, news.payloads(heard))
            reach("store.committed")
        except Exception as error:
            self._let_go()
            self._spread |= spread
            _in(loop, _land, noted, False)
            if len(works) == 1 and _is_about_data(error):
                works[0].wrong = error
                _in(loop, _settle, works)
                return None
            return error
        _in(loop, self._stored, works, noted, heard)
        return None

    def _connected(self) -> Connection:
        if self._reading_failed.is_set():
            self._reading_failed.clear()
            self._let_go()
        if self._connection is None:
            self._connection = self.engine.connect().execution_options(writes=True)
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it is broken; what broke it is told already
                connection.close()

    def _attempt_all(self, connection: Connection, works: Sequence[Work]) -> None:
        if len(works) == 1:
            works[0].value, works[0].wrong = works[0].run(connection), None
            return
        for one in works:
            before = news.told(connection)
            news.begin(connection)
            one.value, one.wrong = _attempt(connection, one.run)
            if one.wrong is None:
                before.add(news.told(connection))
            news.begin(connection, before)

    # ------------------------------------------------------------- in the event loop again

    def _stored(self, works: list[Work], noted: list[tuple[Rider, Any]], heard: News) -> None:
        _land(noted, True)
        if heard and not self.hears_others:
            self.hear(heard)
        _settle(works)


def _land(noted: list[tuple[Rider, Any]], stored: bool) -> None:
    for rider, what in noted:
        rider.landed(what, stored)


def _settle(works: list[Work]) -> None:
    """Each in the loop that waits for it: works of two loops may have come together into one transaction."""
    here = asyncio.get_running_loop()
    for one in works:
        loop = one.future.get_loop()
        if loop is not here:
            _in(loop, _settle, [one])
        elif one.future.done():
            continue
        elif one.wrong is None:
            one.future.set_result(one.value)
        else:
            one.future.set_exception(one.wrong)


def _loop_of(one: Work | asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
    return one.future.get_loop() if isinstance(one, Work) else one


def _in(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *values: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended; nobody waits any more
        loop.call_soon_threadsafe(call, *values)


def _attempt(connection: Connection, work: Callable[[Connection], T]) -> tuple[T | None, BaseException | None]:
    savepoint = connection.begin_nested()
    try:
        value = work(connection)
        savepoint.commit()
    except Exception as error:
        if not _is_about_data(error):
            raise
        savepoint.rollback()
        return None, error
    return value, None


def _is_about_data(error: Exception) -> bool:
    """True where only this work is at fault, not the database as a whole."""
    if not isinstance(error, DBAPIError):
        return not isinstance(error, StoreError)
    if error.connection_invalidated:
        return False
    if isinstance(error, DataError | IntegrityError | ProgrammingError):
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF not in OF_THE_DATABASE


def _is_to_be_repeated(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in AGAIN
