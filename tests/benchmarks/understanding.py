"""How long a text takes to be understood, and that it stays so while facts grow from 100 to 5,000; and how long others
wait while the words of edited facts are read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

from bot.app import words_read
from bot.collector import settle
from conversations.eligibility import schemes
from conversations.register import Fact, Register, seed
from conversations.understanding import Reader, reader_for
from tests.understanding.measure import LANGUAGES, rows

SIZES = (100, 5_000)
LOOKS_EVERY = 0.001
SYLLABLES = ("ba", "ke", "ri", "to", "mu", "sha", "lek", "dor", "vin", "gas")


def measure(rounds: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    texts = [(row.text, language) for language in LANGUAGES for row in rows(language)]
    found = []
    for size in SIZES:
        reader = Reader(register(size), schemes())
        say(f"  {len(texts)} questions, {size} facts, {rounds} rounds")
        _times(reader, texts)
        passes = [_times(reader, texts) for _ in range(rounds)]
        found += [
            _line(f"a message, {size:,} facts, median, ms of CPU", [median(one) for one in passes], at_most=2.0),
            _line(f"a message, {size:,} facts, of 100 the slowest, ms of CPU",
                  [quantiles(one, n=100)[98] for one in passes]),
        ]
    settle()
    edits = [asyncio.run(_edit(SIZES[-1], texts)) for _ in range(rounds)]
    for name, of_edits in zip(
            ("until new facts are in use, s", "the loop stands still, at the longest, ms",
             "a message meanwhile, at the longest, ms"), zip(*edits, strict=True), strict=True):
        found.append(_line(f"an edit, {SIZES[-1]:,} facts: {name}", list(of_edits)))
    return found


async def _edit(size: int, texts: list[tuple[str, str]]) -> tuple[float, float, float]:
    """What `App.read_register` does once the facts are there, while the loop reads texts with the old ones."""
    old, new = (Register({one.id: one for one in register(size)}) for _ in range(2))
    in_use, said = reader_for(old), cycle(texts)
    began = before = perf_counter()
    making = asyncio.create_task(asyncio.to_thread(words_read, new, ()))
    stalls, messages = [], []
    while not making.done():
        await asyncio.sleep(LOOKS_EVERY)
        stalls.append(perf_counter() - before - LOOKS_EVERY)
        before = perf_counter()
        in_use.read(*next(said))
        messages.append(perf_counter() - before)
        before = perf_counter()
    return perf_counter() - began, max(stalls) * 1000, max(messages) * 1000


def register(size: int) -> list[Fact]:
    """So many facts: those of the seed, and others made of their words and of invented ones."""
    real = list(seed().facts.values())
    made = [_another(one, number) for number in range(size) if (one := real[number % len(real)])]
    return [*real, *made][:size]


def _another(fact: Fact, number: int) -> Fact:
    """Asked for by the same words with one of its own, by that one alone, and by one that others have too."""
    word = "".join(SYLLABLES[int(digit)] for digit in str(number))
    return replace(
        fact, id=f"{fact.id}.{number}",
        question={language: f"{text} {word}" for language, text in fact.question.items()},
        asked={language: (word, *(f"{one} {word}" for one in listed), *listed[:1])
               for language, listed in fact.asked.items()},
    )


def _times(reader: Reader, texts: list[tuple[str, str]]) -> list[float]:
    found = []
    for text, language in texts:
        began = process_time()
        reader.read(text, language)
        found.append((process_time() - began) * 1000)
    return found


def _line(name: str, found: list[float], **limits: float) -> dict[str, Any]:
    return {"measure": name, "median": median(found), "min": min(found), "max": max(found), **limits}


if __name__ == "__main__":
    from tests.benchmarks import figures

    print(figures.table("understanding", measure(5, print)))
