"""The service in the foreground."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
import uvloop

from bot.app import App, build, running, site
from bot.settings import PREFIX, Settings, SettingsError


def serve(settings: Settings, demo: bool) -> None:
    """Run until a signal. Raises SettingsError where the address cannot be used."""
    listening = _listen(settings)
    with listening:
        uvloop.run(_serve(settings, demo, listening))


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.http_host, settings.http_port))
    except OSError as error:
        listening.close()
        where = f"{settings.http_host}:{settings.http_port}"
        raise SettingsError(f"{PREFIX}HTTP_PORT: cannot listen on {where}: {error.strerror}. "
                            "Choose another port.") from None
    return listening


async def _serve(settings: Settings, demo: bool, listening: socket.socket) -> None:
    app = await asyncio.to_thread(build, settings, demo=demo)
    if demo:
        from bot.demo import invent

        await invent(app)
    server = uvicorn.Server(uvicorn.Config(
        site(app, demo), log_level="warning", access_log=False, proxy_headers=True, timeout_graceful_shutdown=5,
    ))
    async with running(app):
        _greet(app, listening, demo)
        await server.serve(sockets=[listening])


def _greet(app: App, listening: socket.socket, demo: bool) -> None:
    host, port = listening.getsockname()[:2]
    base = app.settings.public_url or f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"
    print(f"Web chat:  {base}/")
    print(f"Console:   {base}/console")
    if app.first_password:
        print(f"First sign-in:  coordinator  {app.first_password}   (shown only now)")
    print("Telegram:  on" if "telegram" in app.channels else f"Telegram:  off ({PREFIX}TELEGRAM_TOKEN is not set)")
    if demo:
        print("Demo: invented people; the console has buttons that turn the clock.")
    print("Stop with Ctrl+C.", flush=True)
