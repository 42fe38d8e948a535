"""The pictures and files that go with messages, ours and their own, for whoever this browser's chat belongs to."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from bot.media import OurMedia
from bot.media.kinds import SHOWN_AS, file_name
from bot.media.outgoing import FETCHED_AT
from bot.web.answers import PRIVATE, Refused, answer, refusal
from bot.web.browser import signed_in
from storage import media, messages
from storage.store import Store, StoreError

HEADERS = PRIVATE | {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}
LARGEST_ID = 2**63 - 1


def our_files_routes(store: Store, ours: OurMedia) -> APIRouter:
    async def file(message_id: int, request: Request) -> Response:
        try:
            address = signed_in(request)
        except Refused as why:
            return refusal(why)
        if not 0 < message_id <= LARGEST_ID:
            return answer({"error": "no_file"}, 404)
        try:
            there = await store.read(partial(messages.file_at, channel="web", address=address,
                                             message_id=message_id))
            own = await store.read(partial(media.load, message_id=message_id)) if there and not there.is_ours else None
        except StoreError:
            return answer({"error": "try_later"}, 503)
        found = await ours.of(message_id) if there is not None and there.is_ours else own
        if there is None or found is None:
            return answer({"error": "no_file"}, 404)
        shown = "inline" if SHOWN_AS.get(found.type) in ("image", "sound", "film") else "attachment"
        name = there.name or file_name(message_id, found.type)
        return Response(found.content, media_type=found.type, headers=HEADERS | {
            "Content-Disposition": f'{shown}; filename="{name}"'})

    async def fetched(key: str) -> Response:
        """By a platform that has been told where it lies: nobody else knows the key."""
        try:
            found = await ours.by_key(key)
        except StoreError:
            return answer({"error": "try_later"}, 503)
        return Response(found.content, media_type=found.type, headers=HEADERS) if found else answer({}, 404)

    router = APIRouter(include_in_schema=False)
    router.add_api_route("/chat/files/{message_id}", file, methods=["GET"])
    router.add_api_route(FETCHED_AT + "/{key}", fetched, methods=["GET", "HEAD"])
    return router
