"""The register of facts as a file: written, and brought back, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.clock import local_date
from bot.commands.database import made_ready, usable_database
from bot.settings import Settings
from bot.translate import Translator
from conversations.checks import check_register
from conversations.register import Register, seed
from conversations.register_file import BadFile, from_toml, to_toml
from storage import facts
from storage.database import engine_for


def export(settings: Settings, path: Path) -> str:
    with _opened(settings) as connection:
        register = facts.load(connection, seed())
    path.write_text(to_toml(register.facts.values()), encoding="utf-8")
    return f"{len(register.facts)} facts are in {path}."


def bring(settings: Settings, path: Path, now: datetime) -> str:
    """Keep what is new or different. Raises BadFile with everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise BadFile(f"{path} cannot be read ({type(why).__name__}). It must be a text file in UTF-8.") from None
    new = from_toml(text)
    languages = [code for code, one in Translator().languages.items() if not one.cyrillic]
    with _opened(settings) as connection:
        register = facts.load(connection, seed())
        read = Register({one.id: one for one in new}, register.partners)
        if faults := check_register(read, languages, local_date(now, settings.time_zone)):
            raise BadFile("\n".join(f"{one.step}: {one.says}" for one in faults))
        count = facts.bring(connection, new, register, None, now)
    return (f"{count} of {len(new)} facts were new or different, and are kept. "
            "A service that is running reads them at its next start.")


@contextmanager
def _opened(settings: Settings) -> Iterator[Connection]:
    """One transaction on a database that has its facts."""
    with usable_database(), engine_for(settings.database, settings.keys) as engine:
        made_ready(engine)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            facts.seed(connection, seed())
            yield connection
