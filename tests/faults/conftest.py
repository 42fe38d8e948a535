"""Databases that may die with the bot, and a world whose clock and channel fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.databases import Database, Databases
from tests.pipeline.conftest import prepared, quiet, world

__all__ = ["prepared", "quiet", "world"]


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("faults"))
    yield made
    made.stop()


@pytest.fixture
def database(fresh: Databases, databases: None, pytestconfig: pytest.Config) -> Iterator[Database]:
    """A furnished one, of the kind that this session is about."""
    made = fresh.make(pytestconfig.getoption("--database"))
    yield made
    made.close()
