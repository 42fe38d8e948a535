"""A PostgreSQL as one would run it, for measuring: on the disk, waiting for it at each commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import postgres

SETTINGS = ("shared_buffers=1GB", "max_wal_size=8GB", "max_connections=200", "listen_addresses=", "jit=off",
            "checkpoint_timeout=15min", "maintenance_work_mem=512MB")


@dataclass
class Durable(postgres.Server):
    """The tests' server without what makes that one quick: fsync, whole pages and autovacuum are as they come."""

    def __post_init__(self) -> None:
        if not (self.folder / "data").exists():
            super().__post_init__()

    def start(self) -> Durable:
        options = [word for one in (*SETTINGS, f"port={self.port}") for word in ("-c", one)]
        command = [str(postgres.programs() / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder),
                   *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(["sh", "-c", postgres.UNTIL_WE_END, "sh", *command], cwd="/", stdout=log,
                                            stdin=subprocess.PIPE, stderr=log, **postgres._as_nobody())
        self._wait()
        return self

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def server(folder: Path | None = None) -> Iterator[Durable]:
    """One for a measurement, with what is in this folder; or its data goes with it."""
    data = folder or Path(tempfile.mkdtemp(prefix="bench-pg-"))
    data.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(data, postgres.NOBODY, postgres.NOBODY)
    one = Durable(folder=data)
    try:
        yield one.start()
    finally:
        one.stop()
        if folder is None:
            shutil.rmtree(data, ignore_errors=True)
