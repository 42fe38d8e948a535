"""Disks that are full, that only read, that are slow: people wait, pages show, nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.tables import Message
from tests.faults.campaign import Bot, a_bot
from tests.faults.databases import Database
from tests.faults.overload import status_of
from tests.faults.people import BEFORE, Desk, Talk
from tests.faults.test_processes import is_one_sentence, tries
from tests.support.patience import PATIENCE

SCRIPT = [*BEFORE[:6], ("What do you need first?", "", "")]
SLOW = 0.3
"""Seconds that a commit takes on the slow disk."""


def mounts(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of six megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("mount") is None or not mounts("-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)):
        pytest.skip("only root may mount; a disk that takes nothing is also among the faults at every point")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def moved(database: Database, folder: Path) -> Database:
    shutil.copy(database.folder / "returnee-bot.db", folder)
    return Database(folder, f"sqlite:///{folder / 'returnee-bot.db'}")


def fill(folder: Path) -> Path:
    """Until not a byte fits any more."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return filler


async def failed(bot: Bot, times: int = 1) -> None:
    """Until the bot has noticed."""
    async with asyncio.timeout(PATIENCE):
        while sum(b"polling failed" in line for line in bot.log) < times:
            await asyncio.sleep(0.02)


@pytest.mark.slow
@pytest.mark.sqlite_only
async def test_a_full_disk_is_waited_out(database: Database, small_disk: Path) -> None:
    """Nothing is taken from the platform, pages show what is there, and with room again all goes on."""
    async with a_bot(moved(database, small_disk)) as bot:
        await bot.starts()
        desk = Desk(bot.database, bot.port, bot.now)
        talks = [Talk(bot.telegram.person(number)) for number in range(1, 5)]
        filler = fill(small_disk)
        for one in talks:
            one.starts()
        await failed(bot, times=2)
        assert len(bot.telegram.unconfirmed) == len(talks), "taken, and not stored"
        assert await status_of(desk.http, desk.at) == 200, "the console is gone with the disk"
        await desk.close()
        filler.unlink()
        await asyncio.gather(*(one.goes_through(SCRIPT) for one in talks))
        await bot.telegram.waits_for(lambda telegram: not telegram.unconfirmed)
        assert await bot.stops() == 0, bot.tail()
        [[stored]] = await bot.database.rows(select(func.count()).where(Message.author == "person"))
        assert stored == sum(len(one.did) for one in talks)


@pytest.mark.sqlite_only
def test_a_disk_that_only_reads_is_one_sentence(small_disk: Path) -> None:
    assert mounts("-o", "remount,ro", str(small_disk))
    said = tries(small_disk)
    assert said.returncode == 2, said.stderr
    assert is_one_sentence(said.stderr) and "RETURNEE_BOT_DA" in said.stderr, said.stderr


@pytest.mark.sqlite_only
def test_a_database_file_that_only_reads_is_one_sentence(database: Database, small_disk: Path) -> None:
    """It is all there, and nothing can be added."""
    moved(database, small_disk)
    assert mounts("-o", "remount,ro", str(small_disk))
    said = tries(small_disk)
    assert said.returncode == 2, said.stderr
    assert is_one_sentence(said.stderr) and "RETURNEE_BOT_DA" in said.stderr, said.stderr


@pytest.mark.slow
async def test_a_slow_disk_slows_answers_and_nothing_else(database: Database) -> None:
    """Each commit takes a third of a second: pages, which only read, do not wait for it."""
    async with a_bot(database, slow=SLOW) as bot:
        await bot.starts()
        desk = Desk(database, bot.port, bot.now)
        talks = [Talk(bot.telegram.person(number)) for number in range(1, 31)]
        began = time.monotonic()
        for one in talks:
            one.starts()
        on_their_way = asyncio.gather(*(one.goes_through(SCRIPT) for one in talks))
        pages = await times_of_pages(desk, on_their_way)
        took = time.monotonic() - began
        await desk.close()
        assert await bot.stops() == 0, bot.tail()
    assert took > SLOW * len(SCRIPT), "the disk was not slow"
    assert took < SLOW * 2 * sum(len(one.did) for one in talks) / 3, "each message waited for a commit of its own"
    assert sorted(pages)[len(pages) // 2] < SLOW and max(pages) < 2, f"pages waited: {sorted(pages)}"


async def times_of_pages(desk: Desk, until: asyncio.Future[list[None]]) -> list[float]:
    """How long each page took, one after the other, until that is done."""
    times = []
    while not until.done():
        began = time.monotonic()
        assert await status_of(desk.http, f"{desk.at}/sign-in") == 200
        times.append(time.monotonic() - began)
        await asyncio.sleep(0.05)
    await until
    return times
