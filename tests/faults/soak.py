"""The long version: a thousand deaths, points in turn, counts by chance. Says what was done and what was lost.

    python -m tests.faults.soak [--kills 1000] [--database sqlite|postgresql|both] [--seed N] [--overload SECONDS]

Ends with status 1 where anything was lost. The same seed makes the same plan; what runs in between is never the same.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from storage.points import POINTS
from tests.faults.campaign import Bot, Campaign, Fault, a_bot
from tests.faults.databases import Database, Databases
from tests.faults.invariants import lost, shown_again
from tests.faults.overload import Overload, overload

CHUNK = 50
"""After so many deaths everybody comes to an end and everything is looked at."""
ANOTHER_FAULT = 5
"""In every so-many-th life the database fails before the bot dies."""
MOST = {"timers.due": 3, "timers.handed": 3}
USUAL_MOST = 12
"""How often a point is reached at most before it happens: by chance, up to this."""


@dataclass
class Account:
    """What was done and what came of it, on one database."""

    kind: str
    faults: tuple[str, ...]
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    people: int = 0
    messages: int = 0
    repeats: int = 0
    losses: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def deaths(self) -> int:
        return sum(count for (_, kind), count in self.done.items() if kind == "kill")

    def as_table(self) -> str:
        """In Markdown, as it stands in docs/why/faults.md."""
        kinds = ("kill", *self.faults)
        lines = [f"| {self.kind}: point | {' | '.join(kinds)} |", "|---|" + "---:|" * len(kinds)]
        for point in POINTS:
            lines.append(f"| `{point}` | {' | '.join(str(self.done[point, kind]) for kind in kinds)} |")
        lines.append(f"\n{self.kind}: {self.deaths} deaths in {self.seconds:.0f} s; {self.people} people from their "
                     f"first word to the end of a check-in; {self.messages} messages to them, {self.repeats} of them "
                     f"sent again; lost: {len(self.losses) or 'nothing'}.")
        return "\n".join(lines)


def a_plan(database: Database, kills: int, chance: random.Random) -> Iterable[list[Fault]]:
    """One life for each death, its point the next in turn."""
    for number, point in zip(range(kills), itertools.cycle(POINTS), strict=False):
        kinds = [chance.choice(database.faults_at(point))] if number % ANOTHER_FAULT == 0 else []
        yield [Fault(kind, point, chance.randint(1, MOST.get(point, USUAL_MOST))) for kind in (*kinds, "kill")]


async def many_deaths(database: Database, kind: str, kills: int, chance: random.Random) -> Account:
    account, began = Account(kind, database.faults), time.monotonic()
    plan = list(a_plan(database, kills, chance))
    async with a_bot(database) as bot:
        for at in range(0, len(plan), CHUNK):
            await _a_chunk(bot, plan[at:at + CHUNK], account, first_person=1001 + 1000 * at)
            account.seconds = time.monotonic() - began
            say(f"{kind}: {account.deaths} of {kills} deaths, {account.people} people, {account.messages} messages, "
                f"{account.repeats} sent again, {len(account.losses)} lost, {account.seconds:.0f} s")
    return account


async def _a_chunk(bot: Bot, lives: list[list[Fault]], account: Account, first_person: int) -> None:
    campaign = Campaign(bot, first_person)
    before = bot.done.copy()
    try:
        await campaign.goes_through(lives)
        losses = await lost(campaign)
    finally:
        account.done += bot.done - before
    for one in losses:
        say(f"LOST  {account.kind}: {one}")
    account.losses += losses
    account.people += len(campaign.talkers)
    account.messages += sum(len(one.person.messages) for one in campaign.talkers)
    account.repeats += await shown_again(campaign)
    bot.forgets(campaign)


def say(line: str) -> None:
    print(line, flush=True)


async def soak(kinds: list[str], kills: int, seed: int, seconds: float) -> bool:
    """Whether nothing was lost."""
    with tempfile.TemporaryDirectory() as folder:
        made = Databases(Path(folder))
        try:
            accounts = [await many_deaths(made.make(kind), kind, kills // len(kinds), random.Random(seed))
                        for kind in kinds if kills]
            pushed = [await overload(made.make(kind), kind, seconds) for kind in kinds if seconds]
        finally:
            made.stop()
    _report(accounts, pushed)
    return not any([*(one.losses for one in accounts), *(one.beyond() for one in pushed)])


def _report(accounts: list[Account], pushed: list[Overload]) -> None:
    for account in accounts:
        say(f"\n{account.as_table()}")
    for one in pushed:
        say(f"\n{one.as_line()}")


def main() -> None:
    wishes = argparse.ArgumentParser(description="Kill the bot many times, and push too much into it.")
    wishes.add_argument("--kills", type=int, default=1000, help="in all; with two databases, half on each")
    wishes.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    wishes.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    wishes.add_argument("--overload", type=float, default=60.0, metavar="SECONDS",
                        help="of twenty times the sustainable rate; 0: none")
    wish = wishes.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    say(f"seed {wish.seed}")
    kinds = ["sqlite", "postgresql"] if wish.database == "both" else [wish.database]
    sys.exit(0 if asyncio.run(soak(kinds, wish.kills, wish.seed, wish.overload)) else 1)


if __name__ == "__main__":
    main()
