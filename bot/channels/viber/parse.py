"""Viber's callback -> what came in. On the raw JSON, as if anything might stand anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypedDict

from bot.channels.base import Fate
from bot.channels.loose import Json, a_coordinate, a_number, a_text, an_object, known
from bot.channels.viber.compose import TAP
from conversations.events import FromPerson, Media, MediaKind, Message, Started, Stopped, Tap

CHANNEL = "viber"
BEGIN = "!start"
"""The button of the welcome."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody has opened the chat for the first time: only the answer to this can reach them."""

    language: str | None
    context: str
    """Of a link that they came by."""


Found: TypeAlias = FromPerson | Fate | Opened


def parse(update: object, at: datetime) -> Found | None:
    """An unknown shape gives nothing. Never raises."""
    given = an_object(update)
    read = _READERS.get(a_text(given.get("event")) or "")
    token = _token(given)
    return read(given, token, at) if read is not None and token else None


def _token(given: Json) -> str:
    """Viber's number for it, the same for a second copy; it has been seen as a text too."""
    token = given.get("message_token")
    number = a_number(token)
    return str(number) if number is not None else a_text(token) or ""


class _Who(TypedDict):
    channel: str
    address: str
    key: str
    at: datetime
    language: str | None
    external_id: str | None


def _who(person: Json, key: str, at: datetime) -> _Who | None:
    address = a_text(person.get("id"))
    if address is None or len(address) > 128:
        return None
    return {"channel": CHANNEL, "address": address, "key": key, "at": at, "language": a_text(person.get("language")),
            "external_id": None}


# ------------------------------------------------------------------ what people do


def _message(given: Json, token: str, at: datetime) -> FromPerson | None:
    who, message = _who(an_object(given.get("sender")), token, at), an_object(given.get("message"))
    if who is None:
        return None
    text, kind = a_text(message.get("text")) or "", a_text(message.get("type")) or ""
    if kind == "text":
        return _words(text, a_text(message.get("tracking_data")) or "", who)
    if kind == "url":
        return Message(**who, text=a_text(message.get("media")) or text)
    read = _KINDS.get(kind)
    return Media(**who, kind=read[0], text=text, data=known(read[1](message))) if read is not None else None


def _words(text: str, tracked: str, who: _Who) -> FromPerson | None:
    if text == TAP + BEGIN:
        return Started(**who, payload=tracked)
    if text.startswith(TAP):
        return Tap(**who, data=text.removeprefix(TAP))
    return Message(**who, text=text) if text else None


def _file(message: Json) -> dict[str, Any]:
    return {"url": a_text(message.get("media")), "size": a_number(message.get("size") or message.get("file_size")),
            "name": a_text(message.get("file_name")), "seconds": a_number(message.get("duration"))}


def _place(message: Json) -> dict[str, Any]:
    point = an_object(message.get("location"))
    return {"latitude": a_coordinate(point.get("lat")), "longitude": a_coordinate(point.get("lon"))}


def _card(message: Json) -> dict[str, Any]:
    card = an_object(message.get("contact"))
    return {"name": a_text(card.get("name")), "phone": a_text(card.get("phone_number"))}


_KINDS: dict[str, tuple[MediaKind, Callable[[Json], dict[str, Any]]]] = {
    "picture": ("photo", _file),
    "video": ("video", _file),
    "file": ("document", _file),
    "sticker": ("sticker", _file),
    "location": ("location", _place),
    "contact": ("contact", _card),
}


def _opened(given: Json, token: str, at: datetime) -> Opened | Started | None:
    """Who has subscribed before can be written to like everybody."""
    person, context = an_object(given.get("user")), a_text(given.get("context")) or ""
    who = _who(person, token, at)
    if who is None:
        return None
    return Started(**who, payload=context) if given.get("subscribed") is True else Opened(who["language"], context)


def _subscribed(given: Json, token: str, at: datetime) -> Started | None:
    who = _who(an_object(given.get("user")), token, at)
    return Started(**who) if who is not None else None


def _unsubscribed(given: Json, token: str, at: datetime) -> Stopped | None:
    who = _who({"id": given.get("user_id")}, token, at)
    return Stopped(**who) if who is not None else None


# ------------------------------------------------------------------ what became of our messages


def _fate(state: Literal["delivered", "seen", "failed"]) -> Callable[[Json, str, datetime], Fate]:
    def read(given: Json, token: str, at: datetime) -> Fate:
        return Fate(CHANNEL, token, state, (a_text(given.get("desc")) or "")[:200])

    return read


_READERS: dict[str, Callable[[Json, str, datetime], Found | None]] = {
    "message": _message, "conversation_started": _opened, "subscribed": _subscribed, "unsubscribed": _unsubscribed,
    "delivered": _fate("delivered"), "seen": _fate("seen"), "failed": _fate("failed"),
}


def kind_of(update: object) -> str:
    """What kind of callback it is, without anything that a person wrote: "message:sticker"."""
    given = an_object(update)
    kinds = (a_text(given.get("event")) or "empty", a_text(an_object(given.get("message")).get("type")))
    return ":".join(one for one in kinds if one)


def sender_in(update: Json) -> str:
    """Whose post this is, as far as it can be told."""
    for place in ("sender", "user"):
        if address := a_text(an_object(update.get(place)).get("id")):
            return address
    return ""
