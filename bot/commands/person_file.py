"""Everything about one person as a file, where the bot has no address at which they could fetch it themselves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.commands.database import usable_database
from bot.person_file import load
from bot.settings import Settings
from bot.translate import Translator
from bot.web.my_data import written
from conversations.register import seed
from storage.database import engine_for


def write(settings: Settings, contact_id: int, path: Path, now: datetime) -> bool:
    """False where there is no such person. Readable by nobody else on this machine."""
    with usable_database(), engine_for(settings.database, settings.keys) as engine, engine.connect() as connection:
        found = load(connection, contact_id, now)
    if found is None:
        return False
    translator = Translator(default=settings.default_language, waiting=settings.draft_languages)
    page = written(found, translator, seed(), settings.centre_name)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(found.as_json() if path.suffix == ".json" else page.encode())
    return True
