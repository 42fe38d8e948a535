"""The bot as a process that fails where it is told.

It is started once and lives many times: for each line on its standard input it forks a process that is the bot, with
the faults that the line names, and says on its standard output what happened. The fork saves the seconds of importing;
what dies is a whole process all the same, with its memory, its threads and its connections.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
import uvicorn
import uvloop
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError

import bot.channels.telegram.channel as telegram_channel
from bot import timers
from bot.app import App, build, running
from bot.channels.telegram import Telegram
from bot.channels.viber import Viber
from bot.clock import Clock
from bot.commands.serve import Server
from bot.receive import turns
from bot.settings import PREFIX, Settings, load
from bot.site import site
from conversations.engine import advance
from conversations.events import Started
from storage import points

A_MOMENT = 0.3
"""Seconds for which the disk takes nothing."""
ENDS_BACKENDS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name <> 'watcher'"
)


def tell(**what: Any) -> None:
    """One line to whoever follows; short enough that two processes cannot mix theirs."""
    os.write(1, json.dumps(what).encode() + b"\n")


# ------------------------------------------------------------------ the faults


class Faults:
    """Called at every point. The first fault of the list is waited for; once it was done, the next."""

    def __init__(self, order: dict[str, Any], settings: Settings) -> None:
        self.coming = deque(order["faults"])
        self.settings = settings
        self.server = int(order["server"] or 0)
        self.lock = threading.Lock()

    def __call__(self, point: str) -> None:
        with self.lock:
            if not self.coming or self.coming[0]["point"] != point:
                return
            self.coming[0]["count"] -= 1
            if self.coming[0]["count"]:
                return
            fault = self.coming.popleft()
            tell(did=fault["kind"], point=point)
        _DO[fault["kind"]](self)


def kill(_: Faults) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def disk(_: Faults) -> None:
    """For a moment no file takes a byte; what is open stays open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    threading.Timer(A_MOMENT, resource.setrlimit, (resource.RLIMIT_FSIZE, (soft, hard))).start()


def disconnect(faults: Faults) -> None:
    """The server ends every connection of this bot."""
    engine = create_engine(faults.settings.database)
    with engine.connect() as connection:
        connection.execute(ENDS_BACKENDS)
    engine.dispose()


def restart(faults: Faults) -> None:
    """The server dies as in a power cut. Whoever follows starts it again."""
    os.kill(faults.server, signal.SIGQUIT)


def unsure(_: Faults) -> None:
    """The commit is done, and its answer is lost: whoever waited for it is told that it failed."""
    raise OperationalError("COMMIT", None, ConnectionError("the answer is lost"))


_DO: dict[str, Callable[[Faults], None]] = {
    "kill": kill, "disk": disk, "disconnect": disconnect, "restart": restart,
    "unsure": unsure,
}


# ------------------------------------------------------------------ the bot


async def warm_up() -> None:
    """What is loaded when it is first needed is loaded here, before the forks. No thread may be left."""
    with TemporaryDirectory() as folder:
        app = build(Settings(data_dir=Path(folder), database_url=f"sqlite:///{folder}/warm.db"), Clock())
        site(app)
        now = app.clock.now()
        await app.receive.handle([Started(channel="web", address="1", key="1", at=now, language="en")])
        await asyncio.to_thread(app.store.close)
    if load().database.startswith("postgresql"):
        importlib.import_module("storage.processes.together").TRY_EVERY = 0.01  # no other process wants a role
        importlib.import_module("sqlalchemy.dialects.postgresql.psycopg")


def hurry() -> None:
    """The product without its patience: no pace, a sweep each moment, another try soon after a failure."""
    for channel in (Telegram, Viber):
        channel.limits = replace(channel.limits, a_second=1e6, a_second_each=1e6)
    timers.EVERY_SECONDS = 0.2
    telegram_channel.LONGEST_WAIT = 0.2


def slow_down(app: App, seconds: float) -> None:
    """Every commit takes so long, as on a card that is worn out."""
    event.listen(app.store.engine, "commit", lambda _: time.sleep(seconds))


def poisoned(word: str) -> None:
    """A mistake of ours: whoever says this word makes the engine fail, each time."""

    def fails(conversation: Any, progress: Any, action: Any, *rest: Any) -> Any:
        if getattr(action, "text", None) == word:
            raise ZeroDivisionError
        return advance(conversation, progress, action, *rest)

    vars(turns)["advance"] = fails


async def lives(order: dict[str, Any], listening: socket.socket) -> None:
    settings = load()
    if order["poison"]:
        poisoned(order["poison"])
    points.watch(Faults(order, settings))
    app = build(settings, Clock(timedelta(seconds=order["ahead"])))
    slow_down(app, order["slow"])
    server = Server(uvicorn.Config(site(app), log_level="critical", access_log=False, timeout_graceful_shutdown=2))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.finish)
    async with running(app):
        tell(ready=True)
        await server.serve(sockets=[listening])


def one_life(order: dict[str, Any], listening: socket.socket) -> None:
    """Fork, be the bot there, and wait here until it is over."""
    child = os.fork()
    if not child:
        code = 1
        try:
            uvloop.run(lives(order, listening))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    tell(began=child)
    tell(ended=os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def main() -> None:
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
                        logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    hurry()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    if f"{PREFIX}VIBER_TOKEN" in os.environ:
        os.environ[f"{PREFIX}PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    asyncio.run(warm_up())
    gc.freeze()
    tell(port=port)
    for line in sys.stdin:
        one_life(json.loads(line), listening)


if __name__ == "__main__":
    main()
