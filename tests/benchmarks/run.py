"""`make bench`: measures, prints the tables, keeps the raw results, and draws what docs/why shows.

run.py [PART …] [--rounds N] [--secs S] [--people N] [--jobs N] [--save]
Parts: peers, growth, reminders, broadcast, processes, storm; all of them where none is named. Only with --save, and in the full run,
docs/why is renewed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import broadcast, figures, growth, harness, peers, processes, reminders, storm
from tests.benchmarks.postgres import server

DOCS = harness.ROOT / "docs" / "why"
PARTS = ("peers", "growth", "reminders", "broadcast", "processes", "storm")
NEED_THE_BENCH = {"peers", "broadcast", "processes"}
MARKS = "<!-- made by make bench -->", "<!-- until here -->"


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    given = asked()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever was started is ended on that too
    harness.RESULTS.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    summary: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="minutes"), "rounds": given.rounds,
                               "seconds": given.secs, "machine": machine()}
    for part in chosen(given.parts):
        began = time.perf_counter()
        say(f"{part} …")
        result = MEASURED[part](given)
        with (harness.RESULTS / f"{stamp}.jsonl").open("a") as raw:
            raw.write(json.dumps({"part": part, "at": summary["at"], **result}) + "\n")
        summary[part] = result["tables"]
        say("\n" + "\n\n".join(figures.table(title, lines) for title, lines in result["tables"].items()))
        say(f"({part}: {time.perf_counter() - began:.0f} s)\n")
    if given.save:
        save(summary)
    say(f"Raw results: {(harness.RESULTS / f'{stamp}.jsonl').relative_to(harness.ROOT)}")


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=float, default=5.0, help="how long each run is measured")
    parser.add_argument("--people", type=int, default=1_000_000, help="how large the large database is")
    parser.add_argument("--jobs", type=int, default=10_000, help="how many jobs APScheduler gets")
    parser.add_argument("--save", action="store_true", help="renew the tables and the chart in docs/why")
    return parser.parse_args()


def chosen(parts: list[str]) -> list[str]:
    """Those that can be measured here."""
    wanted = parts or list(PARTS)
    if harness.folder() is not None:
        return wanted
    left_out = [part for part in wanted if part in NEED_THE_BENCH]
    say("The bench for chat bots is not here (RETURNEE_BOT_BENCH names its folder, else ../shared/bench): "
        f"left out: {', '.join(left_out) or 'nothing'}; growth without the turns over HTTP.\n")
    return [part for part in wanted if part not in NEED_THE_BENCH]


def machine() -> dict[str, Any]:
    names = [line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return {"processors": os.cpu_count(), "processor": names[0] if names else platform.machine(),
            "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
            "busy": round(os.getloadavg()[0], 1)}


# ------------------------------------------------------------------- part by part


def of_peers(given: argparse.Namespace) -> dict[str, Any]:
    rounds = peers.rounds(given.rounds, given.secs, say)
    found = [one.as_json() for one in peers.found(rounds)]
    return {"tables": {"against others": found}, "rounds": rounds}


def of_growth(given: argparse.Namespace) -> dict[str, Any]:
    return {"tables": {
        f"{growth.SMALL:,} people against {given.people:,}, {name}":
            growth.measure(growth.SMALL, given.people, urls, given.secs, given.rounds, say)["lines"]
        for name, urls in databases(given)
    }}


def of_reminders(given: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        few, many = (growth.filled(f"sqlite:///{folder}/{people}.db", people, say, talked=False)
                     for people in (growth.SMALL, given.people))
        result = reminders.measure(few, many, given.rounds, given.jobs, say)
    lines = result.pop("lines")
    grown, against = [one for one in lines if "small" in one], [one for one in lines if "small" not in one]
    return {"tables": {f"{growth.SMALL:,} reminders against {given.people:,}": grown, "reminders": against}, **result}


def of_broadcast(given: argparse.Namespace) -> dict[str, Any]:
    result = broadcast.measure(max(20.0, 12 * given.secs))
    return {"tables": {"a broadcast of 5,000 while 50 people chat": result.pop("lines")}, **result}


def of_processes(given: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as held:
        postgres = held.enter_context(server())
        result = processes.measure(postgres, given.rounds, given.secs, say)
    return {"tables": {"processes on one PostgreSQL": result.pop("lines")}, **result}


def of_storm(given: argparse.Namespace) -> dict[str, Any]:
    return {"tables": {"storm": storm.lines()}}


MEASURED: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "peers": of_peers, "growth": of_growth, "reminders": of_reminders, "broadcast": of_broadcast,
    "processes": of_processes, "storm": of_storm,
}


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Interrupted; what was started is ended.")
