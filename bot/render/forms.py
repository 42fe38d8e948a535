"""A fact in other forms: in large letters on a page to print, and read aloud. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.channels.base import Button, OutgoingMedium, OutgoingMessage
from bot.render.base import Knowledge, Reader, base_of
from bot.render.sheet import BACK, FROM, PAPERS, PLACE
from bot.translate import Translator
from conversations.marking import mark as _
from conversations.register import Fact

LARGE, LISTEN = _("In large letters"), _("Listen")
LARGE_MESSAGE = _("Here it is in large letters, also to print.")
LISTEN_MESSAGE = _("Here it is to listen to.")
KIND, SPOKEN = "fact_sheet", "spoken"
"""What makes the page, and what reads aloud."""
PAPER, VOICE = "paper", "listen"
"""What the buttons and the words for it wish."""
FILES = {PAPER: "card.pdf", VOICE: "card.ogg"}


def buttons(fact: Fact, reader: Reader, translator: Translator) -> Iterator[Button]:
    """Under the card, where the channel has files."""
    if reader.limits.media in ("upload", "page"):
        yield Button(translator.text(reader.language, LARGE), f"!{PAPER}:{fact.id}", "move")
        if reader.listens:
            yield Button(translator.text(reader.language, LISTEN), f"!{VOICE}:{fact.id}", "move")


def spoken(card: OutgoingMessage, reader: Reader, translator: Translator) -> OutgoingMessage:
    """`card`: as it was told; the voice reads Latin letters."""
    made_of = {"what": SPOKEN, "language": reader.language, "text": card.text}
    medium = OutgoingMedium("voice", "audio/ogg", FILES[VOICE], made_of)
    return OutgoingMessage(translator.text(reader.language, LISTEN_MESSAGE), medium=medium)


def printed(
    fact: Fact, card: OutgoingMessage, reader: Reader, translator: Translator, knowledge: Knowledge,
    centre: Sequence[str], door: str,
) -> OutgoingMessage:
    def say(text: str) -> str:
        return translator.text(reader.language, text)

    def in_script(text: str) -> str:
        return translator[reader.language].in_script(text)

    partner = knowledge.register.partners.get(fact.partner or "")
    name = in_script(translator.pick(reader.language, partner.name)) if partner else None
    where = [name, partner.address, partner.phone] if partner else []
    rows = [(say(PLACE), "\n".join(one for one in where if one)), (say(FROM), "\n".join(one for one in centre if one))]
    title, *parts = card.text.split("\n\n")
    made_of: dict[str, Any] = {
        "what": KIND, "language": reader.language.replace("_", "-"), "day": reader.today.isoformat(), "title": title,
        "text": parts[0] if parts else "", "bring": say(PAPERS), "source": parts[-1] if len(parts) > 1 else "",
        "papers": [in_script(one) for one in translator.pick(reader.language, fact.papers) or ()],
        "rows": [(label, value) for label, value in rows if value], "door": door, "back": say(BACK) if door else "",
    }
    medium = OutgoingMedium("document", "application/pdf", FILES[PAPER], made_of)
    return OutgoingMessage(say(LARGE_MESSAGE), medium=medium)


def plain(reader: Reader) -> Reader:
    """Who reads the card itself: without these buttons, in the letters of the language's folder."""
    return replace(reader, listens=False, language=base_of(reader.language))
