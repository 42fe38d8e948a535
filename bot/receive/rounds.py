"""What the clock does to chats: one look at all of them, again and again, in whichever process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.receive import one_phone, sharing, silence
from bot.receive.inbox import Receive
from bot.receive.moves import Moves
from storage.store import StoreError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rounds:
    receive: Receive

    async def run(self) -> None:
        """What was to sleep until now asks for attention; what nobody looks after goes to somebody who can."""
        await self._try(lambda: self.receive.store.write(partial(one_phone.put_down, self.receive)))
        await self._try(Moves(self.receive.store, self.receive.clock).wake_who_is_due)
        for work in (sharing.give_back, sharing.suggest):
            await self._try(partial(self._share, work))

    async def end_silence(self) -> None:
        """Talks that nobody goes on with."""
        await self._try(lambda: self.receive.store.write(partial(silence.look, self.receive)))

    async def _share(self, work: Callable[..., int]) -> int:
        hours, now = self.receive.turns.hours, self.receive.clock.now()
        return await self.receive.store.write(lambda connection: work(connection, hours, now))

    async def _try(self, work: Callable[[], Awaitable[int]]) -> None:
        try:
            await work()
        except StoreError as error:
            log.warning("the rounds wait for the database", reason=str(error))
