"""The parts of the staff group, joined."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

from bot.channels.telegram.channel import Telegram
from bot.group.commands import Commands
from bot.group.follower import Follower
from bot.group.inbox import Inbox
from bot.group.language import Speaks
from bot.group.offers import Offers
from bot.group.place import TOPIC, Place
from bot.receive import Receive
from bot.receive.moves import Moves
from bot.receive.staff import StaffDesk
from bot.settings import Settings


class Group:
    def __init__(self, telegram: Telegram, receive: Receive, settings: Settings,
                 turn_clock: Callable[[int], Awaitable[None]]) -> None:
        store, clock = receive.store, receive.clock
        self._loading: asyncio.Task[None] | None = None
        self.place = Place(store, telegram, clock, settings.telegram_staff_group)
        speaks = Speaks(receive.turns.translator, settings.console_language)
        self.follower = Follower(self.place, settings, speaks)
        offers = Offers(store, settings)
        commands = Commands(store, StaffDesk(receive, turn_clock), Moves(store, clock), offers, settings,
                            lambda: receive.turns.knowledge.register, self.follower.link)
        self.inbox = Inbox(self.place, commands, offers, speaks)
        telegram.staff = self.inbox

    async def open(self) -> None:
        """Before anything comes in."""
        await self.place.load()

    async def start(self) -> None:
        """This process keeps the group up to date now."""
        await self.follower.begin()

    async def stop(self) -> None:
        await self.follower.stop()

    async def finish(self) -> None:
        await self.inbox.stop()

    def hear(self, topics: Collection[str]) -> None:
        self.follower.hear(topics)
        if TOPIC in topics:
            self._loading = asyncio.create_task(self.place.load())

    def look_again(self) -> None:
        self.follower.look_again()

    def trouble(self) -> str | None:
        return self.place.trouble
