"""What a person sends through the web chat beside words: photos, voice, papers, and where they are.

A file comes right behind its message, in one request, and is answered once both are kept. The page sends again what was
not answered, with the same key: neither the message nor the file is there twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from fastapi import Request

from bot.media.fetch import LARGEST
from bot.media.kinds import SHOWN_AS, type_of
from bot.safely import clean
from conversations.events import MediaKind
from storage.media import Fate

KeepFile: TypeAlias = Callable[[str, str, bytes], Awaitable[Fate | None]]
"""(channel, key as it is stored, content) -> what became of it; None where no message of this key waits for a file."""
ALBUM = re.compile(r"[a-f0-9]{8,32}")
"""What a page calls all the files that were chosen at once."""
LONGEST_NAME = 100
AT_ONCE = 4
"""Files that are taken at the same time, of everybody: each is in memory until it is kept."""
LONGEST_FILE = LARGEST + 1
"""In bytes: one more than is kept, so that the page is told why."""
_SHOWN: dict[str, MediaKind] = {"image": "photo", "sound": "audio", "film": "video"}


class Uploads:
    def __init__(self, keep: KeepFile) -> None:
        self.keep = keep
        self.room = asyncio.Semaphore(AT_ONCE)


async def read_file(request: Request) -> bytes | None:
    """The body; None where it is larger than what we keep."""
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            return None
        parts.append(chunk)
    return b"".join(parts)


def kind_of(content: bytes, sent_as: str) -> MediaKind:
    """By its content; what a page recorded as voice may lie in a container that could also hold a film."""
    shown = SHOWN_AS.get(type_of(content), "")
    if sent_as == "voice" and shown in ("sound", "film"):
        return "voice"
    return _SHOWN.get(shown, "document")


def described(name: str, content: bytes, album: str = "") -> dict[str, Any]:
    """What is kept beside a file."""
    found = {"name": clean(name)[:LONGEST_NAME] or None, "size": len(content)}
    return found | ({"album": album} if ALBUM.fullmatch(album) else {})


def read_place(value: object) -> dict[str, float] | None:
    """Latitude and longitude in degrees, or None where it is no place on earth."""
    if not isinstance(value, dict):
        return None
    found = value.get("latitude"), value.get("longitude")
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in found):
        return None
    latitude, longitude = float(value["latitude"]), float(value["longitude"])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return {"latitude": latitude, "longitude": longitude}
