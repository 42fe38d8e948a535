"""Telegram's update -> what came in. On the raw JSON: building Update objects costs more than all of this."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias, TypedDict

from bot.channels.loose import Json, a_number, a_text, an_object
from bot.channels.telegram.media import media_in
from conversations.events import FromPerson, Media, Message, Started, Stopped, Tap

CHANNEL = "telegram"
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that are asked for."""

_START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<payload>.*))?", re.DOTALL)


def parse(update: object, at: datetime) -> list[FromPerson]:
    """An unknown shape, and what is not from a private chat, gives nothing. Never raises."""
    given = an_object(update)
    number = a_number(given.get("update_id"))
    kind = next((kind for kind in _READERS if kind in given), None)
    if number is None or kind is None:
        return []
    event = _READERS[kind](an_object(given[kind]), str(number), at)
    return [] if event is None else [event]


class _Who(TypedDict):
    channel: str
    address: str
    key: str
    at: datetime
    language: str | None
    reply_to: str | None
    external_id: str | None


def _who(
    chat: Json, person: Json, key: str, at: datetime, reply_to: object = None, message_id: object = None
) -> _Who | None:
    address = a_number(chat.get("id"))
    if address is None or chat.get("type") != "private":
        return None
    answered, own = a_number(reply_to), a_number(message_id)
    return {
        "channel": CHANNEL,
        "address": str(address),
        "key": key,
        "at": at,
        "language": a_text(person.get("language_code")),
        "reply_to": None if answered is None else str(answered),
        "external_id": None if own is None else str(own),
    }


def _message(message: Json, key: str, at: datetime) -> FromPerson | None:
    chat, person = an_object(message.get("chat")), an_object(message.get("from"))
    answered = an_object(message.get("reply_to_message")).get("message_id")
    who = _who(chat, person, key, at, answered, message.get("message_id"))
    if who is None:
        return None
    text = a_text(message.get("text"))
    return _media(message, who) if text is None else _words(text, who)


def _edited(message: Json, key: str, at: datetime) -> FromPerson | None:
    """Changed words are looked at like new ones. A changed command is none, nor a place that moves by itself."""
    event = _message(message, key, at)
    return replace(event, edited=True) if isinstance(event, Message | Media) and event.text else None


def _words(text: str, who: _Who) -> Message | Started:
    start = _START.fullmatch(text)
    if start is None:
        return Message(**who, text=text)
    return Started(**who, payload=(start["payload"] or "").strip())


def _media(message: Json, who: _Who) -> Media | None:
    found = media_in(message)
    if found is None:
        return None
    kind, data = found
    return Media(**who, kind=kind, text=a_text(message.get("caption")) or "", data=data)


def _tap(query: Json, key: str, at: datetime) -> Tap | None:
    """Of a message that is too old only chat and id are left, or nothing; the tap still counts."""
    data = a_text(query.get("data"))
    if data is None or "inline_message_id" in query:
        return None
    person, message = an_object(query.get("from")), an_object(query.get("message"))
    chat = an_object(message.get("chat", {"id": person.get("id"), "type": "private"}))
    who = _who(chat, person, key, at, message.get("message_id"))
    return None if who is None else Tap(**who, data=data)


def _membership(change: Json, key: str, at: datetime) -> Started | Stopped | None:
    who = _who(an_object(change.get("chat")), an_object(change.get("from")), key, at)
    status = an_object(change.get("new_chat_member")).get("status")
    if who is None:
        return None
    if status in ("kicked", "left"):
        return Stopped(**who)
    return Started(**who) if status == "member" else None


_Reader: TypeAlias = Callable[[Json, str, datetime], FromPerson | None]
_READERS: dict[str, _Reader] = {
    "message": _message, "edited_message": _edited, "callback_query": _tap, "my_chat_member": _membership,
}


def kind_of(update: object) -> str:
    """What kind of update it is, without anything that a person wrote: "message:group:text"."""
    given = an_object(update)
    name = next((key for key in given if key != "update_id"), "empty")
    inner = an_object(given.get(name))
    chat = inner.get("chat") or an_object(inner.get("message")).get("chat")
    content = next((key for key in inner if key not in _AROUND), None)
    return ":".join(part for part in (name, a_text(an_object(chat).get("type")), content) if part)


_AROUND = frozenset(
    {"message_id", "from", "sender_chat", "chat", "date", "edit_date", "chat_instance", "id", "message"}
    | {"via_bot", "reply_to_message", "old_chat_member", "forward_origin", "entities", "caption_entities"}
)
"""What stands around the content of a message."""
