"""Answers that are given often, for who types the bot's name in the group."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.cards import PLACE
from bot.settings import Settings
from conversations.marking import mark_for_desk as _d
from storage import canned, desk
from storage.desk import DeskError
from storage.staff import CounsellorView
from storage.store import Store

MOST = 50
"""So many results one answer takes (https://core.telegram.org/bots/api#answerinlinequery)."""
PERSON = "name"
"""The one place that only the chat fills."""


@dataclass(frozen=True, slots=True)
class Offers:
    store: Store
    settings: Settings

    async def find(self, me: CounsellorView, wanted: str) -> list[dict[str, Any]]:
        """Results for an inline query: one for each language in which there is a text."""
        everything, words = await self.store.read(canned.everything), wanted.casefold().split()
        found = []
        for one in everything:
            for language, text in one.texts.items():
                filled = self._filled(text, me)
                if all(_stands(word, language, f"{one.name} {text}".casefold(), one.texts) for word in words):
                    found.append({"type": "article", "id": f"{one.id}-{language}",
                                  "title": f"{one.name} ({language})", "description": filled,
                                  "input_message_content": {"message_text": filled}})
        return found[:MOST]

    def _filled(self, text: str, me: CounsellorView) -> str:
        settings = self.settings
        known = {"counsellor": me.name, "centre": settings.centre_name, "phone": settings.centre_phone,
                 "address": settings.centre_address}
        return PLACE.sub(lambda place: known.get(place[1], place[0]), text)

    async def filled(self, text: str, ticket_id: int) -> str:
        """With the name of the person whose chat it is."""
        if f"{{{PERSON}}}" not in text:
            return text

        def name(connection: Connection) -> str:
            ticket = desk.ticket(connection, ticket_id)
            if ticket is None:
                raise DeskError(_d("This chat does not exist any more."))
            return ticket.name if ticket.name != desk.name_of(ticket.contact_id, None) else ""

        found = await self.store.read(name)
        return text.replace(f"{{{PERSON}}}", found)


def _stands(word: str, language: str, text: str, languages: Collection[str]) -> bool:
    """Whether somebody who typed this can mean the text: "de" is a language, and no part of a word."""
    return word == language if word in languages else word in text
