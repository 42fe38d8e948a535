"""Fetches what people send, beside everything else: no turn waits for it, and what fails is tried again later.

Any process may do it. Who takes a file on puts its time off first, so a process that dies leaves it to the others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import cast

import structlog

from bot.channels.base import Channel, Gone, HasFiles, Later, NotFetched, TooLarge
from bot.clock import Clock
from bot.media.kinds import type_of
from bot.safely import described
from bot.worker import Worker
from storage import media
from storage.media import PART, Fate, Wanted
from storage.store import Store, StoreError

log = structlog.get_logger()
LARGEST = 20_000_000
"""Bytes of one file: what Telegram gives out at most (https://core.telegram.org/bots/api#getfile)."""
OF_ONE_PERSON = 50_000_000
"""Bytes of all files of a person that are kept at the same time."""
AT_ONCE = 3
LOOK_EVERY = 30.0
"""Seconds after which what was put off is looked for."""
TAKEN_FOR = timedelta(minutes=15)
"""Longer than a file of the largest size takes on a slow line."""
MOST_TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 15.0, 6 * 3600.0


class Fetch(Worker):
    def __init__(self, store: Store, channels: Mapping[str, Channel], clock: Clock) -> None:
        super().__init__("fetching files", LOOK_EVERY)
        self.store, self.channels, self.clock = store, channels, clock

    async def work(self) -> float | None:
        return 0.0 if await self.look() else None

    async def look(self) -> int:
        """Fetch some of what is due; how many files it were."""
        now = self.clock.now()
        if not await self.store.read(lambda connection: media.is_due(connection, now)):
            return 0
        taken = await self.store.write(partial(media.claim, now=now, until=now + TAKEN_FOR, most=AT_ONCE))
        await asyncio.gather(*(self._take(one) for one in taken))
        return len(taken)

    async def bring(self, channel: str, key: str, content: bytes) -> Fate | None:
        """Keep a file that came with the message of this key; what became of it, also where it was kept before. None
        where no such message waits for one. Raises StoreError."""
        now = self.clock.now()
        one, state = await self.store.write(
            partial(media.brought, channel=channel, key=key, now=now, until=now + TAKEN_FOR))
        if one is None:
            return cast("Fate | None", state)
        return await self._keep(one, content)

    async def _take(self, one: Wanted) -> None:
        try:
            await self._keep(one, await self._fetched(one))
        except TooLarge:
            await self._ends(one, "too_large")
        except Gone:
            await self._ends(one, "gone")
        except Later as trouble:
            await self._later(one, trouble)
        except StoreError:
            raise
        except Exception as error:  # of this file only: the others go on, and it is tried again
            log.error("a file could not be fetched", message=one.message_id, **described(error))
            await self._later(one, Later("it failed"))

    async def _fetched(self, one: Wanted) -> bytes:
        channel = self.channels.get(one.channel)
        if channel is None:
            raise Later("the channel is switched off")
        if not isinstance(channel, HasFiles):
            raise Gone("the channel has no files")
        content = await channel.fetch(one.data, LARGEST)
        if not content:
            raise Gone("there is nothing in it")
        if len(content) > LARGEST:
            raise TooLarge("more came than was said")
        return content

    async def _keep(self, one: Wanted, content: bytes) -> Fate | None:
        """A piece at a time: between them others write. None where it is not ours any more."""
        room = await self.store.write(partial(media.reserve, one=one, size=len(content), most=OF_ONE_PERSON))
        if room is False:
            return await self._ends(one, "full")
        if not room:
            return None
        for number, begin in enumerate(range(0, len(content), PART)):
            part = content[begin : begin + PART]
            if not await self.store.write(partial(media.keep_part, one=one, number=number, content=part)):
                return None
        return await self._ends(one, "stored", type_of(content), len(content))

    async def _ends(
        self, one: Wanted, fate: Fate, kind: str | None = None, size: int | None = None
    ) -> Fate | None:
        ours = await self.store.write(partial(media.finish, one=one, fate=fate, kind=kind, size=size))
        log.info("a file has its fate", channel=one.channel, message=one.message_id, fate=fate, tries=one.attempts,
                 ours=ours)
        return fate if ours else None

    async def _later(self, one: Wanted, trouble: NotFetched) -> None:
        if one.attempts >= MOST_TRIES:
            await self._ends(one, "gone")
            return
        wait = wait_after(one.attempts, getattr(trouble, "seconds", None))
        due = self.clock.now() + timedelta(seconds=wait)
        log.info("a file is fetched later", channel=one.channel, message=one.message_id, tries=one.attempts)
        await self.store.write(partial(media.put_off, one=one, due=due))


def wait_after(tries: int, asked: float | None = None) -> float:
    """Seconds until the next try; no less than the platform asks for, within reason."""
    own = min(FIRST_WAIT * 4.0 ** (tries - 1), LONGEST_WAIT)
    return min(max(own, asked or 0.0), LONGEST_WAIT)
