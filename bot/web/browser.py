"""Which chat a browser has: it keeps a token in a cookie, and the address of the chat follows from it."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta

from fastapi import Request
from starlette.responses import Response

from bot.web.answers import Refused

COOKIE = "chat"
YEAR = timedelta(days=365)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    return secrets.token_urlsafe(32)


def address_of(token: str) -> str:
    """The address on this channel; the cookie's token itself is stored nowhere."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


def token_of(request: Request) -> str | None:
    token = request.cookies.get(COOKIE, "")
    return token if TOKEN.fullmatch(token) else None


def signed_in(request: Request) -> str:
    token = token_of(request)
    if token is None:
        raise Refused(401, "no_chat")
    return address_of(token)


def keep(response: Response, secure: bool, token: str) -> None:
    """Let the browser keep the chat for a year from now."""
    response.set_cookie(
        COOKIE, token, max_age=int(YEAR.total_seconds()), path="/", httponly=True, samesite="strict",
        secure=secure,
    )
