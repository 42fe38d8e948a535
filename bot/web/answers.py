"""What the web chat's routes answer, and how they read what a page sends."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

from bot.origin import from_this_site

PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
LONGEST_TEXT = 10_000
LONGEST_BODY = 12 * LONGEST_TEXT + 1000
"""In bytes: JSON may spell one character in twelve."""


class Refused(Exception):
    """The page sent what cannot be taken. The word tells the page why."""

    def __init__(self, status: int, error: str, again_after: int = 0) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.again_after = again_after
        """Seconds, where the same may be sent again."""


async def read_body(request: Request) -> dict[str, Any]:
    if not from_this_site(request):
        raise Refused(403, "other_site")
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LONGEST_BODY:
            raise Refused(413, "too_long")
    return parse_object(raw)


def parse_object(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(400, "bad_json") from None
    if not isinstance(body, dict):
        raise Refused(400, "bad_json")
    return body


def answer(content: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, headers=PRIVATE, media_type="application/json")


def refusal(why: Refused) -> Response:
    response = answer({"error": why.error}, why.status)
    if why.again_after:
        response.headers["Retry-After"] = str(why.again_after)
    return response
