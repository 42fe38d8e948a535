"""The service in the foreground."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EADDRNOTAVAIL
from pathlib import Path

import uvicorn
import uvloop

from bot.app import App, build, first_account, running, site
from bot.channels.base import TokenRefused
from bot.commands.database import usable_database
from bot.settings import PREFIX, Settings, SettingsError
from storage.processes import AlreadyRunning, together_or_alone


def serve(settings: Settings, demo: bool) -> None:
    """Run until a signal. Raises SettingsError where the address cannot be used."""
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as own:
        bind(own, settings)
        uvloop.run(_serve(settings, demo, own))


def bind(own: socket.socket, settings: Settings) -> None:
    """Early, because an address that cannot be used is told at once. Nobody can connect yet."""
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with _usable_address(settings):
        own.bind((settings.http_host, settings.http_port))


def listen(own: socket.socket, settings: Settings) -> None:
    """From here on whoever connects is answered. Another process may have been quicker."""
    with _usable_address(settings):
        own.listen()


@contextmanager
def _usable_address(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        at_fault = "HTTP_HOST" if isinstance(error, socket.gaierror) or error.errno == EADDRNOTAVAIL else "HTTP_PORT"
        where = f"{settings.http_host}:{settings.http_port}"
        raise SettingsError(f"{PREFIX}{at_fault}: cannot listen on {where}: {error.strerror}.") from None


async def _serve(settings: Settings, demo: bool, own: socket.socket) -> None:
    app = await asyncio.to_thread(_built, settings, demo)
    if demo:
        from bot.demo import invent

        await invent(app)
    server = Server(uvicorn.Config(
        site(app, demo), log_config=None, log_level="warning", access_log=False, proxy_headers=True,
        timeout_graceful_shutdown=3,
    ))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.finish)
    gc.freeze()  # facts, texts and conversations stay for good: the collector need not look through them each time
    gc.enable()
    try:
        async with running(app):
            listen(own, settings)
            _greet(app, own, demo, await asyncio.to_thread(first_account, app))
            await server.serve(sockets=[own])
    except TokenRefused:
        raise SettingsError(f"{PREFIX}TELEGRAM_TOKEN: Telegram does not know this token. Copy it again from "
                            "@BotFather.") from None


def _built(settings: Settings, demo: bool) -> App:
    with usable_database():
        processes = together_or_alone(settings.database)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            processes.claim()
        except AlreadyRunning as error:
            raise SettingsError(f"{PREFIX}DATABASE_URL: {error}") from None
        except OSError as error:
            name = "DATABASE_URL" if settings.database_url else "DATA_DIR"
            where = Path(error.filename or settings.data_dir).parent
            raise SettingsError(f"{PREFIX}{name}: cannot write in {where}: {error.strerror}.") from None
        return build(settings, demo=demo, processes=processes)


class Server(uvicorn.Server):
    """A server that leaves signals to us, so that channels and outbox are closed in order after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def finish(self) -> None:
        self.should_exit = True


def _greet(app: App, own: socket.socket, demo: bool, password: str | None) -> None:
    host, port = own.getsockname()[:2]
    base = app.settings.public_url or f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"
    print(f"Web chat:  {base}/")
    print(f"Console:   {base}/console")
    if password:
        print(f"First sign-in:  coordinator  {password}   (shown only now)")
    print("Telegram:  on" if "telegram" in app.channels else f"Telegram:  off ({PREFIX}TELEGRAM_TOKEN is not set)")
    if demo:
        print("Demo: invented people; the console has buttons that turn the clock.")
    print("Stop with Ctrl+C.", flush=True)
