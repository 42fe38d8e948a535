"""The counsellors' console: server-made pages under /console."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from bot.console.actions import Actions
from bot.console.auth import Auth
from bot.console.guard import HOME
from bot.console.live import Events
from bot.console.look import Look
from bot.console.pages import Pages, static_routes
from bot.console.parts import ConsoleParts, Desk

__all__ = ["ConsoleParts", "Desk", "console_routes"]


def console_routes(parts: ConsoleParts) -> APIRouter:
    """All of the console, to be included as it is: its paths begin with /console."""
    look = Look(parts.settings, parts.clock, parts.demo)
    auth = Auth(parts, look)
    pages = Pages(parts, look)
    router = APIRouter()
    router.include_router(auth.routes(), prefix=HOME)
    router.include_router(static_routes(), prefix=HOME)
    for part in (pages, Actions(parts, pages), Events(parts)):
        router.include_router(part.routes(), prefix=HOME, dependencies=[Depends(auth.require)])
    return router
