"""Several processes on one PostgreSQL: how much more they do, and what one turn costs the database.

Once with all processors of the machine for everybody, who then compete for them; and once with a share of a processor
for each (share.py), so that a process more is a share more, first with the rest for the database and then with a share
for it too, which it fills before the processes do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from statistics import median
from typing import Any

from bot.channels.telegram.webhook import Webhook
from tests.benchmarks import harness
from tests.benchmarks.postgres import Durable
from tests.benchmarks.share import held, stopped
from tests.benchmarks.survey import TOKEN

COUNTS = (1, 2, 3)
PEOPLE = "100"
SHARE, OF_THE_DATABASE = 0.2, 0.08
"""Of one processor: of each process, and of the database where it is to be the limit."""


def measure(postgres: Durable, rounds: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Webhook and polling, with one, two and three processes, in turn."""
    found: dict[str, list[dict[str, Any]]] = {}
    for _ in range(rounds):
        for way in ("webhook", "polling"):
            for count in COUNTS:
                name = f"{way}, {count} process{'es' if count > 1 else ''}"
                one = _run(postgres, way, count, seconds)
                found.setdefault(name, []).append(one)
                say(f"  {name:22} {one['turns_s']:7,.0f} turns/s, {one['cpu_s_1k']:.3f} ms CPU a turn, database "
                    f"{one['database ms']:.3f} ms a turn, wrong {one['viol'] + one['badkeep']}, stuck {one['stuck']}")
    shares, held_runs = _with_shares(postgres, rounds, seconds, say)
    return {"lines": [*_lines(found), *_saturation(found), *shares], "runs": found, "with shares": held_runs}


def _run(postgres: Durable, way: str, count: int, seconds: float, share: float = 0.0,
         of_the_database: float = 0.0) -> dict[str, Any]:
    postgres.create("processes")
    posted = harness.free_port() if way == "webhook" else 0
    command = [sys.executable, str(harness.HERE / "processes_bot.py"), "{port}", str(posted), str(count), str(share)]
    path = Webhook.of(TOKEN, "").path.strip("/")
    options = ("--webhook", str(posted), "--whpath", path) if posted else ()
    name = f"{way}-{count}"
    with held(of_the_database, [postgres.pid]) if of_the_database else nullcontext([]) as printed:
        one = harness.bench(name, command, "--users", PEOPLE, "--secs", str(seconds), "--extra-pids",
                            str(postgres.pid), *options, url=postgres.url("processes"))
    one["database ms"] = one["ext_cpu_pct"][0] * 10 / max(one["turns_s"], 1)
    if share:
        said = (harness.RESULTS / "results" / f"{name}.log").read_text().splitlines()
        one["stopped"] = stopped(said, seconds)
        one["database stopped"] = stopped(printed, seconds) if of_the_database else [0.0]
    return one


def _with_shares(
    postgres: Durable, rounds: int, seconds: float, say: Callable[[str], None]
) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for _ in range(rounds):
        for of_the_database in (0.0, OF_THE_DATABASE):
            for count in COUNTS:
                name = f"{count} × {SHARE:.0%}" + (f", database {of_the_database:.0%}" if of_the_database else "")
                one = _run(postgres, "webhook", count, seconds, SHARE, of_the_database)
                found.setdefault(name, []).append(one)
                say(f"  {name:24} {one['turns_s']:5,.0f} turns/s, stopped for {one['stopped']} of the time, the "
                    f"database for {one['database stopped']}, {one['cpu_s_1k']:.2f} ms and {one['database ms']:.2f} ms "
                    f"CPU a turn, wrong {one['viol'] + one['badkeep']}, stuck {one['stuck']}")
    lines = []
    for name, runs in found.items():
        rates = [one["turns_s"] for one in runs]
        lines.append({"measure": f"{name} of a processor: turns a second", "median": median(rates),
                      "min": min(rates), "max": max(rates)})
    return lines, found


def _lines(found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    lines = []
    for name, runs in found.items():
        rates = [one["turns_s"] for one in runs]
        lines.append({"measure": f"{name}: turns a second", "median": median(rates), "min": min(rates),
                      "max": max(rates)})
    for way in ("webhook", "polling"):
        pairs = zip(found[f"{way}, 3 processes"], found[f"{way}, 1 process"], strict=True)
        ratios = [three["turns_s"] / one["turns_s"] for three, one in pairs]
        lines.append({"measure": f"{way}: three processes × one", "median": median(ratios), "min": min(ratios),
                      "max": max(ratios)})
    wrong = sum(one["viol"] + one["badkeep"] + one["stuck"] for runs in found.values() for one in runs)
    return [*lines, {"measure": "replies that were wrong, in the wrong order, or late by 5 s", "value": wrong,
                     "at_most": 0}]


def _saturation(found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What a turn costs where; from it follows how many turns a database with so many processors takes."""
    runs = found["webhook, 3 processes"]
    ours, database = (median(one[key] for one in runs) for key in ("cpu_s_1k", "database ms"))
    return [
        {"measure": "CPU a turn in our processes and the balancer, ms", "value": ours},
        {"measure": "CPU a turn in the database, ms", "value": round(database, 3)},
        {"measure": f"computed: turns a second that fill {os.cpu_count()} processors of a database of their own",
         "value": round((os.cpu_count() or 1) * 1000 / max(database, 0.001))},
    ]
