"""What the bot makes of a text, with the facts that this installation tells: a question is found by their words."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings
from conversations.register import Register, seed
from storage import facts, schema
from storage.database import engine_for


def register_of(settings: Settings) -> tuple[Register, str]:
    """The facts as the database has them, or those of the seed where there is none yet; and which of both. Nothing is
    made or changed: this also runs where no service has begun."""
    url = make_url(settings.database)
    if url.drivername == "sqlite" and not Path(url.database or "").exists():
        return _of_the_seed("there is no database yet")
    with engine_for(settings.database, settings.keys) as engine:
        try:
            if schema.current(engine) is None:
                return _of_the_seed("the database is empty")
            with engine.connect() as connection:
                found = facts.load(connection, seed())
        except DBAPIError as error:
            return _of_the_seed(f"the database cannot be read, {type(error.orig).__name__}")
    if not found.facts:
        return _of_the_seed("the database has no facts yet")
    return found, f"With the {len(found.facts)} facts of the database."


def _of_the_seed(why: str) -> tuple[Register, str]:
    register = seed()
    return register, f"With the {len(register.facts)} facts of the seed: {why}."
