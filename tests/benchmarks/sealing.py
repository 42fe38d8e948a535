"""What it costs a turn that all is locked: the whole pipeline with the real boxes, and with boxes that only encode.

    python tests/benchmarks/sealing.py [--rounds 5]

The rounds alternate, so that a machine that is busy is so for both. The select of the wrapped key is in both."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from base64 import b64decode, b64encode
from contextlib import ExitStack
from pathlib import Path
from time import process_time
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.clock import StoppedClock
from conversations.events import Message
from storage.sealed.box import Box, Locked
from tests.pipeline.world import NOW, Recorder, World, build_app

PEOPLE = 100
LINES = ("hello", "English", "yes", "1", "Agron", "1", "March 2024", "Germany", "Bavaria", "14 months", "2", "2016")


def _encode(_box: Box, plain: bytes, _where: str) -> Locked:
    return Locked(b64encode(plain).decode())


def _decode(_box: Box, text: str, _where: str) -> bytes:
    return b64decode(text)


async def turns(folder: Path) -> float:
    """CPU seconds of so many turns, from the batch that comes in to what is sent."""
    clock, channel = StoppedClock(NOW), Recorder()
    world = World(folder, clock, channel, build_app(folder, clock, channel))
    people = [world.person(f"person-{one}") for one in range(PEOPLE)]
    await world.app.deliver.start()
    await world.handle(*(one.start() for one in people))
    began = process_time()
    for line in LINES:
        events: list[Message] = [one.message(line) for one in people]
        await world.handle(*events)
        await world.app.deliver.drain()
    spent = process_time() - began
    await world.stop()
    return spent


def measured(locks: bool) -> float:
    """Microseconds of CPU a turn."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as changed:
        if not locks:
            changed.enter_context(patch.multiple(Box, lock=_encode, unlock=_decode))
        return asyncio.run(turns(Path(folder))) / (PEOPLE * len(LINES)) * 1e6


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rounds", type=int, default=5)
    rounds = [(measured(True), measured(False)) for _ in range(given.parse_args().rounds)]
    ratios = sorted(locked / plain for locked, plain in rounds)
    locked, plain = (statistics.median(one) for one in zip(*rounds, strict=True))
    print(f"CPU a turn: {locked:.0f} µs locked, {plain:.0f} µs encoded only; "
          f"ratio {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}, {len(ratios)} rounds)")


if __name__ == "__main__":
    main()
