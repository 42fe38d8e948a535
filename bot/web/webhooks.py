"""The addresses to which platforms post what comes in."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable

import orjson
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
        chat = chat_in(body)
        if chat and (seconds := pace.wait(f"{channel.name}:{chat}")):
            return Response(status_code=429, headers={"Retry-After": str(seconds)})
        try:
            await channel.posted(body)
        except Exception as problem:
            log.warning("a post could not be stored", channel=channel.name, **described(problem))
            return Response(status_code=503, headers=AGAIN_AFTER)
        return Response()

    return take


def chat_in(body: bytes) -> str:
    """Whose post this is, as far as it can be told from outside: the first `chat` with an `id` in it."""
    try:
        waiting: deque[object] = deque([orjson.loads(body)])
    except orjson.JSONDecodeError:
        return ""
    while waiting:
        one = waiting.popleft()
        if not isinstance(one, dict):
            continue
        chat = one.get("chat")
        if isinstance(chat, dict) and isinstance(chat.get("id"), int):
            return str(chat["id"])
        waiting += one.values()
    return ""
