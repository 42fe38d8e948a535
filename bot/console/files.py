"""What a person sent, as a file: shown in the chat, or to be stored. Nothing in it can act on our pages."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.parts import ConsoleParts
from bot.console.tongue import spoken
from bot.media.kinds import SHOWN_AS, file_name
from storage import audit, media
from storage.media import File

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "bytes",
}
RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


class Files:
    def __init__(self, parts: ConsoleParts) -> None:
        self.parts = parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/files/{message_id}", self.file, methods=["GET"])

    async def file(self, me: Me, message_id: Number, request: Request) -> Response:
        """Whole, or the part of it that a player asks for."""
        found = await self.parts.store.read(lambda connection: media.load(connection, message_id))
        if found is None:
            return Response(spoken("This file is not kept (any more)."), 404, media_type="text/plain")
        now = self.parts.clock.now()
        await self.parts.store.write(lambda connection: audit.note_reading(
            connection, me.id, "see_file", found.contact_id, now, message=message_id))
        return _answer(found, message_id, request.headers.get("range", ""))


def _answer(file: File, message_id: int, wanted: str) -> Response:
    headers = {**HEADERS, "Content-Disposition": f'{_shown(file.type)}; filename="{file_name(message_id, file.type)}"'}
    part = _range(wanted, len(file.content))
    if part is None:
        return Response(file.content, media_type=file.type, headers=headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{len(file.content)}"
    return Response(file.content[first : last + 1], 206, media_type=file.type, headers=headers)


def _shown(kind: str) -> str:
    """A page shows pictures and plays sound and film, also of what is attached; opened by itself only what is safe."""
    return "inline" if SHOWN_AS.get(kind) in ("image", "sound") else "attachment"


def _range(wanted: str, size: int) -> tuple[int, int] | None:
    """First and last byte of one range that there is; of anything else the whole is given, which is allowed."""
    found = RANGE.fullmatch(wanted.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        first, last = max(0, size - int(found[2])), size - 1
    else:
        first, last = int(found[1]), min(int(found[2]) if found[2] else size - 1, size - 1)
    return (first, last) if first <= last else None
