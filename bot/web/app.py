"""One ASGI app: the web chat, the console, health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

LARGEST_BODY = 256 * 1024
"""No page of ours sends more."""


def web_app(routers: list[APIRouter], is_ready: Callable[[], Awaitable[str | None]]) -> FastAPI:
    """The whole site. `is_ready` says what is wrong, or None."""
    app = FastAPI(title="Returnee bot", max_body_size=LARGEST_BODY, docs_url=None, redoc_url=None, openapi_url=None)
    for router in routers:
        app.include_router(router)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        """The process can do its work: the database takes a write."""
        trouble = await is_ready()
        return JSONResponse({"status": trouble or "ok"}, 200 if trouble is None else 503)

    return app
