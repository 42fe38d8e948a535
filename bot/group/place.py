"""The group itself: its number, and calls to Telegram about it that wait when Telegram says so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.failures import (
    FAILURES,
    asked_to_wait,
    is_bad_request,
    is_done_already,
    is_harmless,
    is_no_topic,
    is_shut_out,
    kind_of,
    moved_to,
)
from bot.clock import Clock
from bot.console.tongue import spoken
from bot.group import texts
from storage import small
from storage.news import tell
from storage.store import Store

log = structlog.get_logger()
TOPIC = "staff group"
"""Told where every process must know something about it."""
MOVED, WAITS = "staff_group_moved", "staff_group_waits"
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
SHUT_OUT_WAIT = 600.0
"""Seconds until we look whether we are in the group again, and may do there what we must."""
NO_RIGHTS = "the bot has not the rights that it needs in the staff group"
TROUBLES = {"not a forum": "the staff group has no topics", "not enough rights": NO_RIGHTS,
            "chat_admin_required": NO_RIGHTS, "chat_write_forbidden": NO_RIGHTS}
"""What Telegram says -> what keeps us from working there, in a few words."""


class NoTopic(Exception):
    """The topic that was meant is not there any more."""


class Refusal(Exception):
    """Telegram can never do just this."""


class Waits(Exception):
    """Nothing can be done in the group before a while."""


class Place:
    def __init__(self, store: Store, telegram: Telegram, clock: Clock, group: int) -> None:
        self.store, self.telegram, self.clock = store, telegram, clock
        self.configured = self.id = group
        self.trouble: str | None = None
        """What keeps us from working there, in a few words."""
        self.came_back: Callable[[], None] = lambda: None
        self._failures = 0
        self._not_before: datetime | None = None

    async def load(self) -> None:
        """What was found out before a restart, or by another process: a new number, and until when Telegram wants
        nothing."""
        moved, waits = await self.store.read(lambda connection: (small.get(connection, MOVED),
                                                                 small.get(connection, WAITS)))
        if moved is not None and moved[0] == self.configured:
            self.id = moved[1]
        if waits is not None:
            self._not_before = datetime.fromisoformat(waits)

    def is_here(self, chat_id: object) -> bool:
        return chat_id in (self.id, self.configured)

    def waits(self) -> float:
        """Seconds before anything can be done."""
        if self._not_before is None:
            return 0.0
        return max(0.0, (self._not_before - self.clock.now()).total_seconds())

    async def moves(self, to: int) -> None:
        log.warning("the staff group has another number now")
        self.id = to

        def keep(connection: Connection) -> None:
            small.put(connection, MOVED, [self.configured, to])
            tell(connection, [TOPIC])

        await self._keep(keep)

    async def is_back(self) -> None:
        """Somebody has let us in, or given us rights."""
        self.trouble, self._not_before, self._failures = None, None, 0
        self.came_back()
        await self._keep(lambda connection: small.put(connection, WAITS, None))

    async def list_commands(self) -> None:
        """What Telegram offers there to who types "/", in the place of what it offers to people."""
        listed = [{"command": name, "description": spoken(what)} for name, what in texts.COMMANDS.items()]
        with suppress(*FAILURES):
            await self.telegram.call("setMyCommands", {
                "commands": listed, "scope": {"type": "chat", "chat_id": self.id}})

    async def call(self, method: str, parameters: dict[str, Any]) -> Any:
        """In the group. Raises NoTopic, Refusal, or Waits."""
        try:
            result = await self.telegram.call(method, {"chat_id": self.id, **parameters})
        except FAILURES as problem:
            new = moved_to(problem)
            if new is not None and new != self.id:
                await self.moves(new)
                return await self.call(method, parameters)
            if is_done_already(problem) or is_harmless(problem):
                return None
            await self._understand(problem)
        self.trouble, self._failures = None, 0
        return result

    async def _understand(self, problem: Any) -> None:
        log.warning("a call about the staff group failed", error=kind_of(problem), reason=str(problem)[:200])
        if is_no_topic(problem):
            raise NoTopic from problem
        if is_shut_out(problem):
            self.trouble = "the bot is not in the staff group"
            await self._wait(SHUT_OUT_WAIT)
        for said, trouble in TROUBLES.items():
            if said in str(problem).lower():
                self.trouble = trouble
                await self._wait(SHUT_OUT_WAIT)
        if is_bad_request(problem):
            raise Refusal(str(problem)) from problem
        self._failures += 1
        own = min(FIRST_WAIT * 2.0 ** (self._failures - 1), LONGEST_WAIT)
        await self._wait(max(asked_to_wait(problem) or 0.0, own))

    async def _wait(self, seconds: float) -> None:
        until = self._not_before = self.clock.now() + timedelta(seconds=seconds)
        await self._keep(lambda connection: small.put(connection, WAITS, until.isoformat()))
        raise Waits(seconds)

    async def _keep(self, work: Callable[[Connection], None]) -> None:
        await self.store.write(work)
