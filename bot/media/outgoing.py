"""Pictures and files that go out with our messages: taken from the store, or made when they are first needed.

Making one takes longer than a turn may: it is done by who sends it or shows it, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.safely import described
from storage import file_links, media
from storage.media import File
from storage.store import Store, StoreError

log = structlog.get_logger()
OF_MESSAGE = "m"
"""Before the number of a message, in what a link is to."""
FETCHED_AT = "/media"
Maker: TypeAlias = Callable[[Mapping[str, Any]], bytes]


class OurMedia:
    def __init__(self, store: Store, makers: Mapping[str, Maker], clock: Clock, public_url: str) -> None:
        """`makers`: by what `OutgoingMedium.made_of` says under "what"."""
        self.store, self.makers, self.clock, self.public_url = store, makers, clock, public_url

    async def of(self, message_id: int) -> File | None:
        """What goes with this message; None where it cannot be had. The message is still worth sending then."""
        try:
            kept = await self.store.read(partial(media.load, message_id=message_id))
            return kept or await self._made(message_id)
        except StoreError as error:
            log.warning("a file of ours waits for the database", message=message_id, reason=str(error))
        except Exception as error:
            log.error("a file of ours could not be made", message=message_id, **described(error))
        return None

    async def content(self, message_id: int) -> bytes | None:
        found = await self.of(message_id)
        return found.content if found is not None else None

    async def address(self, message_id: int) -> str:
        """Where a platform can fetch it for an hour; empty where nobody can reach us."""
        if not self.public_url:
            return ""
        try:
            return await self.store.write(partial(self._address, message_id=message_id))
        except StoreError as error:
            log.warning("a file of ours has no address", message=message_id, reason=str(error))
            return ""

    def _address(self, connection: Connection, message_id: int) -> str:
        found = media.goes_with(connection, message_id)
        if found is None:
            return ""
        key = file_links.make(connection, found[0], f"{OF_MESSAGE}{message_id:x}", self.clock.now())
        return f"{self.public_url.rstrip('/')}{FETCHED_AT}/{key}"

    async def by_key(self, key: str) -> File | None:
        """What an address leads to, as long as it holds."""
        link = await self.store.read(lambda connection: file_links.look(connection, key, self.clock.now()))
        if link is None or not link.form.startswith(OF_MESSAGE):
            return None
        return await self.of(int(link.form.removeprefix(OF_MESSAGE), 16))

    async def _made(self, message_id: int) -> File | None:
        found = await self.store.read(partial(media.goes_with, message_id=message_id))
        medium = (found[1].get("medium") or {}) if found is not None else {}
        made_of = medium.get("made_of")
        if found is None or not made_of or made_of.get("what") not in self.makers:
            return None
        content = await asyncio.to_thread(self.makers[made_of["what"]], made_of)
        await self.store.write(partial(media.keep_ours, message_id=message_id, contact_id=found[0],
                                       kind=medium["type"], content=content))
        return File(found[0], medium["type"], content)
