"""A database for a bot that will die: made once, copied for each test, looked into from outside."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from bot.app import build
from bot.settings import Settings
from storage import staff
from storage.sealed.vault import give_vault
from tests.support.database import give_keys
from tests.support.postgres import Server

T = TypeVar("T")
LOGIN, PASSWORD = "mimoza", "a green door by the river"


@dataclass
class Database:
    """Where a bot keeps what it knows, and how to look into it while the bot runs or is dead."""

    folder: Path
    url: str
    server: Server | None = None

    def __post_init__(self) -> None:
        arguments: dict[str, Any] = {"application_name": "watcher"} if self.server else {"timeout": 20}
        self._engine = create_engine(self.url, connect_args=arguments)
        give_vault(self._engine, give_keys(self.folder))

    @property
    def faults(self) -> tuple[str, ...]:
        """What can happen to a bot on it, beside its death."""
        return ("disconnect", "restart", "unsure") if self.server else ("disk", "unsure")

    def faults_at(self, point: str) -> tuple[str, ...]:
        """Only a commit can be done without anybody knowing."""
        return tuple(one for one in self.faults if one != "unsure" or point == "store.committed")

    def at_once(self, work: Callable[[Connection], T], seconds: float = 30) -> T:
        """Do this in a transaction of our own; a database that is just being restarted is waited for."""
        until = time.monotonic() + seconds
        while True:
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except DBAPIError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    async def does(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self.at_once, work)

    async def rows(self, statement: Any) -> list[Any]:
        return await self.does(lambda connection: list(connection.execute(statement)))

    def close(self) -> None:
        """Hold no connection any more."""
        self._engine.dispose()

    def starts_again(self) -> None:
        """Start the server after it died."""
        assert self.server is not None
        self.server.stop()
        self.server.start()

    @property
    def server_pid(self) -> int | None:
        if self.server is None:
            return None
        return int((self.server.folder / "data" / "postmaster.pid").read_text().split()[0])


class Databases:
    """Makes them. One PostgreSQL server, which may die, serves all that are made here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self._prepared: Path | None = None
        self._server: Server | None = None

    def make(self, kind: str) -> Database:
        self.count += 1
        folder = self.folder / f"bot{self.count}"
        folder.mkdir()
        return self._sqlite(folder) if kind == "sqlite" else self._postgresql(folder)

    def _sqlite(self, folder: Path) -> Database:
        if self._prepared is None:
            made = self.folder / "prepared"
            made.mkdir()
            _furnish(Database(made, f"sqlite:///{made / 'returnee-bot.db'}"))
            self._prepared = made / "returnee-bot.db"
        shutil.copy(self._prepared, folder / "returnee-bot.db")
        return Database(folder, f"sqlite:///{folder / 'returnee-bot.db'}")

    def _postgresql(self, folder: Path) -> Database:
        if self._server is None:
            self._server = Server().start()
            self._server.create("furnished")
            _furnish(Database(folder, self._server.url("furnished"), self._server))
        name = f"bot{self.count}"
        self._server.create(name, "furnished")
        # The tests' server is quick and forgetful. One that is to die must keep what it says that it keeps.
        self._server.run(f"ALTER DATABASE {name} SET synchronous_commit = on")
        return Database(folder, self._server.url(name), self._server)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


def _furnish(database: Database) -> None:
    """The schema, the facts, and a counsellor: as a centre has it on its first day."""
    app = build(Settings(data_dir=database.folder, database_url=database.url))
    app.store.close()
    database.at_once(lambda connection: staff.add_counsellor(
        connection, LOGIN, "Mimoza", "counsellor", PASSWORD, app.clock.now()))
    database.close()
