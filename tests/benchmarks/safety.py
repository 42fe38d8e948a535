"""How long the safety gate takes: for a message as people write them, for long texts, and until its data is read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from statistics import median, quantiles
from time import process_time
from typing import Any

from conversations.safety import check
from tests.benchmarks import harness
from tests.safety.corpus import LANGUAGES, rows

LONG = 20_000
"""Characters; longer than any channel lets through."""
READ = ("from time import process_time as now; from conversations.safety import check; began = now(); "
        "check('hello'); print((now() - began) * 1000)")


def measure(rounds: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    texts = [row.text for language in LANGUAGES for row in rows(language)]
    say(f"  {len(texts)} phrases, {rounds} rounds")
    _times(texts)
    passes = [_times(texts) for _ in range(rounds)]
    long = " ".join(texts)[:LONG]
    check(long)
    per_kb = [_took(long) / (LONG / 1000) for _ in range(rounds)]
    return [
        _line("a message, median, ms of CPU", [median(one) for one in passes], at_most=1.0),
        _line("a message, of 100 the slowest, ms of CPU", [quantiles(one, n=100)[98] for one in passes]),
        _line(f"a text of {LONG:,} characters, ms of CPU a kB", per_kb),
        _line("reading words and rules, once, ms of CPU", [_reading() for _ in range(rounds)]),
    ]


def _times(texts: list[str]) -> list[float]:
    return [_took(text) for text in texts]


def _took(text: str) -> float:
    """Milliseconds of CPU: what other programs do meanwhile does not count."""
    began = process_time()
    check(text)
    return (process_time() - began) * 1000


def _reading() -> float:
    """In a new process: the first message reads the data."""
    done = subprocess.run([sys.executable, "-c", READ], cwd=harness.ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _line(name: str, found: list[float], **limits: float) -> dict[str, Any]:
    return {"measure": name, "median": median(found), "min": min(found), "max": max(found), **limits}


if __name__ == "__main__":
    from tests.benchmarks import figures

    print(figures.table("the safety gate", measure(5, print)))
