"""Several identical processes on one database: they hear each other, and one of them leads each role."""

from __future__ import annotations

from sqlalchemy import make_url

from storage.processes.alone import Alone, AlreadyRunning
from storage.processes.base import Processes

__all__ = ["Alone", "AlreadyRunning", "Processes", "together_or_alone"]


def together_or_alone(url: str) -> Processes:
    """PostgreSQL is shared by any number of processes; SQLite belongs to one."""
    if make_url(url).get_backend_name() == "postgresql":
        from storage.processes.together import Together  # its driver costs time and memory that SQLite does not need

        return Together(url)
    return Alone(url)
