"""A photo, a place, a card: what kind it is, and what is needed to fetch or use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.channels.loose import Json, a_coordinate, a_number, a_text, an_object, known
from conversations.events import MediaKind


def media_in(message: Json) -> tuple[MediaKind, dict[str, Any]] | None:
    field = next((field for field in _KINDS if message.get(field)), None)
    if field is None:
        return None
    kind, read = _KINDS[field]
    return kind, known({**read(message[field]), "album": a_text(message.get("media_group_id"))})


def _file(value: object) -> dict[str, Any]:
    file = an_object(value)
    return {
        "file_id": a_text(file.get("file_id")),
        "size": a_number(file.get("file_size")),
        "mime": a_text(file.get("mime_type")),
        "name": a_text(file.get("file_name")),
        "seconds": a_number(file.get("duration")),
        "emoji": a_text(file.get("emoji")),
    }


def _photo(value: object) -> dict[str, Any]:
    """A photo comes in several sizes, the largest last."""
    return _file(value[-1]) if isinstance(value, list) else {}


def _place(value: object) -> dict[str, Any]:
    """A location, or a venue, which has a location in it."""
    place = an_object(value)
    point = an_object(place.get("location", place))
    return {
        "latitude": a_coordinate(point.get("latitude")),
        "longitude": a_coordinate(point.get("longitude")),
        "title": a_text(place.get("title")),
        "address": a_text(place.get("address")),
    }


def _card(value: object) -> dict[str, Any]:
    card = an_object(value)
    names = filter(None, (a_text(card.get("first_name")), a_text(card.get("last_name"))))
    return {"phone": a_text(card.get("phone_number")), "name": a_text(" ".join(names))}


def _nothing(value: object) -> dict[str, Any]:
    return {}


# An animation comes with a document too, and a venue with a location: the first that is there counts.
_KINDS: dict[str, tuple[MediaKind, Callable[[object], dict[str, Any]]]] = {
    "photo": ("photo", _photo),
    "voice": ("voice", _file),
    "audio": ("audio", _file),
    "video": ("video", _file),
    "video_note": ("video", _file),
    "animation": ("video", _file),
    "document": ("document", _file),
    "sticker": ("sticker", _file),
    "venue": ("location", _place),
    "location": ("location", _place),
    "contact": ("contact", _card),
    "poll": ("other", _nothing),
    "dice": ("other", _nothing),
    "story": ("other", _nothing),
    "game": ("other", _nothing),
    "paid_media": ("other", _nothing),
    "checklist": ("other", _nothing),
}
