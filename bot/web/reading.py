"""What the pages send: read, and refused where it is none; and how the service describes it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from bot.web.answers import LONGEST_TEXT, Refused

LONGEST_TAP = 64
WAY = re.compile(r"[A-Za-z0-9]{1,16}")
KEY = re.compile(r"[A-Za-z0-9-]{8,64}")


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def read_key(body: dict[str, Any]) -> str:
    key = body.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Refused(422, "bad_key")
    return key


def read_way(value: object) -> str:
    """The code of the link by which somebody came; what is none keeps nobody out."""
    return value if isinstance(value, str) and WAY.fullmatch(value) else ""


def read_text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused(422, "empty")
    text = value.replace("\0", "")
    if not text.strip():
        raise Refused(422, "empty")
    if len(text) > LONGEST_TEXT:
        raise Refused(413, "too_long")
    return text


def read_tap(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value or len(value.encode(errors="replace")) > LONGEST_TAP:
        raise Refused(422, "bad_tap")
    return value


def whole(value: str | None) -> int:
    """The id of a message; what is none counts as "from the beginning"."""
    return int(value) if value and re.fullmatch(r"[0-9]{1,18}", value) else 0


AFTER = {"parameters": [{"name": "after", "in": "query", "schema": {"type": "string"}}]}


FILE = {
    "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}}
                   for name in ("key", "as", "name", "album")],
    "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
}


def takes(*fields: str) -> dict[str, Any]:
    """A JSON body with these texts."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}
