"""A million reminders: adding, claiming what is due, the whole hand-over; and APScheduler's job store beside it.

reminders.py ours URL        in a process of its own, on a database made by fill.py
reminders.py apscheduler N   so many jobs due at once in its SQLAlchemy job store
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import Connection, delete, func, select, update

from bot.app import App, running
from bot.clock import StoppedClock
from bot.collector import settle
from bot.settings import Settings
from bot.timers import Portion
from storage import reminders
from storage.tables import Reminder
from tests.benchmarks import harness

ADDED, DUE = 1_000, 10_000
MORNING = datetime.now(ZoneInfo("Europe/Belgrade")).replace(hour=10, minute=0).astimezone(UTC)
"""A time at which people may be written to."""


def measure(few: str, many: str, rounds: int, jobs: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """`few`, `many`: two filled databases; `jobs`: how many for APScheduler in each round, or 0 without it."""
    found: dict[str, list[dict[str, float]]] = {few: [], many: []}
    theirs: list[dict[str, float]] = []
    for _ in range(rounds):
        for url in found:
            found[url].append(one := _apart("ours", url))
            say("  ours: " + _shown(one))
        if jobs:
            theirs.append(one := _apart("apscheduler", str(jobs)))
            say("  APScheduler: " + _shown(one))
    lines = [*_growth(found[few], found[many]), *_blocked(found[many])]
    return lines + _against(found[many], theirs, jobs) if jobs else lines


def _shown(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())


def _apart(*arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, text=True, stdout=subprocess.PIPE,
                          env=harness.plain_environment())
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _growth(few: Sequence[dict[str, float]], many: Sequence[dict[str, float]]) -> list[dict[str, Any]]:
    lines = []
    for name in few[0]:
        ratios = [two[name] / one[name] for one, two in zip(few, many, strict=True)]
        lines.append({"measure": name, "small": median(one[name] for one in few), "ratio": round(median(ratios), 3),
                      "large": median(one[name] for one in many), "min": round(min(ratios), 3),
                      "max": round(max(ratios), 3), **({} if "block" in name else {"at_most": 1.5})})
    return lines


def _blocked(many: Sequence[dict[str, float]]) -> list[dict[str, Any]]:
    longest, work = (median(one[name] for one in many) for name in
                     ("longest block in the hand-over, ms", "longest block by its own work, ms"))
    return [{"measure": "longest block of the event loop in the hand-over, ms", "value": round(longest, 1),
             "at_most": 20},
            {"measure": "of that by its own work, ms", "value": round(work, 1)}]


def _against(many: Sequence[dict[str, float]], theirs: Sequence[dict[str, float]], jobs: int) -> list[dict[str, Any]]:
    """Ours with a million in the table, theirs with nothing but what is due; each round for itself."""
    lines = []
    for measure, name, limit in (
        ("claim of what is due: × faster than APScheduler's job store", "claim of 10,000", 150),
        ("the whole hand-over, with the conversations opened: × faster", "hand-over of 10,000", None),
    ):
        for ending, what in ((", s", ""), (" without the wait for a processor, s", " (both without what others took)")):
            ratios = [(other[f"until all have fired{ending}"] / jobs) / (one[f"{name}{ending}"] / DUE)
                      for one, other in zip(many, theirs, strict=True)]
            lines.append({"measure": measure + what, "median": round(median(ratios), 1), "min": round(min(ratios), 1),
                          "max": round(max(ratios), 1), "at_least": limit})
    blocked = median(one["longest block, ms"] for one in theirs)
    return [*lines, {"measure": f"longest block of APScheduler's event loop by {jobs:,} jobs, ms",
                     "value": round(blocked)}]


class Ticker:
    """Notes how late a task gets its turn: so long was the event loop blocked, and by what.

    Of a block, `ours` is what is left without the wait for a processor that others on the machine had. The kernel
    counts that wait for each thread; here it is the loop's or the writer's, whichever was longer. `work` is what the
    loop itself did meanwhile; the rest of `ours` is the wait for the interpreter, which another thread had."""

    def __init__(self, threads: Sequence[int]) -> None:
        """`threads`: the loop's, and those it may have to wait for, by the kernel's numbers."""
        self.longest = self.longest_ours = self.longest_work = 0.0
        self._waits = [os.open(f"/proc/self/task/{one}/schedstat", os.O_RDONLY) for one in threads]

    async def run(self) -> None:
        waited = self._waited()
        while True:
            began, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            late, work = time.perf_counter() - began - 0.001, time.thread_time() - worked
            before, waited = waited, self._waited()
            others = max(now - then for now, then in zip(waited, before, strict=True))
            self.longest = max(self.longest, late)
            self.longest_ours = max(self.longest_ours, late - others)
            self.longest_work = max(self.longest_work, work)

    def _waited(self) -> list[float]:
        """Seconds that each thread was ready and had no processor."""
        return [int(_read(one).split()[1]) / 1e9 for one in self._waits]

    def close(self) -> None:
        for one in self._waits:
            os.close(one)


_pread = ctypes.PyDLL(None).pread


def _read(file: int) -> bytes:
    """Without letting go of the interpreter, as os.pread would: waiting for it is what is measured here."""
    into = ctypes.create_string_buffer(128)
    _pread(file, into, 128, ctypes.c_long(0))
    return into.value


@asynccontextmanager
async def ticking() -> AsyncIterator[Ticker]:
    writers = [one for one in threading.enumerate() if one.name == "writer"]
    ticker = Ticker([one.native_id for one in (threading.current_thread(), *writers) if one.native_id is not None])
    task = asyncio.create_task(ticker.run())
    await asyncio.sleep(0.01)
    yield ticker
    await asyncio.sleep(0.002)
    task.cancel()
    ticker.close()


# ----------------------------------------------------------------------------- ours


async def ours(url: str) -> dict[str, float]:
    from tests.benchmarks.quiet import quiet_app

    began = time.perf_counter()
    app = await asyncio.to_thread(quiet_app, Settings(database_url=url), StoppedClock(MORNING), "check_in")
    figures = {"start of the parts, s": time.perf_counter() - began}
    gc.collect()
    settle()
    async with running(app):
        app.timers.stop()  # it would sweep beside us
        figures["adding 1,000, s"] = await _adding(app)
        await app.store.write(_make_due)
        async with ticking() as ticker:
            figures |= await _timed_both("claim of 10,000", _claim(app))
        figures["longest block in the claim, ms"] = ticker.longest_ours * 1000
        await app.store.write(_make_due)
        async with ticking() as ticker:
            figures |= await _timed_both("hand-over of 10,000", app.timers.remind())
            await app.deliver.drain()
        figures["longest block in the hand-over, ms"] = ticker.longest_ours * 1000
        figures["longest block with the wait for a processor, ms"] = ticker.longest * 1000
        figures["longest block by its own work, ms"] = ticker.longest_work * 1000
        figures["sweep with nothing due, ms"] = min([await _timed(app.timers.remind()) for _ in range(20)]) * 1000
        await app.store.write(_put_back)
    figures["memory, MB"] = harness.most_memory()
    return figures


async def _timed(work: Any) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def _timed_both(name: str, work: Any) -> dict[str, float]:
    """How long it takes, and how long without the wait for a processor that others on the machine had.

    The kernel counts that wait for each thread. Only the longest of them is left out: two may have waited at once."""
    waited, took = _waits(), await _timed(work)
    others = max(seconds - waited.get(thread, 0.0) for thread, seconds in _waits().items())
    return {f"{name}, s": took, f"{name} without the wait for a processor, s": took - others}


def _waits() -> dict[str, float]:
    """Seconds that each thread of this process was ready and had no processor."""
    files = Path("/proc/self/task").glob("*/schedstat")
    return {one.parent.name: int(one.read_bytes().split()[1]) / 1e9 for one in files}


async def _adding(app: App) -> float:
    """Each its own write, as they come in life; the store commits many at once."""
    rows = [{"contact_id": one + 1, "key": "bench", "opens": "check_in", "due_at": MORNING + timedelta(days=9)}
            for one in range(ADDED)]
    took = await _timed(asyncio.gather(*(app.store.write(partial(reminders.put, rows=[row])) for row in rows)))
    await app.store.write(lambda connection: connection.execute(delete(Reminder).where(Reminder.key == "bench")))
    return took


async def _claim(app: App) -> None:
    """What the timers ask the storage for, without what it leads to; in portions as they make them."""
    now, later, portion = app.clock.now(), app.clock.now() + timedelta(days=14), Portion()
    while ids := await app.store.read(lambda connection: reminders.due(connection, now, portion.size)):
        began = time.monotonic()
        await app.store.write(lambda connection, ids=ids: _moved(connection, ids, now, later))
        portion.took(time.monotonic() - began, len(ids))


def _moved(connection: Connection, ids: Sequence[int], now: datetime, later: datetime) -> None:
    found = reminders.load(connection, ids, now)
    reminders.move(connection, [{"of": one, "due": later, "tries": 1, "run": None, "now_is": "waiting"}
                                for one in found])


def _make_due(connection: Connection) -> None:
    first = connection.execute(select(func.min(Reminder.id))).scalar_one()
    connection.execute(update(Reminder).where(Reminder.id < first + DUE).values(
        due_at=MORNING - timedelta(minutes=1), attempt=0, run_id=None, state="waiting"))


def _put_back(connection: Connection) -> None:
    _make_due(connection)
    connection.execute(update(Reminder).where(Reminder.due_at < MORNING).values(due_at=MORNING + timedelta(days=7)))


# ---------------------------------------------------------------------- APScheduler

fired = 0


async def fire() -> None:
    global fired
    fired += 1


async def apscheduler(jobs: int) -> dict[str, float]:
    """As its users write it, but told to fire what is late too: by itself it drops all of it after a second."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    with tempfile.TemporaryDirectory() as folder:
        scheduler = AsyncIOScheduler(jobstores={"default": SQLAlchemyJobStore(f"sqlite:///{folder}/jobs.db")},
                                     timezone="UTC", job_defaults={"misfire_grace_time": None})
        scheduler.start(paused=True)
        now = datetime.now(UTC)
        began = time.perf_counter()
        for _ in range(jobs):
            scheduler.add_job("tests.benchmarks.reminders:fire", "date", run_date=now)
        added = time.perf_counter() - began
        async with ticking() as ticker:
            figures = await _timed_both("until all have fired", _fire_all(scheduler, jobs))
        scheduler.shutdown(wait=False)
    return {"until all are added, s": added, **figures, "longest block, ms": ticker.longest * 1000}


async def _fire_all(scheduler: Any, jobs: int) -> None:
    from tests.benchmarks import reminders as here  # where the jobs count

    scheduler.resume()
    while here.fired < jobs:
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    kind, what = sys.argv[1:]
    print(json.dumps(asyncio.run(ours(what) if kind == "ours" else apscheduler(int(what)))))
