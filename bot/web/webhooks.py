"""The addresses to which platforms post what comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import structlog
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from bot.channels.base import TakesPosts
from bot.safely import described

LARGEST_POST = 1024 * 1024
AGAIN_AFTER = {"Retry-After": "2"}
"""Instead of waits that grow up to minutes: what was refused because of us comes soon after we are well."""

log = structlog.get_logger(__name__)


def webhook_routes(channels: Iterable[TakesPosts]) -> APIRouter:
    """One address for each of these channels that has a path."""
    router = APIRouter(include_in_schema=False)
    for channel in channels:
        if channel.path:
            router.add_api_route(channel.path, _taking(channel), methods=["POST"], max_body_size=LARGEST_POST)
    return router


def _taking(channel: TakesPosts) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        """Answered with 200 only after the commit. What could not be stored is refused, so that it comes again."""
        if not channel.is_from_platform(request.headers):
            return Response(status_code=403)
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        try:
            await channel.posted(body)
        except Exception as problem:
            log.warning("a post could not be stored", channel=channel.name, **described(problem))
            return Response(status_code=503, headers=AGAIN_AFTER)
        return Response()

    return take
