"""The whole suite on SQLite, and beside it everything that needs a database on PostgreSQL: `make test`.

A browser sees the same pages on either: it is driven once."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile

PYTEST = [sys.executable, "-m", "pytest"]
ON_POSTGRESQL = [*PYTEST, "--database", "postgresql", "-m", "database and not browser"]


def main() -> int:
    """The two at the same time, one report after the other."""
    with tempfile.TemporaryFile("w+") as report:
        beside = subprocess.Popen(ON_POSTGRESQL, stdout=report, stderr=subprocess.STDOUT)
        try:
            print("— on SQLite (and on PostgreSQL at the same time: its report follows)", flush=True)
            here = subprocess.call(PYTEST)
            beside.wait()
        finally:
            beside.terminate()
            beside.wait()
        print("— on PostgreSQL", flush=True)
        report.seek(0)
        shutil.copyfileobj(report, sys.stdout)
    return here or beside.returncode


if __name__ == "__main__":
    sys.exit(main())
