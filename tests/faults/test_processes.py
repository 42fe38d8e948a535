"""The command itself: when it may begin, and when it says that it has begun."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.several.service import kept_port
from tests.support.patience import PATIENCE, TO_START

ROOT = Path(__file__).parents[2]


def command(folder: Path, **more: str) -> tuple[list[str], dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RETURNEE_BOT_")}
    environment |= {"RETURNEE_BOT_DATA_DIR": str(folder), "RETURNEE_BOT_HTTP_PORT": "0", "PYTHONPATH": str(ROOT)}
    return [sys.executable, "-m", "bot", "run"], environment | more


def tries(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Start it, where it is expected to end by itself."""
    words, environment = command(folder, **more)
    return subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=TO_START,
                          check=False)


@contextmanager
def running(folder: Path, **more: str) -> Iterator[subprocess.Popen[str]]:
    """It has greeted whoever started it."""
    words, environment = command(folder, **more)
    process = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Stop with"):
                break
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def is_one_sentence(said: str) -> bool:
    return len(said.strip().splitlines()) == 1 and said.strip().endswith(".") and "Traceback" not in said


@pytest.mark.slow
def test_a_second_process_on_one_file_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        second = tries(tmp_path)
        assert second.returncode == 2, second.stderr
        assert is_one_sentence(second.stderr), second.stderr
        assert second.stdout == ""
        assert first.poll() is None, "the first one died of it"
    assert first.returncode == 0
    with running(tmp_path) as third:
        assert third.poll() is None


@pytest.mark.slow
def test_after_a_kill_the_next_one_may_begin_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        first.kill()
        first.wait(PATIENCE)
        with running(tmp_path) as second:
            assert second.poll() is None


@pytest.mark.slow
def test_whoever_is_greeted_can_connect_at_once(tmp_path: Path) -> None:
    with kept_port() as port:
        here = port.getsockname()
        with running(tmp_path, RETURNEE_BOT_HTTP_PORT=str(here[1])), socket.create_connection(here, PATIENCE) as line:
            line.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert line.makefile().readline().startswith("HTTP/1.1 200")
