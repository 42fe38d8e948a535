"""The team from the command line: somebody new, and who has lost password or phone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

import click
from sqlalchemy import Connection

from bot.clock import Clock
from bot.commands.database import made_ready, usable_database
from bot.settings import PREFIX, Settings, place_of
from storage import audit, passes, sessions, staff
from storage.database import engine_for

T = TypeVar("T")
ANYWHERE = ("0.0.0.0", "::")


def add(settings: Settings, login: str, name: str, coordinator: bool, password: str,
        areas: Collection[str] = ()) -> str:
    """What to tell, or ValueError with the sentence of why not."""
    if unknown := [one for one in areas if one not in staff.AREAS]:
        raise ValueError(f"There is no area {unknown[0]}. There are: {', '.join(staff.AREAS)}.")
    base = console_address(settings)
    if not password and not base:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    role, now = "coordinator" if coordinator else "counsellor", Clock().now()

    def work(connection: Connection) -> str:
        new = staff.add_counsellor(connection, login, name, role, password or None, now,
                                   areas or staff.OPEN_AREAS)
        audit.note(connection, None, "add_counsellor", None, now, counsellor=new)
        return "" if password else passes.give(connection, new, "link", now)

    token = _changed(settings, work)
    who = f"{name} can sign in as {staff.folded(login)}"
    return f"{who}, with the password that they choose here:\n{_told(base, token)}" if token else f"{who}."


def link(settings: Settings, login: str, new_phone: bool) -> str:
    """The same for the way back in."""
    base, now = console_address(settings), Clock().now()
    if not base:
        raise ValueError(f"A link leads nowhere without {PREFIX}PUBLIC_URL, or a fixed {PREFIX}HTTP_PORT.")

    def work(connection: Connection) -> str:
        who = staff.find_counsellor(connection, login)
        if who is None:
            raise ValueError(f'Nobody in the team signs in as "{login}".')
        if new_phone:
            staff.set_code_secret(connection, who.id, None, None)
            passes.take_all(connection, who.id, "code", "setup", "recovery")
            sessions.end_sessions_of(connection, who.id)
            audit.note(connection, None, "take_code_away", None, now, counsellor=who.id)
        audit.note(connection, None, "make_link", None, now, counsellor=who.id)
        return passes.give(connection, who.id, "link", now)

    return _told(base, _changed(settings, work))


def console_address(settings: Settings) -> str:
    """Where the console is, as far as the settings say; empty where the port is left to the system."""
    if settings.console_at:
        return settings.console_at
    listen = settings.console_listen
    host, port = place_of(listen) if listen else (settings.http_host, settings.http_port)
    return f"http://{'127.0.0.1' if host in ANYWHERE else host}:{port}" if port else ""


def _changed(settings: Settings, work: Callable[[Connection], T]) -> T:
    with engine_for(settings.database, settings.keys) as engine:
        with usable_database():
            made_ready(engine)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            return work(connection)


def _told(base: str, token: str) -> str:
    days = passes.LASTS["link"].days
    return f"{passes.link(base, token)}\nThe link works once, within {days} days. Give it only to them."
