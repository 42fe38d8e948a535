"""Where backups lie, how they are called, and how a file appears under its name only when it is whole."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot.commands.backup.archive import BackupError

OWN = re.compile(r"returnee-bot-\d{8}-\d{6}\.tar\.gz")
WORK = ".returnee-bot-"
LEFT_BEHIND = 24 * 3600
"""Seconds after which a working folder is one that nobody works in any more."""


def stamp(now: datetime) -> str:
    return f"{now:%Y%m%d-%H%M%S}"


def final_name(file: Path | None, data_dir: Path, now: datetime) -> Path:
    """What the new backup will be called. Nothing that is there is written over."""
    folder = file if file is not None and file.is_dir() else None
    if file is None:
        folder = data_dir.resolve() / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
    name = folder / f"returnee-bot-{stamp(now)}.tar.gz" if folder is not None else Path(file or "").absolute()
    if name.exists():
        raise BackupError(f"{name} exists already. Nothing was changed.")
    if not name.parent.is_dir():
        raise BackupError(f"There is no folder {name.parent}.")
    return name


@contextmanager
def working_folder(beside: Path) -> Iterator[Path]:
    """A folder for what is not whole yet, on the same disk; gone afterwards. The owner alone may look in."""
    _clear(beside)
    made = Path(tempfile.mkdtemp(prefix=WORK, dir=beside))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _clear(folder: Path) -> None:
    """What a backup left that was cut off by a power cut or a kill."""
    for one in folder.glob(f"{WORK}*"):
        if one.is_dir() and time.time() - one.stat().st_mtime > LEFT_BEHIND:
            shutil.rmtree(one, ignore_errors=True)


def move(made: Path, to: Path) -> None:
    """Give a whole file its name, so that a power cut does not take it back."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(made, to)
    sync_folder(to.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def delete_older(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest of those that have our naming; others' files stay."""
    own = sorted(one for one in folder.iterdir() if OWN.fullmatch(one.name) and one.is_file())
    for one in own[:-keep]:
        one.unlink()
    return own[:-keep]
