"""Invented people, so that a visitor sees a chat, a queue and a check-in at once. Nobody here exists."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.app import App
from conversations.events import Message, Started, Tap
from storage import contacts

CHANNEL = "web"
PEOPLE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("demo-arta", "sq", (
        "shqip", "1", "1", "Arta (shembull)", "1", "mars 2026", "Gjermani", "Baden-Württemberg", "3 vjet", "1",
        "2015", "Ferizaj", "1", "2", "po", "1", "1", "2",
    )),
    ("demo-milan", "sr", (
        "srpski", "1", "1", "Milan (primer)", "1", "oktobar 2026", "Nemačka", "Bayern", "18 meseci", "2", "2019",
        "Gračanica", "3", "2", "da", "1", "3", "Moja deca još nemaju papire za školu.",
    )),
    ("demo-lena", "de", (
        "Deutsch", "1", "1", "Lena (Beispiel)", "1", "September 2026", "Deutschland", "Nordrhein-Westfalen", "8 Jahre",
        "1", "2016", "Peja", "2", "2", "ja", "Mensch", "Ich habe eine Frage zu meiner Anerkennung als Pflegerin.",
    )),
    ("demo-besa", "sq", ("shqip", "1", "1", "Besa (shembull)", "!danger", "Më duhet të flas me dikë.")),
)
"""An address, the language of the app, and what each invented person says; `!` is a tap."""


async def invent(app: App) -> None:
    """Let the invented people write, once in the life of a database."""
    known = await app.store.read(lambda connection: contacts.who(connection, CHANNEL, PEOPLE[0][0]))
    if known is not None:
        return
    for address, language, lines in PEOPLE:
        await _talk(app, address, language, lines)
    await app.store.write(partial(contacts.mark_invented, addresses=[one for one, _, _ in PEOPLE]))


async def _talk(app: App, address: str, language: str, lines: tuple[str, ...]) -> None:
    now = app.clock.now() - timedelta(minutes=len(lines))
    await app.receive.handle([Started(channel=CHANNEL, address=address, key=f"{address}-start", at=now,
                                      language=language)])
    for number, line in enumerate(lines):
        key = f"{address}-{number}"
        if line.startswith("!"):
            await app.receive.handle([Tap(channel=CHANNEL, address=address, key=key, at=now, data=line)])
        else:
            await app.receive.handle([Message(channel=CHANNEL, address=address, key=key, at=now, text=line)])

