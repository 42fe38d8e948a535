"""What comes in from the group, and from who links an account. Whatever is done is stored before Telegram forgets it;
what is said about it is said beside that, and nobody misses much if it fails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.beside import Beside
from bot.channels.telegram.compose import utf16_length
from bot.channels.telegram.failures import FAILURES, kind_of
from bot.console.tongue import reason_of, spoken
from bot.group import texts, updates
from bot.group.commands import Commands, Covered
from bot.group.language import Speaks
from bot.group.offers import Offers
from bot.group.place import Place
from bot.group.updates import Wanted, Written
from bot.safely import clean, described
from storage import audit, passes, staff, staff_group
from storage.desk import DeskError
from storage.staff import CounsellorView
from storage.store import StoreError

log = structlog.get_logger()
FINISH = 2.0
TELL_AGAIN = timedelta(minutes=1)
"""So long a stranger is told once in a topic that nothing of theirs goes anywhere."""
MOST_TOLD = 1000


class Inbox:
    wanted: tuple[str, ...] = ("inline_query",)

    def __init__(self, place: Place, commands: Commands, offers: Offers, speaks: Speaks) -> None:
        self.place, self.commands, self.offers, self.speaks = place, commands, offers, speaks
        self.store, self.clock = place.store, place.clock
        self._beside = Beside()
        self._told: dict[tuple[int, int], datetime] = {}

    def is_theirs(self, update: Mapping[str, Any]) -> bool:
        return ("inline_query" in update or self.place.is_here(updates.chat_of(update).get("id"))
                or updates.is_link(update))

    async def take(self, update: Mapping[str, Any]) -> None:
        """What cannot be done is told or logged: it does not come again. Raises StoreError where it must."""
        try:
            await self._take(update)
        except StoreError:
            raise
        except Exception as error:
            log.error("an update of the staff group could not be handled", **described(error))

    async def _take(self, update: Mapping[str, Any]) -> None:
        if (to := updates.moved_to(update)) is not None:
            await self.place.moves(to)
        elif updates.came_in(update):
            await self.place.is_back()
        elif (asked := updates.wanted(update)) is not None:
            await self._offer(asked)
        elif (said := updates.written(update)) is not None:
            await self._hear(said)

    async def stop(self) -> None:
        """What is being said may be finished."""
        await self._beside.finish(FINISH)

    # ------------------------------------------------------------------ what was written

    async def _hear(self, said: Written) -> None:
        command = said.command
        if command is not None and command[0] == "link":
            await self._link(said, command[1])
            return
        thread = said.thread
        me, topic = await self.store.read(lambda connection: (
            staff.by_telegram(connection, said.sender),
            staff_group.thread_ticket(connection, thread) if thread is not None else None))
        with self.speaks.to(me):
            if thread is None:
                if command is not None and command[0] in ("help", "start"):
                    self.say(said, texts.what_can_be_done())
            elif topic is not None and (said.is_anonymous or me is None):
                if not self._is_told(said.sender, thread):
                    self.say(said, spoken(texts.ANONYMOUS if said.is_anonymous else texts.NOT_LINKED))
            elif topic is not None and me is not None and (answer := await self._answer(said, me, *topic)):
                self.say(said, answer)

    async def _answer(self, said: Written, me: CounsellorView, ticket_id: int, hides: bool) -> str | Covered | None:
        try:
            return await self.commands.do(said, me, ticket_id, hides)
        except DeskError as error:
            return reason_of(error)

    def _is_told(self, sender: int, thread: int) -> bool:
        """Whether somebody was told a moment ago: who writes on and on must not use up what Telegram lets us say."""
        now, key = self.clock.now(), (sender, thread)
        if key in self._told and now - self._told[key] < TELL_AGAIN:
            return True
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
        self._told[key] = now
        return False

    async def _link(self, said: Written, code: str) -> None:
        """Whoever has the code is who was signed in in the console when it was made."""
        now = self.clock.now()

        def work(connection: Connection) -> CounsellorView | None:
            given = clean(code).strip().lower()
            found = passes.look(connection, given, "telegram", now)
            if found is None or not passes.use(connection, given, "telegram", now):
                return None
            staff.link_telegram(connection, found.who.id, said.sender)
            audit.note(connection, found.who.id, "link_telegram", None, now)
            return found.who

        who = None if said.is_anonymous else await self.store.write(work)
        with self.speaks.to(who):
            self.say(said, spoken(texts.LINKED, name=who.name) if who else spoken(texts.BAD_CODE))

    async def _offer(self, asked: Wanted) -> None:
        me = await self.store.read(lambda connection: staff.by_telegram(connection, asked.sender))
        found = await self.offers.find(me, asked.text) if me is not None else []
        self._beside.do(self._call("answerInlineQuery", inline_query_id=asked.id, results=found, is_personal=True,
                                   cache_time=0))

    # ------------------------------------------------------------------ what is said about it

    def say(self, to: Written, said: str | Covered) -> None:
        """Quietly, under what it is about."""
        text, entities = said, []
        if isinstance(said, Covered):
            text = f"{said.heading}\n{said.body}"
            entities = [{"type": "spoiler", "offset": utf16_length(said.heading) + 1,
                         "length": utf16_length(said.body)}]
        where = {"message_thread_id": to.thread} if to.thread is not None else {}
        answered = {"message_id": to.number, "allow_sending_without_reply": True}
        self._beside.do(self._call(
            "sendMessage", chat_id=to.chat, text=text, entities=entities, disable_notification=True,
            reply_parameters=answered, link_preview_options={"is_disabled": True}, **where))

    async def _call(self, method: str, **parameters: Any) -> None:
        try:
            await self.place.telegram.call(method, parameters)
        except FAILURES as problem:
            log.warning("nothing could be said in the staff group", error=kind_of(problem), reason=str(problem)[:200])
