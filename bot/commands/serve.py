"""The service in the foreground."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from errno import EADDRNOTAVAIL
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from bot.app import App, build, first_account, running
from bot.channels.base import TokenRefused
from bot.collector import settle
from bot.commands.database import usable_database
from bot.settings import PREFIX, Settings, SettingsError, place_of
from bot.site import DOORS, site
from conversations.understanding import reader_for
from storage.processes import AlreadyRunning, together_or_alone

TOKENS: Mapping[str, tuple[str, str]] = {
    "telegram": ("Telegram", "@BotFather"), "viber": ("Viber", "the bot's page in Viber's admin panel"),
}
"""Channels that need a token: how they are called, and where the token comes from."""

if TYPE_CHECKING:
    from fastapi import FastAPI


def serve(settings: Settings, demo: bool) -> None:
    """Run until a signal. Raises SettingsError where the address cannot be used."""
    with ExitStack() as open_ones:
        places: dict[socket.socket, list[str]] = {}
        for place, doors in _places(settings):
            family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
            own = open_ones.enter_context(socket.socket(family, socket.SOCK_STREAM))
            bind(own, place, settings)
            places[own] = doors
        uvloop.run(_serve(settings, demo, places))


def _places(settings: Settings) -> list[tuple[tuple[str, int], list[str]]]:
    """Where to listen, and for what; the main one first."""
    main = (settings.http_host, settings.http_port)
    own = {"console": settings.console_listen, "webhooks": settings.webhook_listen}
    found: dict[tuple[str, int], list[str]] = {main: []}
    for door in DOORS:
        found.setdefault(place_of(own[door]) if own.get(door) else main, []).append(door)
    return list(found.items())


def bind(own: socket.socket, place: tuple[str, int], settings: Settings) -> None:
    """Early, because an address that cannot be used is told at once. Nobody can connect yet."""
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with _usable(place, settings):
        own.bind(place)


def listen(own: socket.socket, settings: Settings) -> None:
    """From here on whoever connects is answered. Another process may have been quicker."""
    with _usable(own.getsockname()[:2], settings):
        own.listen()


@contextmanager
def _usable(place: tuple[str, int], settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        is_host = isinstance(error, socket.gaierror) or error.errno == EADDRNOTAVAIL
        where, at_fault = f"{place[0]}:{place[1]}", _setting_of(place, settings, is_host)
        raise SettingsError(f"{PREFIX}{at_fault}: cannot listen on {where}: {error.strerror}.") from None


def _setting_of(place: tuple[str, int], settings: Settings, is_host: bool) -> str:
    """Which one says to listen there."""
    if place == (settings.http_host, settings.http_port):
        return "HTTP_HOST" if is_host else "HTTP_PORT"
    return "CONSOLE_LISTEN" if settings.console_listen and place == place_of(settings.console_listen) \
        else "WEBHOOK_LISTEN"


async def _serve(settings: Settings, demo: bool, places: Mapping[socket.socket, list[str]]) -> None:
    app = await asyncio.to_thread(_built, settings, demo)
    if demo:
        from bot.demo import invent

        await invent(app)
    servers = [(Server(_config(site(app, demo, doors))), listening) for listening, doors in places.items()]

    def finish() -> None:
        for server, _ in servers:
            server.finish()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, finish)
    settle()
    try:
        async with running(app):
            for own in places:
                listen(own, settings)
            _greet(app, places, demo, await asyncio.to_thread(first_account, app))
            await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in servers))
    except TokenRefused as refused:
        title, place = TOKENS[refused.channel]
        raise SettingsError(f"{PREFIX}{refused.channel.upper()}_TOKEN: {title} does not know this token. Copy it again "
                            f"from {place}.") from None


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False, proxy_headers=True, server_header=False,
        timeout_graceful_shutdown=3,
    )


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
        app = build(settings, demo=demo, processes=processes)
    reader_for(app.receive.turns.knowledge.register, settings.draft_languages)  # before anybody writes
    return app


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """A server that leaves signals to us, so that channels and outbox are closed in order after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def finish(self) -> None:
        self.should_exit = True


def _greet(app: App, places: Mapping[socket.socket, list[str]], demo: bool, password: str | None) -> None:
    at = {door: _address(listening) for listening, doors in places.items() for door in doors}
    print(f"Web chat:  {app.settings.public_url or at['chat']}/")
    print(f"Console:   {app.settings.console_at or at['console']}/console")
    if password:
        print(f"First sign-in:  coordinator  {password}   (shown only now)")
        if not demo:
            print("Have a phone with an app for sign-in codes at hand: it is set up at the first sign-in.")
    for name, (title, _place) in TOKENS.items():
        off = f"off ({PREFIX}{name.upper()}_TOKEN is not set)"
        print(f"{title + ':':<11}" + ("on" if name in app.channels else off))
    if demo:
        print("Demo: invented people; the console has buttons that turn the clock.")
    print("Stop with Ctrl+C.", flush=True)
