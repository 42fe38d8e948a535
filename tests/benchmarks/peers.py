"""Our bot and those that people would use instead, in interleaved rounds; every figure is a ratio inside one round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeAlias

from tests.benchmarks import harness

Round: TypeAlias = dict[str, dict[str, Any]]
"""What each run of one round gave: name of the run -> its figures."""

PEOPLE, ROUND_TRIP = 100, 0.05
OWN_IDEAL = PEOPLE / ROUND_TRIP
"""People here answer one round trip after the bot's message came in, and our message waits for no other call: a tap is
confirmed, and its buttons are taken away, beside it. So a turn can take 50 ms and no less."""
OTHERS_IDEAL = PEOPLE / (ROUND_TRIP * 4 / 3)
"""A bot that confirms a tap before it answers it (every third turn) has turns of 50, 50 and 100 ms."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: a ratio, and what it should be."""

    name: str
    of: Callable[[Round], float]
    at_least: float | None = None
    aim: float | None = None
    more_is_better: bool = True

    def good(self, value: float, wanted: float) -> bool:
        return value >= wanted if self.more_is_better else value <= wanted


@dataclass(frozen=True, slots=True)
class Found:
    """A measure over all rounds."""

    measure: Measure
    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        return median(self.values)

    def as_json(self) -> dict[str, Any]:
        one = self.measure
        return {"measure": one.name, "at_least": one.at_least, "aim": one.aim, "more_is_better": one.more_is_better,
                "median": round(self.middle, 3), "min": round(min(self.values), 3), "max": round(max(self.values), 3)}


def ratio(figure: str, one: str, other: str) -> Callable[[Round], float]:
    return lambda found: float(found[one][figure]) / float(found[other][figure])


def share(one: str, ideal: float) -> Callable[[Round], float]:
    return lambda found: float(found[one]["turns_s"]) / ideal


MEASURES = (
    Measure("turns a second, 100 people: × python-telegram-bot", ratio("turns_s", "ours", "ptb"), 8, 12),
    Measure("turns a second, 100 people: × aiogram, memory", ratio("turns_s", "ours", "aiogram"), 5, 7.5),
    Measure("turns a second, 100 people: × protobot.py", ratio("turns_s", "ours", "protobot"), 0.5, 0.75),
    Measure("50 ms round trip: share of the ideal rate, 1,500/s", share("ours far", OTHERS_IDEAL), 0.8, 0.9),
    Measure("50 ms round trip: share of our own ideal (2,000/s)", share("ours far", OWN_IDEAL)),
    Measure("the same of protobot.py (1,500/s)", share("protobot far", OTHERS_IDEAL)),
    Measure("1,000 people, whole conversations: × own rate at 100", ratio("turns_s", "ours 1000", "ours"), 0.9),
    Measure("the same, × whole conversations of 100 from a cold start", ratio("turns_s", "ours 1000", "ours 100")),
    Measure("one person, median latency: × python-telegram-bot", ratio("p50_ms", "ours alone", "ptb alone"), 0.6, 0.45,
            more_is_better=False),
    Measure("CPU a turn: × python-telegram-bot", ratio("cpu_s_1k", "ours", "ptb"), 0.12, 0.08, more_is_better=False),
    Measure("memory: × python-telegram-bot", ratio("rss_mb", "ours", "ptb"), 1.3, 1.0, more_is_better=False),
    Measure("start to first reply: × python-telegram-bot", ratio("first_reply_s", "ours", "ptb"), 1.5, 1.0,
            more_is_better=False),
)


def rounds(count: int, seconds: float, say: Callable[[str], None]) -> list[Round]:
    """Every bot in turn, again and again, so that a slow minute of the machine hits all of them."""
    for command in (harness.ours(), *(harness.theirs(name) for name in ("ptb_bot.py", "aio_bot.py", "protobot.py"))):
        harness.bench("first-start", command, "--users", "1", "--secs", "0.3", "--warm", "0")  # compiles its modules
    return [one_round(f"round {number}", seconds, say) for number in range(1, count + 1)]


def one_round(name: str, seconds: float, say: Callable[[str], None]) -> Round:
    ours, ptb = harness.ours(), harness.theirs("ptb_bot.py")
    aiogram, protobot = harness.theirs("aio_bot.py"), harness.theirs("protobot.py")
    most, far = ("--users", str(PEOPLE), "--secs", str(seconds)), ("--delay", str(ROUND_TRIP))
    alone = ("--users", "1", "--think", "0.02", "--secs", str(seconds))
    whole = ("--fullconv", "--secs", "60")
    runs: Sequence[tuple[str, list[str], tuple[str, ...]]] = (
        ("ours", ours, most), ("ptb", ptb, most), ("aiogram", aiogram, most), ("protobot", protobot, most),
        ("ours far", ours, (*most, *far)), ("protobot far", protobot, (*most, *far)),
        ("ours 100", ours, (*whole, "--users", "100")), ("ours 1000", ours, (*whole, "--users", "1000")),
        ("ours alone", ours, alone), ("ptb alone", ptb, alone),
    )
    found: Round = {}
    for key, command, options in runs:
        found[key] = one = harness.bench(key.replace(" ", "-"), command, *options)
        wrong = "".join(f", {count} {what}" for what, count in
                        (("WRONG REPLIES", one["viol"] + one["badkeep"]), ("WITHOUT A REPLY", one["stuck"])) if count)
        say(f"  {name}: {key:13} {one['turns_s']:8,.0f} turns/s, {one['cpu_s_1k']:.3f} ms CPU a turn, "
            f"median {one['p50_ms']:.1f} ms, {one['rss_mb']:.0f} MB{wrong}")
    return found


def found(all_rounds: list[Round]) -> list[Found]:
    return [Found(measure, tuple(measure.of(one) for one in all_rounds)) for measure in MEASURES]
