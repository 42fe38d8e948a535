"""What is to be done next in the group: read from the ledger, nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.group.language import Speaks
from bot.group.words import title
from bot.safely import described
from bot.settings import Settings
from storage import desk, staff_group
from storage.desk import TicketView
from storage.sealed.box import SealError
from storage.staff import WALLED
from storage.staff_group import Chat, Entry

log = structlog.get_logger()
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """The next thing to do in the group."""

    what: Literal["tell", "make", "remake", "rename", "reopen", "close", "remove", "wait"]
    ticket_id: int = 0
    thread_id: int | None = None
    chat: Chat | None = None
    entries: tuple[Entry, ...] = ()
    card: TicketView | None = None


@dataclass(slots=True)
class Jobs:
    settings: Settings
    clock: Clock
    speaks: Speaks
    left_out: set[int] = field(default_factory=set)
    """Chats of which something cannot be read or told: they hold up no other."""

    def leave_out(self, ticket_id: int, error: Exception) -> None:
        log.error("a chat cannot be told in the staff group", ticket=ticket_id, **described(error))
        self.left_out.add(ticket_id)

    def next(
        self, connection: Connection, everything: bool, heard: set[int]
    ) -> tuple[Job | None, set[int] | None]:
        """It, and the people of whom there is more to tell; None: nobody has looked at all of them yet."""
        over = self.clock.now() - timedelta(days=self.settings.retention_chat_days)
        for ticket_id, thread_id in staff_group.gone(connection, over):
            return Job("remove", ticket_id, thread_id), None
        found = [one for one in staff_group.chats(connection) if one.ticket_id not in self.left_out]
        walled = staff_group.walled_from_somebody(connection)
        tells: list[Job] = []
        for chat in found:
            if chat.thread_id is None:
                continue
            try:
                job = self._change(connection, chat, walled, everything or chat.contact_id in heard)
            except SealError as error:
                self.leave_out(chat.ticket_id, error)
                continue
            if job is not None and job.what != "tell":
                return job, None
            if job is not None:
                tells.append(job)
        left = {one.chat.contact_id for one in tells if one.chat is not None}
        if tells:
            return min(tells, key=lambda one: one.entries[0].at), left
        return self._new(connection, found, walled), left

    def _change(self, connection: Connection, chat: Chat, walled: bool, is_heard: bool) -> Job | None:
        """What is to be done in a topic that there is."""
        if not chat.hides and self.hides(chat, walled):
            return Job("remake", chat.ticket_id, chat.thread_id, chat)
        if chat.is_open and chat.is_closed:
            return Job("reopen", chat.ticket_id, chat.thread_id, chat)
        if chat.is_open and chat.name != self.name_of(chat):
            return Job("rename", chat.ticket_id, chat.thread_id, chat)
        entries = staff_group.missing(connection, chat) if is_heard or not chat.is_open else []
        card = desk.ticket(connection, chat.ticket_id) if entries else None
        if entries and card is not None:
            return Job("tell", chat.ticket_id, chat.thread_id, chat, tuple(entries), card)
        return None if chat.is_open else Job("close", chat.ticket_id, chat.thread_id, chat)

    def _new(self, connection: Connection, found: list[Chat], walled: bool) -> Job | None:
        for chat in found:
            if chat.thread_id is None and not chat.is_open:
                return Job("remove", chat.ticket_id)
        without = next((one for one in found if one.thread_id is None), None)
        if without is None:
            return None
        since = self.clock.now() - timedelta(seconds=MINUTE)
        if staff_group.made_since(connection, since) >= self.settings.telegram_topics_a_minute:
            return Job("wait")
        return Job("make", without.ticket_id, None, without)

    def name_of(self, chat: Chat) -> str:
        """Of its topic. Asked for where no language is spoken: with the database."""
        with self.speaks.to_all():
            return title(chat)

    def hides(self, chat: Chat, walled: bool) -> bool:
        """Whether this chat's words are not for everybody in the group, or not for Telegram."""
        elsewhere = self.settings.telegram_staff_group_shows == "telegram" and not chat.only_telegram
        return elsewhere or (walled and chat.area == WALLED)
