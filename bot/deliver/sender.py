"""Hands over to a channel what is to go: one message, an album, or the wish to take a message back."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.channels.base import Blocked, Channel, Outgoing, OutgoingMessage, Permanent, Retry, SendsAlbums
from bot.clock import Clock
from bot.deliver.lines import Line
from storage import messages, taking_back
from storage.news import Queued
from storage.store import Store, StoreError

CAN_BE_TAKEN_AWAY = timedelta(hours=47, minutes=50)
"""A bot can delete what is younger than 48 hours (https://core.telegram.org/bots/api#deletemessage)."""


class OurMedia(Protocol):
    """What goes with messages of ours, by their ids."""

    async def content(self, message_id: int) -> bytes | None: ...

    async def address(self, message_id: int) -> str:
        """Where it can be fetched for a while."""
        ...


class Sender:
    def __init__(
        self, store: Store, channels: Mapping[str, Channel], clock: Clock, media: OurMedia | None, began: datetime
    ) -> None:
        """`began`: since when this process sends."""
        self.store, self.channels, self.clock, self.media, self.began = store, channels, clock, media, began
        self._apart: set[str] = set()
        """Albums that did not work as one: their pictures go one by one."""

    # ------------------------------------------------------------------- messages and albums

    def together(self, line: Line) -> list[Queued]:
        """The first message; with it the other pictures of its album, where they go as one."""
        album = _album_of(line.waiting[0])
        if album is None or album in self._apart or not isinstance(self.channels[line.channel], SendsAlbums):
            return [line.waiting[0]]
        pictures = itertools.takewhile(lambda one: _album_of(one) == album, line.waiting)
        return list(itertools.islice(pictures, self.channels[line.channel].limits.album))

    async def hand_over(self, together: Sequence[Queued]) -> list[str | None]:
        """The platform's id of each. Raises a SendError."""
        channel = self.channels[together[0].channel]
        outgoing = [await self._outgoing(one) for one in together]
        if len(together) == 1:
            return [await channel.send(outgoing[0])]
        if any(one.content is None for one in outgoing):
            raise Permanent("a picture of it cannot be had")
        assert isinstance(channel, SendsAlbums)
        return await channel.send_album(outgoing)

    def part(self, together: Sequence[Queued], error: Exception) -> bool:
        """As one it is tried once. True where its pictures can go one by one at once."""
        album = _album_of(together[0])
        if album is not None and len(together) > 1:
            self._apart.add(album)
        return isinstance(error, Permanent) and not isinstance(error, Blocked)

    async def _outgoing(self, first: Queued) -> Outgoing:
        """The message, with what it takes away: everything before it is noted as sent by now."""
        message = OutgoingMessage.from_json(first.text, first.content)
        if message.medium is not None and self.media is not None:
            return await self._with_medium(first, message, self.media)
        if not message.hides:
            return Outgoing(first.id, first.address, message)
        since = self.clock.now() - CAN_BE_TAKEN_AWAY
        try:
            return Outgoing(first.id, first.address, message, await self.store.read(
                partial(messages.ids_there, before=first, since=since)
            ))
        except StoreError:
            raise Retry("the database did not say what is to be taken away") from None

    async def _with_medium(self, first: Queued, message: OutgoingMessage, media: OurMedia) -> Outgoing:
        how = self.channels[first.channel].limits.media
        content = await media.content(first.id) if how in ("upload", "link") else None
        link = await media.address(first.id) if how == "link" and content is not None else ""
        return Outgoing(first.id, first.address, message, content=content, link=link)

    # ------------------------------------------------------------------- taking back

    async def take_back(self, first: Queued, message_id: int) -> None:
        """Take one message away from the person's chat. It stood before this one, so its own fate is known by now, if
        it ever will be. Raises a SendError where it stays, with the reason in a word of ours."""
        try:
            found = await self.store.read(partial(taking_back.standing, message_id=message_id))
        except StoreError:
            raise Retry("the database did not say what is to be taken back") from None
        if found is None:
            return
        allowed, arrived = self.channels[first.channel].limits.takes_away, found.state != "failed"
        if arrived and not allowed:
            raise Permanent(taking_back.KEEPS)
        if arrived and found.sent_at is not None and self.clock.now() - found.sent_at > allowed:
            raise Permanent(taking_back.TOO_LATE)
        doubt = found.perhaps_arrived(self.began)
        if doubt and not arrived:
            raise Permanent(messages.PERHAPS)
        if allowed:
            hides = (found.external_id,) if arrived and found.external_id else ()
            message = OutgoingMessage.from_json(first.text, first.content)
            await self.channels[first.channel].send(Outgoing(first.id, first.address, message, hides))
        if doubt:
            raise Permanent(taking_back.TWICE)


def _album_of(message: Queued) -> str | None:
    return (message.content or {}).get("album")
