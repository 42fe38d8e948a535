"""What a large database costs: the same turns, start and memory with 10,000 people and with 1,000,000.

growth.py opening URL        in a process of its own: how long the start takes, the memory then, and a batch of turns
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import text

from storage.database import connect
from tests.benchmarks import harness
from tests.benchmarks.fill import EACH, FIRST_CHAT, fill
from tests.benchmarks.postgres import Durable

SMALL, LARGE = 10_000, 1_000_000
MOST = 1.5
"""So much more may the large one cost."""
BATCHES, IN_ONE, TALK = 40, 100, ("/start", "in Gjilan", "33", "welding")
"""Batches of people, and what they say one after the other; then others come."""


def in_a_file(folder: Path, people: int, say: Callable[[str], None]) -> str:
    """The address of a filled SQLite database in this folder: the one that is there, or a new one."""
    whole, part = folder / f"people_{people}.db", folder / f"filling_{people}.db"
    if not whole.exists():
        part.unlink(missing_ok=True)
        _filled(f"sqlite:///{part}", people, say)
        part.rename(whole)
    return f"sqlite:///{whole}"


def on_a_server(server: Durable, people: int, say: Callable[[str], None]) -> str:
    """The same on PostgreSQL."""
    whole, part = f"people_{people}", f"filling_{people}"
    if not server.run(f"SELECT 1 FROM pg_database WHERE datname = '{whole}'"):
        server.create(part)
        _filled(server.url(part), people, say)
        server.run(f'ALTER DATABASE "{part}" RENAME TO "{whole}"')
    return server.url(whole)


def _filled(url: str, people: int, say: Callable[[str], None]) -> None:
    from bot.settings import Settings

    began = time.perf_counter()
    engine = connect(url, Settings(database_url=url).keys)
    fill(engine, people)
    engine.dispose()
    say(f"  filled: {people:,} people, {people * EACH:,} messages in {time.perf_counter() - began:.0f} s")


def measure(few: str, many: str, seconds: float, rounds: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Measure the small and the large database in turn, again and again. Both are filled."""
    found: dict[str, list[dict[str, float]]] = {few: [], many: []}
    for _ in range(rounds):
        for url in found:
            found[url].append(one := _one(url, seconds))
            shown = ", ".join(f"{key} {value:.4g}" for key, value in one.items())
            say(f"  {'few ' if url == few else 'many'}: {shown}")
    return _compared(found[few], found[many])


def _one(url: str, seconds: float) -> dict[str, float]:
    opened = subprocess.run([sys.executable, __file__, "opening", url], check=True, capture_output=True,
                            text=True, env=harness.plain_environment())
    figures: dict[str, float] = json.loads(opened.stdout.splitlines()[-1])
    if harness.folder() is not None:
        figures |= _under_the_bench(url, seconds)
    return figures


def _under_the_bench(url: str, seconds: float) -> dict[str, float]:
    """The survey bot with people who were there before, scattered over the whole table."""
    _let_updates_begin_anew(url)
    one = harness.bench("growth", harness.ours("--keep"), "--users", "100", "--secs", str(seconds), url=url)
    return {"CPU a turn, ms": one["cpu_s_1k"], "ms for 1000 turns": 1e6 / one["turns_s"],
            "memory, MB": one["rss_mb"], "start to first reply, s": one["first_reply_s"]}


def _let_updates_begin_anew(url: str) -> None:
    """The bench numbers its updates from 1,001 at each start; what it sent before must not be taken for these."""
    engine = connect(url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE messages SET inbound_key = NULL WHERE id > :last AND inbound_key IS NOT NULL"),
                           {"last": _last_filled(connection)})
    engine.dispose()


def _last_filled(connection: Any) -> int:
    """The last message that was there from the beginning: each person has as many."""
    people = connection.execute(text("SELECT count(*) FROM consents WHERE version = '1'")).scalar_one()
    return int(people) * EACH


def _compared(small: Sequence[dict[str, float]], large: Sequence[dict[str, float]]) -> list[dict[str, Any]]:
    lines = []
    for name in small[0]:
        ratios = [two[name] / one[name] for one, two in zip(small, large, strict=True)]
        lines.append({"measure": name, "small": median(one[name] for one in small),
                      "large": median(one[name] for one in large), "ratio": round(median(ratios), 3),
                      "min": round(min(ratios), 3), "max": round(max(ratios), 3), "at_most": MOST})
    return lines


# ------------------------------------------------------- in a process of its own


async def opening(url: str) -> dict[str, float]:
    """The start of the parts, their memory, and turns of people scattered over the table, past every network."""
    from bot.app import running
    from bot.clock import Clock
    from bot.settings import Settings
    from tests.benchmarks.quiet import quiet_app, said

    began = time.perf_counter()
    app = await asyncio.to_thread(quiet_app, Settings(database_url=url), Clock())
    async with running(app):
        started = time.perf_counter() - began
        first = time.process_time()
        for batch in range(BATCHES):
            now, answer = datetime.now(UTC), TALK[batch % len(TALK)]
            chats = [FIRST_CHAT + batch // len(TALK) * IN_ONE + one for one in range(IN_ONE)]
            await app.receive.handle([said(chat, answer, now) for chat in chats])
        await app.deliver.drain()
        turn = (time.process_time() - first) / (BATCHES * IN_ONE)
        began = time.process_time()
        await app.deliver.reload()
        await app.timers.remind()
        await app.timers.tidy()
        swept = time.process_time() - began
    return {"start of the parts, s": started, "CPU a turn without network, ms": turn * 1000,
            "memory without network, MB": harness.most_memory(), "CPU of all sweeps, ms": swept * 1000}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(opening(sys.argv[2]))))
