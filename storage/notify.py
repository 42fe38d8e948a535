"""Telling every process, this one included, that something is stored. PostgreSQL only."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

CHANNEL = "returnee_bot"
MOST_BYTES = 7999
"""PostgreSQL refuses a payload of 8000 bytes or more (https://www.postgresql.org/docs/current/sql-notify.html)."""

_NOTIFY = text(f"SELECT count(pg_notify('{CHANNEL}', payload)) FROM unnest(CAST(:payloads AS text[])) AS payload")


def notify(connection: Connection, payloads: Iterable[str]) -> None:
    """Part of the caller's transaction: heard after its commit, in this order, and never if it is rolled back.

    The same payload twice in one transaction is heard once.
    """
    told = list(payloads)
    for payload in told:
        _check(payload)
    if told:
        connection.execute(_NOTIFY, {"payloads": told})


def _check(payload: str) -> None:
    size = len(payload.encode())
    if size > MOST_BYTES:
        raise ValueError(f"a notification of {size} bytes: at most {MOST_BYTES} are possible")
