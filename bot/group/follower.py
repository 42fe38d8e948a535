"""Brings the group up to date: reads what the ledger has and a topic does not, tells it, and notes that it did.

One process does it. It notes after Telegram has taken something: killed in between, it tells that one message twice."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from bot.channels.loose import an_object
from bot.channels.telegram.compose import CAN_BE_COVERED, FILES
from bot.console.tongue import spoken
from bot.group import words
from bot.group.jobs import MINUTE, Job, Jobs
from bot.group.language import Speaks
from bot.group.place import NoTopic, Place, Refusal, Waits
from bot.group.words import IN_STORE, Post
from bot.media.kinds import file_name
from bot.settings import Settings
from bot.worker import Worker
from conversations.marking import mark_for_desk as _d
from storage import media, staff_group
from storage.staff_group import Chat
from storage.store import StoreError

LOOK_EVERY = 60.0
"""Seconds after which everything is looked at, whatever was heard."""
MOST_A_MINUTE = 18
"""Telegram takes 20 messages a minute in one group (https://core.telegram.org/bots/faq); our own answers need some."""
AFTER_TROUBLE = 5.0
CONTACT = "contact:"
DELETE_IT = _d("If it still stands here, delete it.")
NOT_SHOWN_HERE = _d("It cannot be shown here: look in the console.")


@dataclass(slots=True)
class Pace:
    """So many in a minute, at most."""

    most: int
    _sent: deque[float] = field(default_factory=deque)

    def wait(self) -> float:
        now = asyncio.get_running_loop().time()
        while self._sent and self._sent[0] <= now - MINUTE:
            self._sent.popleft()
        return 0.0 if len(self._sent) < self.most else self._sent[0] + MINUTE - now

    def note(self) -> None:
        self._sent.append(asyncio.get_running_loop().time())


class Follower(Worker):
    def __init__(self, place: Place, settings: Settings, speaks: Speaks) -> None:
        super().__init__("staff group", LOOK_EVERY, self._look_at_all, after_trouble=AFTER_TROUBLE)
        self.place, self.settings, self.speaks = place, settings, speaks
        self.store, self.clock = place.store, place.clock
        self.jobs = Jobs(settings, self.clock, speaks)
        self.pace = Pace(MOST_A_MINUTE)
        self._all = True
        self._heard: set[int] = set()
        """People in whose chats something may have happened."""
        place.came_back = self.look_again

    # ------------------------------------------------------------------ its life

    async def begin(self) -> None:
        await self.place.load()
        self._all = True
        self.start()

    def hear(self, topics: Collection[str]) -> None:
        """Something was stored. Only noted: who stores it waits for nothing here."""
        people = {int(one.removeprefix(CONTACT)) for one in topics if one.startswith(CONTACT)}
        if people and self.works:
            self._heard |= people
            self.wake()

    def look_again(self) -> None:
        self._all = True
        self.wake()

    async def _run(self) -> None:
        with self.speaks.to_all():
            await self.place.list_commands()
        await super()._run()

    def _look_at_all(self) -> None:
        self._all = True
        self.jobs.left_out.clear()

    async def work(self) -> float | None:
        try:
            with self.speaks.to_all():
                return await self._next()
        except Exception:
            self._all = True
            raise

    async def _next(self) -> float | None:
        """Do the next thing. Seconds to wait before another can be done; None: there is none."""
        if wait := self.place.waits() or self.pace.wait():
            return wait
        everything, heard = self._all, self._heard
        self._all, self._heard = False, set()
        job, left = await self.store.read(lambda connection: self.jobs.next(connection, everything, heard))
        if left is None:
            self._all, left = self._all or everything, heard
        self._heard |= left
        if job is None:
            return None
        if job.what == "wait":
            return AFTER_TROUBLE
        try:
            await self._do(job)
        except NoTopic:
            await self._empty(job)
        except Waits:
            return self.place.waits()
        except StoreError:
            raise
        except Exception as error:
            self.jobs.leave_out(job.ticket_id, error)
        return 0.0

    async def _empty(self, job: Job) -> None:
        """Its topic is not there any more."""
        await self.store.write(lambda connection: staff_group.empty(connection, job.ticket_id))
        if job.chat is not None:
            self._heard.add(job.chat.contact_id)

    # ------------------------------------------------------------------ doing it

    async def _do(self, job: Job) -> None:
        match job.what:
            case "tell":
                await self._tell(job)
            case "make":
                assert job.chat is not None
                await self._make(job.chat)
            case "remake":
                await self._remove_there(job)
                await self._empty(job)
            case "rename":
                assert job.chat is not None
                await self._rename(job.chat)
            case "remove":
                await self._remove_there(job)
                await self.store.write(lambda connection: staff_group.drop(connection, job.ticket_id))
            case "close" | "reopen":
                await self.place.call(f"{job.what}ForumTopic", {"message_thread_id": job.thread_id})
                is_closed = job.what == "close"
                await self.store.write(lambda connection: staff_group.set_closed(connection, job.ticket_id, is_closed))

    async def _remove_there(self, job: Job) -> None:
        if job.thread_id is not None:
            with suppress(NoTopic, Refusal):
                await self.place.call("deleteForumTopic", {"message_thread_id": job.thread_id})

    async def _make(self, chat: Chat) -> None:
        """When it is about to be made is noted before: also what fails counts for the pace."""
        now = self.clock.now()

        def begin(connection: Connection) -> bool | None:
            hides = chat.hides or self.jobs.hides(chat, staff_group.walled_from_somebody(connection))
            return hides if staff_group.add_topic(connection, chat, hides, now) else None

        hides = await self.store.write(begin)
        if hides is None:
            return
        self.pace.note()
        name = words.title(replace(chat, hides=hides))
        made = an_object(await self.place.call("createForumTopic", {"name": name}))
        thread_id = int(made["message_thread_id"])
        await self.store.write(lambda connection: staff_group.set_thread(connection, chat.ticket_id, thread_id, name))
        self._heard.add(chat.contact_id)

    async def _rename(self, chat: Chat) -> None:
        """It is in another area now, or urgent. What Telegram does not take is not tried for ever."""
        name = words.title(chat)
        self.pace.note()
        with suppress(Refusal):
            await self.place.call("editForumTopic", {"message_thread_id": chat.thread_id, "name": name})
        await self.store.write(lambda connection: staff_group.set_name(connection, chat.ticket_id, name))
        self._heard.add(chat.contact_id)

    async def _tell(self, job: Job) -> None:
        assert job.chat is not None
        assert job.card is not None
        for post in words.posts(job.chat, job.entries, job.card, self.link(job.ticket_id)):
            if post.there is None and post.text:
                if self.place.waits() or self.pace.wait():
                    return
                self.pace.note()
                if post.takes_away is not None:
                    await self._take_away(job, post, post.takes_away)
                number = await self._send(job, post)
            else:
                number = post.there
            await self._note(job.ticket_id, post, number)

    async def _take_away(self, job: Job, post: Post, number: int) -> None:
        """What a colleague took back goes here, too. Telegram lets us delete our own, and others' where we may."""
        gone = False
        with suppress(Refusal):
            gone = bool(await self.place.call("deleteMessage", {"message_id": number}))
        if not gone:
            post.text += f" {spoken(DELETE_IT)}"
            return
        await self.store.write(
            lambda connection: staff_group.is_gone(connection, job.ticket_id, number, post.rows[0][1]))

    async def _note(self, ticket_id: int, post: Post, number: int | None) -> None:
        rows = tuple(post.rows)
        await self.store.write(lambda connection: staff_group.mark(connection, ticket_id, rows, number))

    async def _send(self, job: Job, post: Post) -> int | None:
        """The new message's number. What Telegram never takes is told to be in the console."""
        where: dict[str, Any] = {"message_thread_id": job.thread_id, "disable_notification": not post.loud}
        if post.answers is not None:
            where["reply_parameters"] = {"message_id": post.answers, "allow_sending_without_reply": True}
        try:
            sent = await self.place.call(*await self._call(post, where))
        except Refusal:
            heading = post.text.partition("\n")[0]
            sent = await self.place.call("sendMessage", {**where, "text": f"{heading}\n{spoken(NOT_SHOWN_HERE)}"})
        return an_object(sent).get("message_id")

    async def _call(self, post: Post, where: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if post.file is None:
            return "sendMessage", {**where, "text": post.text, "entities": post.entities,
                                   "link_preview_options": {"is_disabled": True}}
        kind, number = post.file
        cover = {"has_spoiler": True} if kind in CAN_BE_COVERED else {}
        file = number if number != IN_STORE else await self._kept(post.rows[0][1])
        return FILES[kind], {**where, **cover, kind: file, "caption": post.text, "caption_entities": post.entities}

    async def _kept(self, message_id: int) -> tuple[str, str, bytes]:
        """Name, type and content of what we keep. Raises Refusal where it is gone meanwhile."""
        found = await self.store.read(lambda connection: media.load(connection, message_id))
        if found is None:
            raise Refusal("it is not kept any more")
        return file_name(message_id, found.type), found.type, found.content

    def link(self, ticket_id: int) -> str:
        at = self.settings.console_at
        return f"{at}/console/tickets/{ticket_id}" if at else spoken("In the console it is chat {number}.",
                                                                     number=ticket_id)
