"""Pictures and files that go out with our messages: taken from the store, or made when they are first needed.

Making one takes longer than a turn may: it is done by who sends it or shows it, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import structlog

from bot.safely import described
from storage import media
from storage.media import File
from storage.store import Store, StoreError

log = structlog.get_logger()
Maker: TypeAlias = Callable[[Mapping[str, Any]], bytes]


class OurMedia:
    def __init__(self, store: Store, makers: Mapping[str, Maker]) -> None:
        """`makers`: by what `OutgoingMedium.made_of` says under "what"."""
        self.store, self.makers = store, makers

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
