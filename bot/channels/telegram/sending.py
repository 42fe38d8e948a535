"""What we send: messages in as many calls as they take, albums, and what is taken away again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from bot.channels.base import Outgoing
from bot.channels.loose import an_object
from bot.channels.parts import Parts
from bot.channels.telegram.api import Api
from bot.channels.telegram.compose import album_of, deletions_for, method_of, requests_for
from bot.channels.telegram.failures import FAILURES, Refused, is_bad_request, is_not_there, send_error

log = structlog.get_logger(__name__)


class Sending:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._parts = Parts()

    async def send(self, outgoing: Outgoing) -> str | None:
        """A long text goes in several messages; what is given back has the ids of all of them."""
        try:
            if outgoing.message.takes_back is not None:
                await self._take_back(outgoing, outgoing.message.takes_back)
                return None
            for call in deletions_for(outgoing):
                await self._take_away(call)
            numbers = await self._send_parts(outgoing)
        except FAILURES as problem:
            raise send_error(problem) from problem
        return ",".join(filter(None, numbers)) or None

    async def send_album(self, together: Sequence[Outgoing]) -> list[str | None]:
        try:
            told = await self._api.put("sendMediaGroup", album_of(together))
        except FAILURES as problem:
            raise send_error(problem) from problem
        sent = [an_object(one).get("message_id") for one in told] if isinstance(told, list) else []
        numbers = [str(one) if one is not None else None for one in sent[: len(together)]]
        return numbers + [None] * (len(together) - len(numbers))

    async def _send_parts(self, outgoing: Outgoing) -> list[str]:
        """Where Telegram does not take a file, its text goes alone: that says the same."""
        try:
            return await self._parts.send(outgoing.id, requests_for(outgoing), self._send_part)
        except Refused as refusal:
            if outgoing.content is None or not is_bad_request(refusal):
                raise
            log.warning("telegram does not take a file", reason=str(refusal)[:200])
            alone = replace(outgoing, content=None)
            return await self._parts.send(outgoing.id, requests_for(alone), self._send_part)

    async def _send_part(self, call: dict[str, Any]) -> str:
        """The id of the new message; empty where Telegram does not say it."""
        sent = an_object(await self._api.put(method_of(call), call))
        return str(sent.get("message_id", ""))

    async def _take_back(self, outgoing: Outgoing, message: int) -> None:
        """All of one message, with the parts of it that had arrived when the rest of it had not. One that is gone
        already is what was wanted; any other refusal comes through: a counsellor relies on what we say of it."""
        begun = self._parts.arrived(message)
        for call in deletions_for(replace(outgoing, hides=(*outgoing.hides, *begun))):
            for one in call["message_ids"]:
                try:
                    await self._api.call("deleteMessage", {"chat_id": call["chat_id"], "message_id": one})
                except Refused as refusal:
                    if not is_not_there(refusal):
                        raise

    async def _take_away(self, call: dict[str, Any]) -> None:
        """Where one of them cannot go, and so none went, the others go one by one."""
        try:
            await self._api.call("deleteMessages", call)
        except Refused as refusal:
            if not is_bad_request(refusal):
                raise
            for one in call["message_ids"]:
                await self._api.attempt("deleteMessage", {"chat_id": call["chat_id"], "message_id": one})
