"""Which chat a browser has: it keeps a token in a cookie, and the address of the chat follows from it.

In another site's page the cookie is one that only this site in that page gets back (“Partitioned”): nobody is followed
by it from site to site, and browsers that take no cookies from others keep it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta

from fastapi import Request
from starlette.responses import Response

from bot.web.answers import Refused

COOKIE = "chat"
EMBEDDED = "chat-embedded"
YEAR = timedelta(days=365)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
LONG = 32
"""So many characters have the keys of our page: 128 bits by chance."""


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_for(secret: bytes, key: str) -> str:
    """The same for the same page's key: a page that did not hear of its chat asks again, and gets that one.

    A key that could be guessed gets one by chance."""
    if len(key) < LONG:
        return new_token()
    made = hmac.digest(secret, f"web chat start {key}".encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def address_of(token: str) -> str:
    """The address on this channel; the cookie's token itself is stored nowhere."""
    return hashlib.sha256(token.encode()).hexdigest()[:40]


def token_of(request: Request) -> str | None:
    return next((token for _, token in _kept(request)), None)


def _kept(request: Request) -> Iterator[tuple[str, str]]:
    for name in (COOKIE, EMBEDDED):
        if TOKEN.fullmatch(token := request.cookies.get(name, "")):
            yield name, token


def is_embedded(request: Request) -> bool:
    """Whether it came from a page of ours within another site's, as far as the cookie tells."""
    return next((name for name, _ in _kept(request)), COOKIE) == EMBEDDED


def signed_in(request: Request) -> str:
    token = token_of(request)
    if token is None:
        raise Refused(401, "no_chat")
    return address_of(token)


def keep(response: Response, secure: bool, token: str, embedded: bool = False) -> None:
    """Let the browser keep the chat for a year from now."""
    seconds = int(YEAR.total_seconds())
    if embedded:
        response.headers.append("Set-Cookie", f"{EMBEDDED}={token}; Max-Age={seconds}; Path=/; HttpOnly; Secure; "
                                              "SameSite=None; Partitioned")
        return
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)
