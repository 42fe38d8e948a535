"""A broadcast of 5,000 at Telegram's limits while 50 people chat: nobody who writes may wait for it."""

from __future__ import annotations

import sys
from typing import Any

from tests.benchmarks import harness

A_SECOND = 30
"""What the simulated Telegram takes in all; more is refused."""


def measure(seconds: float) -> dict[str, Any]:
    command = [sys.executable, str(harness.HERE / "broadcast_bot.py"), "{port}"]
    one = harness.script("hol.py", "ours", str(seconds), "1", *command,
                         settings={"HPORT": str(harness.free_port())})
    both = one["bcast_per_s"] * (1 + one["during_n"] / max(1, one["bcast_done"]))
    return {"raw": one, "lines": [
        {"measure": "reply while the broadcast runs, p99, s", "value": one["during_p99"], "at_most": 0.5},
        {"measure": "share of Telegram's 30 a second that is used", "value": round(both / A_SECOND, 3),
         "at_least": 0.9},
        {"measure": "share of sends that Telegram refused", "value": round(one["n429"] / max(1, one["sends"]), 5),
         "at_most": 0.001},
        {"measure": "reply while the broadcast runs, p50, s", "value": one["during_p50"]},
        {"measure": "reply before the broadcast, p50, s", "value": one["pre_p50"]},
        {"measure": "people without a reply at the end", "value": one["unanswered"], "at_most": 0},
    ]}
