"""One ASGI app: the web chat, the console, health."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

LARGEST_BODY = 256 * 1024
"""No page of ours sends more."""


def web_app(routers: list[APIRouter]) -> FastAPI:
    """The whole site."""
    app = FastAPI(title="Returnee bot", max_body_size=LARGEST_BODY, docs_url=None, redoc_url=None, openapi_url=None)
    for router in routers:
        app.include_router(router)
    return app
