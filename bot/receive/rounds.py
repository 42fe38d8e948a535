"""What the clock does to chats: one look at all of them, again and again, whichever process is first."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.receive.moves import Moves
from storage.store import StoreError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rounds:
    moves: Moves

    async def run(self) -> None:
        """Chats that were to sleep until now ask for attention again."""
        try:
            await self.moves.wake_who_is_due()
        except StoreError as error:
            log.warning("the rounds wait for the database", reason=str(error))
