"""The bench for chat bots beside this project: where it is, its own Python, and one run of it.

It simulates Telegram and the people, and it has the bots that people would otherwise use. It is used as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results"
"""Raw results and what the bots print; git leaves them out."""


def folder() -> Path | None:
    """Where the bench is, if it is on this machine."""
    path = Path(os.environ.get("RETURNEE_BOT_BENCH", ROOT.parent / "shared" / "bench")).resolve()
    return path if (path / "bench.py").is_file() else None


def python() -> str:
    """The bench's own Python, with what it and the other bots need."""
    home = folder()
    assert home is not None
    return _python_with(home / "requirements.txt", ROOT / ".venv-bench")


def service_python() -> str:
    """Python with what the service needs, as people run it: with tools of development, libraries load more."""
    return _python_with(ROOT / "requirements.txt", ROOT / ".venv-service")


def _python_with(requirements: Path, venv: Path) -> str:
    """Made where it is missing, and anew where something else is required now."""
    ready = venv / "ready"
    if not ready.exists() or ready.read_bytes() != requirements.read_bytes():
        print(f"Setting up {venv.name} …", flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        _make(venv)
        subprocess.run([venv / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r",
                        requirements], check=True)
        (venv / ".gitignore").write_text("*\n")
        shutil.copy(requirements, ready)
    return str(venv / "bin" / "python")


def _make(venv: Path) -> None:
    """Debian may have Python without its venv module: then virtualenv makes the folder."""
    if subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True).returncode == 0:
        return
    shutil.rmtree(venv, ignore_errors=True)
    with tempfile.TemporaryDirectory() as bootstrap:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", bootstrap, "virtualenv"], check=True)
        subprocess.run([sys.executable, "-m", "virtualenv", "-q", venv], check=True,
                       env={**os.environ, "PYTHONPATH": bootstrap})


def ours(*options: str) -> list[str]:
    """The command that starts our bot under the bench."""
    return [service_python(), str(HERE / "survey_bot.py"), "{port}", *options]


def theirs(name: str, *options: str) -> list[str]:
    """The command that starts one of the bench's own bots."""
    home = folder()
    assert home is not None
    return [python(), str(home / name), "{port}", *options]


def bench(name: str, command: Sequence[str], *options: str, url: str = "") -> dict[str, Any]:
    """One run of bench.py, as its line of figures. `url`: the database of our bot, else a new one."""
    return script("bench.py", name, *options, "--port", str(free_port()), "--", *command,
                  settings={"RETURNEE_BOT_DATABASE_URL": url, "RETURNEE_BOT_ENCRYPTION_KEY_FILE": key_of(url)})


def key_of(url: str) -> str:
    """Where the key lies that a database was filled with; empty for a new one, which makes its own."""
    from bot.settings import Settings

    return str(Settings(database_url=url).keys.path.resolve()) if url else ""


def script(file: str, *arguments: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """One run of a script of the bench, with an empty data folder for our bot."""
    home = folder()
    assert home is not None
    with tempfile.TemporaryDirectory(prefix="bench-") as fresh:
        out = run([str(home / file), *arguments], {"RETURNEE_BOT_DATA_DIR": fresh, **settings})
    found: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return found


def run(command: Sequence[str], settings: Mapping[str, str]) -> str:
    """Run a script of the bench with its Python; what it prints. It and its bot end with us."""
    (RESULTS / "results").mkdir(parents=True, exist_ok=True)
    with ending(subprocess.Popen([python(), *command], cwd=RESULTS, env={**plain_environment(), **settings},
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 start_new_session=True)) as process:
        out, wrong = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {wrong.strip().splitlines()[-1] if wrong.strip() else out}")
    return out


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Interrupt the process when we are done or interrupted; the bench ends its bot on that."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def plain_environment() -> dict[str, str]:
    """Without settings of our bot that are meant for another use of it, and with compiled modules kept, as is usual:
    a start that compiles everything anew would say nothing about the bot."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("RETURNEE_BOT_") and name != "PYTHONDONTWRITEBYTECODE"}


def most_memory() -> float:
    """The most that this process had in memory, in MB. (What getrusage says includes the parent's before the start.)"""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
