"""Telegram's update -> what was written in the group. Pure, on the raw JSON, as everything else that comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.loose import Json, a_number, a_text, an_object
from bot.channels.telegram.compose import FILES
from bot.channels.telegram.media import media_in
from conversations.events import MediaKind

COMMAND = re.compile(r"/([a-z]+)(?:_([A-Za-z0-9_]+))?(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
LINK = "/link"
CAME_IN = ("member", "administrator")


@dataclass(frozen=True, slots=True)
class Written:
    """One message of somebody in the group, or a code that somebody wrote to the bot alone."""

    chat: int
    number: int
    thread: int | None
    """None: in no topic."""
    sender: int
    is_anonymous: bool
    text: str
    file: tuple[MediaKind, Mapping[str, Any]] | None
    """What came with it: a kind of media, and what is needed to fetch or use it."""
    can_be_sent: bool
    """Telegram takes that file again by its number."""
    edited: int | None
    """When it was changed."""
    answers: int | None
    """The message that it answers, where somebody wrote that."""
    answered_text: str
    answered_sender: int | None
    by_bot: bool
    """It was chosen from what the bot offers."""

    @property
    def command(self) -> tuple[str, str] | None:
        """Its name, and what stands behind it: "/close_advised well" is "close" and "advised well"."""
        found = COMMAND.fullmatch(self.text)
        return (found[1], f"{found[2] or ''} {found[3] or ''}".strip()) if found else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody looks for an answer that is given often."""

    id: str
    sender: int
    text: str


def chat_of(update: Json) -> Json:
    inner = next((an_object(value) for name, value in update.items() if name != "update_id"), {})
    return an_object(inner.get("chat"))


def is_link(update: Json) -> bool:
    """A code, written to the bot alone."""
    message = an_object(update.get("message"))
    return an_object(message.get("chat")).get("type") == "private" and (
        (a_text(message.get("text")) or "").partition(" ")[0] == LINK)


def written(update: Json) -> Written | None:
    message = an_object(update.get("message") or update.get("edited_message"))
    chat, sender = (a_number(an_object(message.get(one)).get("id")) for one in ("chat", "from"))
    number, media = a_number(message.get("message_id")), media_in(message)
    text = a_text(message.get("text")) or a_text(message.get("caption")) or ""
    if chat is None or number is None or sender is None or not (text or media):
        return None
    thread = a_number(message.get("message_thread_id")) if message.get("is_topic_message") else None
    answered = an_object(message.get("reply_to_message"))
    is_answer = "forum_topic_created" not in answered
    return Written(
        chat, number, thread, sender, "sender_chat" in message, text, media,
        media is not None and media[0] in FILES and media[0] in message and "file_id" in media[1],
        (a_number(message.get("edit_date")) or 0) if "edited_message" in update else None,
        a_number(answered.get("message_id")) if is_answer else None,
        a_text(answered.get("text")) or "", a_number(an_object(answered.get("from")).get("id")),
        "via_bot" in message,
    )


def wanted(update: Json) -> Wanted | None:
    query = an_object(update.get("inline_query"))
    number, sender = a_text(query.get("id")), a_number(an_object(query.get("from")).get("id"))
    return None if number is None or sender is None else Wanted(number, sender, a_text(query.get("query")) or "")


def moved_to(update: Json) -> int | None:
    """The number that the group has from now on."""
    return a_number(an_object(update.get("message")).get("migrate_to_chat_id"))


def came_in(update: Json) -> bool:
    """The bot was let into the group, or given rights there."""
    return an_object(an_object(update.get("my_chat_member")).get("new_chat_member")).get("status") in CAME_IN
