"""The addresses to which platforms post what comes in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import structlog
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from bot.channels.base import TakesPosts
from bot.safely import described
from bot.web.pace import Pace

LARGEST_POST = 1024 * 1024
AGAIN_AFTER = {"Retry-After": "2"}
"""Instead of waits that grow up to minutes: what was refused because of us comes soon after we are well."""
AT_ONCE, A_SECOND = 40, 4.0
"""Of one chat. What comes faster is refused for a moment: the platform keeps it and brings it again, in order, while
the posts of other chats go on (`bot/channels/telegram/webhook.py`)."""

log = structlog.get_logger(__name__)


def webhook_routes(channels: Iterable[TakesPosts], pace: Pace | None = None) -> APIRouter:
    """One address for each of these channels that has a path."""
    pace = pace or Pace(AT_ONCE, A_SECOND)
    router = APIRouter(include_in_schema=False)
    for channel in channels:
        if channel.path:
            router.add_api_route(channel.path, _taking(channel, pace), methods=["POST"], max_body_size=LARGEST_POST)
    return router


def _taking(channel: TakesPosts, pace: Pace) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        """Answered with 200 only after the commit. What could not be stored is refused, so that it comes again."""
        if not channel.is_from_platform(request.headers):
            return Response(status_code=403)
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        if not channel.is_signed(request.headers, body):
            return Response(status_code=403)
        sender = channel.sender_of(body)
        if sender and (seconds := pace.wait(f"{channel.name}:{sender}")):
            return Response(status_code=429, headers={"Retry-After": str(seconds)})
        try:
            answer = await channel.posted(body)
        except Exception as problem:
            log.warning("a post could not be stored", channel=channel.name, **described(problem))
            return Response(status_code=503, headers=AGAIN_AFTER)
        return Response(answer, media_type="application/json" if answer else None)

    return take
