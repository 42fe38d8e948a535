"""share.py SHARE PID…: each of these processes, with its children, gets so much of one processor and no more.

On a machine with two processors it cannot be seen whether three processes do more than one: they only share what one
could have for itself. So each is held to a share that is small enough to leave the machine idle, whoever else works on
it, and a process more is a share more, as it would be a processor more elsewhere. Who has used up its share of a slice
of time is stopped until the next one begins.

At its end, and it ends with whoever started it, everybody may go on. Every second it prints how much of that second
each was stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SLICE = 0.02
"""Seconds."""


class Held:
    """One process and its children."""

    def __init__(self, pid: int, share: float) -> None:
        self.pid, self.share = pid, share
        self.stopped_for = 0.0
        self._used: dict[int, float] = {}
        self._left = 0.0
        self._stopped: list[int] = []

    def look(self, seconds: float) -> None:
        """So much time has passed: may it go on?"""
        pids = self._pids()
        used = {pid: spent for pid in pids if (spent := _spent(pid)) is not None}
        spent = sum(value - self._used.get(pid, value) for pid, value in used.items())
        self._used = used
        self._left = min(self._left + seconds * self.share - spent, SLICE * self.share)
        if self._stopped:
            self.stopped_for += seconds
        if self._left < 0:
            self._stop(pids)
        else:
            self.go_on()

    def go_on(self) -> None:
        for pid in self._stopped:
            _send(pid, signal.SIGCONT)
        self._stopped = []

    def _stop(self, pids: list[int]) -> None:
        for pid in pids:
            _send(pid, signal.SIGSTOP)
        self._stopped = pids

    def _pids(self) -> list[int]:
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            return [self.pid, *(int(one) for one in children)]
        return []


def _spent(pid: int) -> float | None:
    """Seconds of a processor that all its threads have had (the clock that clock_getcpuclockid(3) names)."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def held(share: float, pids: Sequence[int]) -> Iterator[list[str]]:
    """Hold them for as long as this lasts; what was printed is in the list at the end."""
    printed: list[str] = []
    command = [sys.executable, __file__, str(share), *map(str, pids)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield printed
    finally:
        holder.terminate()
        printed += holder.communicate(timeout=10)[0].splitlines()


def stopped(lines: Sequence[str], seconds: float) -> list[float]:
    """How much of the last so many whole seconds each process was stopped."""
    found = [json.loads(one) for one in lines if one.startswith("[")][-max(1, int(seconds)):]
    return [round(sum(each) / len(found), 2) for each in zip(*found, strict=True)]


def main(share: float, pids: Sequence[int]) -> None:
    parent, ended = os.getppid(), False

    def end(*_: object) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    everybody = [Held(pid, share) for pid in pids]
    before = said = time.monotonic()
    try:
        while not ended and os.getppid() == parent:
            time.sleep(SLICE / 4)
            now = time.monotonic()
            for one in everybody:
                one.look(now - before)
            before = now
            if now - said >= 1:
                print([round(one.stopped_for / (now - said), 3) for one in everybody], flush=True)
                said = now
                for one in everybody:
                    one.stopped_for = 0.0
    finally:
        for one in everybody:
            one.go_on()


if __name__ == "__main__":
    main(float(sys.argv[1]), [int(one) for one in sys.argv[2:]])
