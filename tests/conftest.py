"""Options for all tests, and the database that they use."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator

import hypothesis
import pytest

from tests.support import database, handlers

hypothesis.settings.register_profile("patient", deadline=None)  # speed is the benchmarks' matter, machines are shared
hypothesis.settings.load_profile("patient")
ONLY = {"sqlite_only": "sqlite", "postgresql_only": "postgresql"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-transcripts", action="store_true", help="Write what the bot says into the transcripts.")
    parser.addoption("--database", choices=database.KINDS, default="sqlite",
                     help="What the tests keep their data in. With -m database: those that keep any.")


def pytest_configure(config: pytest.Config) -> None:
    database.use(config.getoption("--database"))
    handlers.remember()
    if database.MEMORY and config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="tests-", dir=database.MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_finish() -> None:
    """What was read for the tests stays to the end: it is not looked through again and again for what to throw away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses a database or a browser; leave out what is about the other database."""
    others = [mark for mark, kind in ONLY.items() if kind != config.getoption("--database")]
    left_out = [one for one in items if any(one.get_closest_marker(mark) for mark in others)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if one not in left_out]
    for one in items:
        names = getattr(one, "fixturenames", ())
        if "databases" in names:
            one.add_marker("database")
        if "browser" in names:
            one.add_marker("browser")


@pytest.fixture(scope="session")
def databases() -> None:
    """Whoever uses this, also through another fixture, is run on each kind of database."""


@pytest.fixture(autouse=True)
def _databases_end_with_their_test() -> Iterator[None]:
    with database.passing():
        yield


@pytest.fixture(autouse=True)
def _sent_is_noted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for no company: a test that waits for the note would wait as long. Real processes do as in life."""
    monkeypatch.setattr("bot.deliver.notes.SOON", 0.0)
