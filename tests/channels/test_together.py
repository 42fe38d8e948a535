"""What arrives alone is stored in batches, in order; whoever brought it hears how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bot.channels.together import MOST, Together
from conversations.events import FromPerson, Message

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Slow:
    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun, self.go_on = asyncio.Semaphore(0), asyncio.Semaphore(0)
        self.wrong: list[Exception | None] = []

    async def __call__(self, events: Sequence[FromPerson]) -> None:
        self.batches.append([event.key for event in events])
        self.begun.release()
        await self.go_on.acquire()
        if self.wrong and (wrong := self.wrong.pop(0)):
            raise wrong


def one(number: int) -> list[FromPerson]:
    return [Message(channel="telegram", address="7", key=str(number), at=NOW, text="x")]


async def bring(together: Together, numbers: range) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(together(one(number))) for number in numbers]
    await asyncio.sleep(0)
    return tasks


async def test_what_arrives_meanwhile_is_the_next_batch() -> None:
    slow = Slow()
    together = Together(slow)
    first = await bring(together, range(1))
    await slow.begun.acquire()
    rest = await bring(together, range(1, MOST + 11))
    slow.go_on.release()
    await slow.begun.acquire()
    assert (first[0].done(), any(task.done() for task in rest)) == (True, False)
    slow.go_on.release()
    slow.go_on.release()
    await asyncio.gather(*rest)
    assert [len(batch) for batch in slow.batches] == [1, MOST, 10]
    assert [int(key) for batch in slow.batches for key in batch] == list(range(MOST + 11))


async def test_a_failure_is_told_to_those_in_the_batch() -> None:
    slow = Slow()
    slow.wrong = [RuntimeError("away"), None]
    together = Together(slow)
    tasks = await bring(together, range(3))
    await slow.begun.acquire()
    later = await bring(together, range(3, 5))
    for _ in range(2):
        slow.go_on.release()
    found = await asyncio.gather(*tasks, *later, return_exceptions=True)
    assert [type(one) for one in found] == [RuntimeError] * 3 + [type(None)] * 2
    assert slow.batches == [["0", "1", "2"], ["3", "4"]]


async def test_who_no_longer_waits_changes_nothing() -> None:
    slow = Slow()
    together = Together(slow)
    gone, stays = await bring(together, range(2))
    await slow.begun.acquire()
    gone.cancel()
    slow.go_on.release()
    await stays
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_rest_and_work_again() -> None:
    slow = Slow()
    together = Together(slow)
    for number in range(2):
        slow.go_on.release()
        await together(one(number))
    assert slow.batches == [["0"], ["1"]]
