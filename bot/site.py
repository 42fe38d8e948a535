"""What can be reached over HTTP: the web chat, the console, webhooks and health, joined with the parts that run."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from bot.app import App
from bot.channels.base import HasLinks, TakesPosts
from bot.channels.web_chat import WebChat
from bot.clock import local_date
from bot.receive import plan_view, proposing
from bot.receive.staff import StaffDesk
from storage import contacts, steps
from storage.sealed import keys

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from bot.web.health import Health

DOORS = ("chat", "console", "webhooks", "health")
"""What can be reached over HTTP, together or each at an address of its own."""


def site(app: App, demo: bool = False, doors: Collection[str] = DOORS) -> FastAPI:
    """The web chat, the console, webhooks and health, or some of them, as one ASGI app."""
    from bot.web.app import web_app
    from bot.web.health import health_routes
    from bot.web.webhooks import webhook_routes

    made: dict[str, Callable[[], APIRouter]] = {
        "chat": lambda: _chat(app),
        "console": lambda: _console(app, demo),
        "webhooks": lambda: webhook_routes(one for one in app.channels.values() if isinstance(one, TakesPosts)),
        "health": lambda: health_routes(_health(app)),
    }
    return web_app([make() for name, make in made.items() if name in doors])


def _chat(app: App) -> APIRouter:
    from bot.web.arrivals import arrival_routes
    from bot.web.chat import chat_routes
    from bot.web.my_data import my_data_routes
    from bot.web.our_files import our_files_routes
    from bot.web.reader import ChatReader
    from bot.web.way_back import WayBack, way_back_routes

    web, translator = app.channels["web"], app.translator
    assert isinstance(web, WebChat)
    secure = app.settings.public_url.startswith("https:")
    secret = keys.push_secret(app.store.engine)
    chat = chat_routes(
        web, ChatReader(app.store), app.live, app.clock.now, translator.text, translator.names(), translator.closest,
        title=app.settings.centre_name, secure=secure, keep_file=app.fetch.bring, may_embed=app.settings.embed_origins,
        pushes=app.push is not None, secret=secret,
    )
    if app.push is not None:
        from bot.web.push import ChatPushes, chat_push_routes

        chat.include_router(chat_push_routes(ChatPushes(app.store, translator, app.clock.now, app.push)))
    chat.include_router(way_back_routes(
        WayBack(app.store, translator, app.clock.now, app.settings.time_zone, secure, secret)))
    chat.include_router(arrival_routes(app.store, app.clock.now))
    register = app.receive.turns.knowledge.register
    chat.include_router(our_files_routes(app.store, app.our_media))
    chat.include_router(my_data_routes(app.store, translator, register, app.clock.now, app.settings.centre_name,
                                       partial(_plan_sheet, app)))
    return chat


def _console(app: App, demo: bool) -> APIRouter:
    from bot.console import ConsoleParts, console_routes
    from bot.intake_page import intake_lines

    return console_routes(ConsoleParts(
        app.store, app.clock, app.live, StaffDesk(app.receive, app.turn_clock), app.settings,
        lambda raw, language: intake_lines(app.translator, raw, language), lambda: app.office.hours, app.translator,
        app.receive.turns.knowledge.register, demo=demo,
        coordinators_need_code=not demo, tell_fact=app.tell_fact, answer_facts=app.answer_facts,
        limits=app.receive.turns.limits,
        links=partial(_links, app),
        ask_about=partial(proposing.ask, app.receive), plan_sheet=partial(_plan_sheet, app),
        push=app.push,
    ))


def _links(app: App, code: str) -> list[tuple[str, str]]:
    """Where somebody can come by a link with this code. The web chat's address is our own."""
    public = [("Web", f"{app.settings.public_url.rstrip('/')}/?from={code}")] if app.settings.public_url else []
    others = [(one.title, one.link(code)) for one in app.channels.values() if isinstance(one, HasLinks)]
    return [*public, *((title, address) for title, address in others if address)]


def _plan_sheet(
    app: App, connection: Connection, contact_id: int, hidden: Collection[str] = ()
) -> dict[str, Any] | None:
    """A person's plan to print, without the steps that whoever prints it may not see; None where nobody is there."""
    who = contacts.load(connection, [contact_id]).get(contact_id)
    if who is None:
        return None
    found = [one for one in steps.all_of(connection, contact_id) if one.key not in hidden]
    today = local_date(app.clock.now(), app.settings.time_zone)
    return plan_view.sheet_for(app.receive.turns, who, found, contacts.last_channel(connection, contact_id), today)


def _health(app: App) -> Health:
    """Every part that can be asked. A platform that is down is told, but another process would fare no better."""
    from bot.web.health import Part, health_of

    async def database() -> Part:
        return Part.of(await app.ready())

    async def channels() -> Part:
        return Part.of(app.channel_troubles(), needed=False)

    async def outbox() -> Part:
        return Part.of(app.deliver.trouble())

    async def timers() -> Part:
        return Part.of(app.timers.trouble())

    checks = {"database": database, "channels": channels, "outbox": outbox, "timers": timers}
    return health_of(checks, app.figures, app.metrics, app.settings.metrics_token)
