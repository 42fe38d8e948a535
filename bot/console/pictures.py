"""Pictures that a counsellor sends with a reply: what the form holds of them, and why some are not taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from bot.media.kinds import type_of
from bot.receive.staff import Picture
from conversations.marking import Phrase

MOST = 10
"""What Telegram shows as one."""
LARGEST, LARGEST_IN_ALL = 5_000_000, 20_000_000
"""Bytes. The page makes photos smaller before it sends them."""
LARGEST_BODY = 40_000_000
"""What is larger is not even read."""
TAKEN = ("image/jpeg", "image/png")
"""What every channel shows."""


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    key: str
    sure: str
    pictures: tuple[Picture, ...] = ()
    trouble: str = ""
    """Why the pictures are not taken."""


async def read_reply(request: Request) -> Reply:
    """What the form holds. Read only once it is known who sends it."""
    async with request.form(max_files=MOST + 10, max_fields=20) as form:
        given = [one for one in form.getlist("pictures") if isinstance(one, UploadFile) and (one.filename or one.size)]
        trouble = _too_many(given)
        found = [] if trouble else [await one.read() for one in given]
        trouble = trouble or next(filter(None, (_unfit(number, one) for number, one in enumerate(found, 1))), "")
        pictures = () if trouble else tuple(Picture(type_of(one), one) for one in found)
        return Reply(_field(form, "text"), _field(form, "key"), _field(form, "sure"), pictures, trouble)


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _too_many(given: list[UploadFile]) -> str:
    if len(given) > MOST:
        return Phrase("{number} pictures are too many: {most} go at once. Nothing was sent.", number=len(given),
                      most=MOST)
    size = sum(one.size or 0 for one in given)
    if size > LARGEST_IN_ALL:
        return Phrase("The pictures have {size} MB; together {most} MB go at once. Nothing was sent.",
                      size=_megabytes(size), most=_megabytes(LARGEST_IN_ALL))
    return ""


def _unfit(number: int, content: bytes) -> str:
    if type_of(content) not in TAKEN:
        return Phrase("Picture {number} is no photo that every phone shows: take JPEG or PNG. Nothing was sent.",
                      number=number)
    if len(content) > LARGEST:
        return Phrase("Picture {number} has {size} MB; one may have {most}. Nothing was sent.", number=number,
                      size=_megabytes(len(content)), most=_megabytes(LARGEST))
    return ""


def _megabytes(size: int) -> int:
    return -(-size // 1_000_000)


AS_FORM: Mapping[str, Any] = {"requestBody": {"content": {"multipart/form-data": {"schema": {
    "type": "object", "properties": {
        "text": {"type": "string"}, "key": {"type": "string"}, "sure": {"type": "string"},
        "pictures": {"type": "array", "items": {"type": "string", "format": "binary"}}}}}}}}
"""As the service describes itself."""
