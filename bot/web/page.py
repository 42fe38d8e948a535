"""What the pages are made of: their templates, static files, and the headers that they go with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader
from starlette.responses import FileResponse, Response

from bot.media.scripts import SMALLER
from bot.web.answers import PRIVATE
from bot.web.chat_texts import CLOSE, TEXTS

STATIC, TEMPLATES = Path(__file__).parent / "static", Path(__file__).parent / "templates"
FILES = (*(STATIC / name for name in (
    "chat.css", "chat.js", "attach.js", "way-back.js", "push.js", "back.js", "chat-icon.svg", "chat-192.png",
    "chat-512.png", "chat.webmanifest")), SMALLER)
TYPES = {".webmanifest": "application/manifest+json"}
"""Of files whose type not every system knows."""
LEAVE_TO = "https://www.wikipedia.org/"
KEPT_A_WHILE = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "cross-origin"}
KEPT_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


def page_headers(framed_by: str = "'none'") -> dict[str, str]:
    return PRIVATE | {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
            "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
            f"frame-ancestors {framed_by}"
        ),
        "Permissions-Policy": "camera=(), microphone=(self), geolocation=(self)",
    }


PAGE_HEADERS = page_headers()


def html_lang(language: str) -> str:
    return language.replace("_", "-")


@cache
def template(name: str) -> Any:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template(name)


@cache
def version() -> str:
    """Changes with every change of the static files."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in FILES)).hexdigest()[:12]


def add_files(router: APIRouter) -> None:
    for path in FILES:
        router.add_api_route(f"/static/{path.name}", _file(path), methods=["GET"], name=path.name)


def _file(path: Path) -> Callable[[], FileResponse]:
    """Its address carries a version, so that it may be kept for ever."""

    def serve() -> FileResponse:
        return FileResponse(path, headers=KEPT_FOR_EVER, media_type=TYPES.get(path.suffix))

    return serve


def snippet(texts: Callable[[str, str], str], languages: Mapping[str, str]) -> Callable[[], Response]:
    """What another site loads to show the chat, with its two words in each language."""

    def serve() -> Response:
        words = {html_lang(one): {"open": texts(one, TEXTS["chat"]), "close": texts(one, CLOSE)} for one in languages}
        script = (STATIC / "embed.js").read_text("utf-8").replace("{/*words*/}", orjson.dumps(words).decode(), 1)
        return Response(script, media_type="text/javascript", headers=KEPT_A_WHILE)

    return serve
