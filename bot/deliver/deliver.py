"""The outbox loop: what is stored is sent, in order for each address, what people wait for first.

A message is in memory here and, until it is noted as sent, in the database. The next message to the same address
goes out only after that note is stored: so a process that dies repeats one message to a person at most. For a
counsellor's words, twice is better than never.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Protocol

import structlog
from sqlalchemy import Connection

from bot import logs
from bot.channels.base import Blocked, Channel, Outgoing, OutgoingMessage, Permanent, Retry, SendError, SendsAlbums
from bot.clock import Clock
from bot.deliver.failures import GIVE_UP_AFTER, block, give_up, later, pause_after, wait_after
from bot.deliver.lines import Asleep, Line, Ready
from bot.deliver.notes import Notes
from bot.deliver.pump import Pump
from bot.safely import described
from storage import messages, taking_back
from storage.messages import REMINDER, REPLY
from storage.news import News, Queued
from storage.points import reach
from storage.store import Store, StoreError

log = structlog.get_logger()
AT_ONCE = 128
"""How many messages are on their way at the same time."""
SET_BACK = 60.0
"""By so many seconds a clock must have gone back against the time that really passed, to be taken for set back."""
LONGEST_REST = 1.0
"""Seconds that everybody waits when a message was too much for the platform: perhaps it was for one person only."""
CAN_BE_TAKEN_AWAY = timedelta(hours=47, minutes=50)
"""A bot can delete what is younger than 48 hours (https://core.telegram.org/bots/api#deletemessage)."""
STALE_AFTER = timedelta(minutes=15)
"""A question that waited so long is not sent where a newer one follows it."""
MOST_HELD = 2_000
"""So many messages of a lane are in memory; more stay in the database until there is room."""
MOST_LOOKS = 3
"""So often in a row the outbox is read again for what came meanwhile; after that, with the next message."""
SENDING_MAY_TAKE, NOTING_MAY_TAKE = 1.8, 1.0
"""Seconds, when this process is to send no more: together less than a role has to be laid down."""


class OurMedia(Protocol):
    """What goes with messages of ours, by their ids."""

    async def content(self, message_id: int) -> bytes | None: ...

    async def address(self, message_id: int) -> str:
        """Where it can be fetched for a while."""
        ...


class Watcher(Protocol):
    """Counts what is sent."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None: ...

    def replied(self, seconds: float) -> None: ...


class Deliver:
    def __init__(
        self, store: Store, channels: Mapping[str, Channel], clock: Clock, watcher: Watcher | None = None,
        media: OurMedia | None = None,
    ) -> None:
        self.store, self.channels, self.clock, self.watcher = store, channels, clock, watcher
        self.media = media
        self._pump = Pump(self._send_ready)
        self._tasks: set[asyncio.Task[None]] = set()
        self._began = clock.now()
        self._forget_everything()

    def _forget_everything(self) -> None:
        self._lines: dict[tuple[str, str], Line] = {}
        self._ready = {name: Ready(channel.limits) for name, channel in self.channels.items()}
        self._asleep = Asleep()
        self._known: dict[int, int] = {}
        """Id -> lane of every message in memory."""
        self._held = [0, 0]
        self._behind = [False, False]
        """Lanes of which the database may have more than memory."""
        self._aside: list[list[Queued] | None] = [None, None]
        """What is offered while a lane is being read."""
        self._finished: set[int] = set()
        """What was sent, failed or withdrawn since the outbox was last read."""
        self._notes = Notes(self.store, self._was_noted, self._look_again)
        self._apart: set[str] = set()
        """Albums that did not work as one: their pictures go one by one."""
        self._clock_ahead = float("-inf")
        self._heard: deque[News] = deque()
        self._looking_up: asyncio.Task[None] | None = None
        self._refilling: asyncio.Task[None] | None = None

    # ---------------------------------------------------------------- in and out

    @property
    def works(self) -> bool:
        """This is the process that sends."""
        return self._pump.works

    def trouble(self) -> str | None:
        """What keeps this process from sending though it should, or None."""
        return "the sending fails" if self._pump.is_broken else None

    async def start(self) -> None:
        """Take up what an earlier process left, then send."""
        self._began = self.clock.now()
        self.store.riders.append(self._notes)
        self._pump.start()
        await self.reload()

    async def stop(self) -> None:
        """Take nothing new; finish what is on its way; forget the rest, which is stored."""
        if not self.works:
            return
        self._pump.stop()
        running = [one for one in (self._refilling, self._looking_up) if one is not None]
        for task in running:
            task.cancel()
        try:
            await asyncio.gather(*running, return_exceptions=True)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=SENDING_MAY_TAKE)
            await self._notes.finish(NOTING_MAY_TAKE)
        finally:
            for task in self._tasks:
                task.cancel()
            self.store.riders.remove(self._notes)
            self._forget_everything()

    async def reload(self) -> None:
        """Read the outbox again: what is there and not known here. Whoever waits looks whether the time has come."""
        if not self.works:
            return
        if self._looking_up is None and self._aside == [None, None]:
            self._finished.clear()
        self._tidy()
        self._notes.hurry()
        for line in self._asleep.wake_all():
            self._put(line)
        if self._refilling is not None:
            await asyncio.wait({self._refilling})  # what it read may be older than what is asked for
        self._behind = [True, True]
        await self._refill()

    async def _refill(self) -> None:
        """Take from the database what memory has room for, oldest first.

        Lanes are read together: of two messages to one person, the later must not go because its lane came first."""
        lanes = [lane for lane in (REPLY, REMINDER) if self._behind[lane] and self._aside[lane] is None]
        if not lanes:
            return
        aside: list[Queued] = []
        for lane in lanes:
            self._aside[lane] = aside
        try:
            found = await self.store.read(partial(_unsent, lanes=lanes))
        finally:
            for lane in lanes:
                self._aside[lane] = None
        all_there = {lane: len(rows) < 2 * MOST_HELD for lane, rows in found.items()}
        for one in sorted((one for rows in found.values() for one in rows), key=lambda one: one.id):
            if one.id not in self._finished:
                all_there[one.lane] = self._take_over(one) and all_there[one.lane]
        for lane in lanes:
            self._behind[lane] = not all_there[lane]
        self.offer(aside)

    def _tidy(self) -> None:
        """Forget the pace of people who have not been written to for a while."""
        at = asyncio.get_running_loop().time()
        for key, line in list(self._lines.items()):
            if line.is_idle(self.channels[line.channel].limits, at):
                del self._lines[key]

    def hear(self, news: News) -> None:
        """What a transaction of this process or another led to, in the order of the commits."""
        if not self.works:
            return
        if news.elsewhere or self._looking_up is not None:
            self._heard.append(news)
            if self._looking_up is None:
                self._looking_up = asyncio.create_task(self._look_up())
            return
        for contact_id, lanes in news.withdrawn.items():
            self.withdraw(contact_id, lanes)
        if news.queued:
            self.offer(news.queued)
            self._pump.now()  # somebody waits for the answer

    async def _look_up(self) -> None:
        """Fetch what other processes have queued, everything heard meanwhile at once."""
        try:
            while self._heard:
                together = list(self._heard)
                ids = [one for news in together for one in news.elsewhere]
                rows = await self.store.read(partial(messages.these, ids=ids))
                found = {one.id: one for one in rows if one.id not in self._finished}
                for news in together:
                    self._heard.popleft()
                    for contact_id, lanes in news.withdrawn.items():
                        self.withdraw(contact_id, lanes)
                    self.offer([*news.queued, *(found[one] for one in news.elsewhere if one in found)])
        except StoreError:
            self._heard.clear()
            self._behind = [True, True]  # the next reading of the outbox finds them
        finally:
            self._looking_up = None

    def withdraw(self, contact_id: int, lanes: set[int]) -> None:
        """Do not send what this person was still to get in these lanes; what is on its way is."""
        for line in self._lines.values():
            held = list(line.waiting)
            kept = [one for at, one in enumerate(held)
                    if one.contact_id != contact_id or one.lane not in lanes or (at == 0 and line.place == "sending")]
            if len(kept) < len(held):
                self._finish({one.id for one in held} - {one.id for one in kept})
                line.keep_only(kept)
                if line.place == "asleep":  # for a message that is not sent any more
                    line.place = "nowhere"
                    if kept:
                        self._put(line)

    def offer(self, queued: Iterable[Queued]) -> None:
        """Take over messages that are stored."""
        for one in queued:
            aside = self._aside[one.lane]
            if aside is not None:
                aside.append(one)
            elif not self._behind[one.lane]:
                self._behind[one.lane] = not self._take_over(one)

    def _take_over(self, one: Queued) -> bool:
        """False where there is no room for it."""
        if one.id in self._known or one.channel not in self.channels:
            return True
        if self._held[one.lane] >= MOST_HELD:
            return False
        self._finished.discard(one.id)  # withdrawn with another, and offered anew
        self._known[one.id] = one.lane
        self._held[one.lane] += 1
        key = (one.channel, one.address)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(one.channel, one.address)
        line.add(one)
        if line.place not in ("sending", "asleep"):
            self._put(line)
        return True

    async def drain(self) -> None:
        """Until nothing that can be sent now is left. For tests and the terminal."""
        if self.store.hears_others:
            await self.reload()
        while any(line.place == "sending" or self._is_due(line) for line in self._lines.values()):
            self._notes.hurry()
            self._pump.stepped.clear()
            await self._pump.stepped.wait()

    def _is_due(self, line: Line) -> bool:
        return bool(line.waiting) and self._until_due(line.waiting[0]) <= 0

    def _until_due(self, message: Queued) -> float:
        """Seconds until it may be tried; 0 where it has not been tried yet."""
        return (message.due_at - self.clock.now()).total_seconds() if message.attempts else 0.0

    def _notice_the_clock(self, at: float) -> None:
        """A clock that was set back would put off by so much whatever was tried before: it is tried now instead."""
        now = self.clock.now()
        ahead = now.timestamp() - at
        if ahead < self._clock_ahead - SET_BACK:
            for line in self._lines.values():
                if line.waiting and line.place != "sending":
                    line.waiting[0] = replace(line.waiting[0], due_at=min(line.waiting[0].due_at, now))
        self._clock_ahead = ahead

    # ------------------------------------------------------------------- the loop

    def _put(self, line: Line) -> None:
        self._ready[line.channel].put(line)
        self._pump.ask()

    def _send_ready(self, at: float) -> float | None:
        """Send whatever may go now; how long until more may, or None to wait for news."""
        self._notice_the_clock(at)
        for line in self._asleep.wake(at):
            self._put(line)
        waits = [wait for ready in self._ready.values() if (wait := self._send_of(ready, at)) is not None]
        wakes = self._asleep.next()
        return min([*waits, max(0.0, wakes - at)] if wakes is not None else waits, default=None)

    def _send_of(self, ready: Ready, at: float) -> float | None:
        """Send what this channel may send now; how long until it may send more, where more waits."""
        while len(self._tasks) < AT_ONCE and (line := ready.first()) is not None:
            own = self._own_wait(line, ready, at)
            if own > 0:
                ready.take(line)
                self._asleep.put(line, at + own)
                continue
            wait = ready.pace.take(at)
            if wait > 0:
                return wait
            line.tokens -= 1
            ready.take(line)
            line.place = "sending"
            task = asyncio.create_task(self._send(line))
            self._tasks.add(task)
            task.add_done_callback(self._sending_ended)
        return None

    def _sending_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._pump.ask()

    def _own_wait(self, line: Line, ready: Ready, at: float) -> float:
        """How many seconds the first of this line must wait: for its retry, or for the pace of one person."""
        return max(line.rest(ready.limits, at), self._until_due(line.waiting[0]))

    async def _send(self, line: Line) -> None:
        first = line.waiting[0]
        if self._is_superseded(line):
            await self._drop(line, first)
            return
        together = self._together(line)
        line.tokens -= len(together) - 1
        began = perf_counter()
        reach("deliver.sending")
        takes_back = (first.content or {}).get("takes_back")
        try:
            if takes_back is not None:
                await self._take_back(first, takes_back)
                await self._undone(line, first)
                return
            external = await self._handed_over(together)
        except SendError as error:
            if len(together) > 1 and self._part(together, error):
                self._free(line)
                return
            await self._failed(line, first, error, perf_counter() - began, [one.id for one in together])
        except Exception as error:
            log.error("a channel failed", trace=logs.trace(first.cause), channel=line.channel, message=first.id,
                      **described(error))
            self._part(together, error)
            await self._failed(line, first, Retry("the channel failed"), perf_counter() - began)
        else:
            reach("deliver.sent")
            now = self.clock.now()
            for one in together:
                self._count_sent(one, perf_counter() - began, now)
            self._notes.add(line, zip([one.id for one in together], external, strict=True), now)

    # ------------------------------------------------------------------- albums

    def _together(self, line: Line) -> list[Queued]:
        """The first message; with it the other pictures of its album, where they go as one."""
        album = _album_of(line.waiting[0])
        if album is None or album in self._apart or not isinstance(self.channels[line.channel], SendsAlbums):
            return [line.waiting[0]]
        pictures = itertools.takewhile(lambda one: _album_of(one) == album, line.waiting)
        return list(itertools.islice(pictures, self.channels[line.channel].limits.album))

    async def _handed_over(self, together: Sequence[Queued]) -> list[str | None]:
        """The platform's id of each."""
        channel = self.channels[together[0].channel]
        outgoing = [await self._outgoing(one) for one in together]
        if len(together) == 1:
            return [await channel.send(outgoing[0])]
        if any(one.content is None for one in outgoing):
            raise Permanent("a picture of it cannot be had")
        assert isinstance(channel, SendsAlbums)
        return await channel.send_album(outgoing)

    def _part(self, together: Sequence[Queued], error: Exception) -> bool:
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

    async def _take_back(self, first: Queued, message_id: int) -> None:
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
        if found.perhaps_arrived or (found.error == messages.NOT_SENT and first.at < self._began):
            raise Permanent(messages.PERHAPS)  # it was tried, or perhaps by a process that ended before it could say so
        if allowed:
            hides = (found.external_id,) if arrived and found.external_id else ()
            message = OutgoingMessage.from_json(first.text, first.content)
            await self.channels[first.channel].send(Outgoing(first.id, first.address, message, hides))

    async def _undone(self, line: Line, first: Queued) -> None:
        now = self.clock.now()
        if await self._has_fate(line, first, lambda c: taking_back.note_done(
                c, first.id, messages.whose(c, first), now)):
            self._finish({line.done().id})
        self._free(line)

    async def _with_medium(self, first: Queued, message: OutgoingMessage, media: OurMedia) -> Outgoing:
        how = self.channels[first.channel].limits.media
        content = await media.content(first.id) if how in ("upload", "link") else None
        link = await media.address(first.id) if how == "link" and content is not None else ""
        return Outgoing(first.id, first.address, message, content=content, link=link)

    def _count_sent(self, message: Queued, seconds: float, now: datetime) -> None:
        if self.watcher is not None:
            self.watcher.sent(message.channel, "sent", seconds)
            if message.lane == REPLY:
                self.watcher.replied((now - message.at).total_seconds())
        if logs.detailed:
            logs.sent(message.cause, message.channel, message.id, seconds, message.attempts + 1)

    # ------------------------------------------------------------------- what has its fate

    def _was_noted(self, line: Line, ids: set[int]) -> None:
        if line.waiting and line.waiting[0].id in ids:
            line.done_with(ids)
            self._finish(ids)
            self._free(line)

    def _look_again(self) -> None:
        """Perhaps something is stored that nobody heard of."""
        self._behind = [True, True]
        self._refill_soon()

    def _free(self, line: Line) -> None:
        """The next of this line may go."""
        line.place = "nowhere"
        if line.waiting:
            self._put(line)
        self._pump.ask()

    def _finish(self, ids: set[int]) -> None:
        """These have their fate; a reading of the outbox that began before must not bring them back."""
        for one in ids:
            lane = self._known.pop(one, None)
            if lane is not None:
                self._held[lane] -= 1
        self._finished |= ids
        if (self._behind[REPLY] or self._behind[REMINDER]) and self._has_room():
            self._refill_soon()

    def _refill_soon(self) -> None:
        if self.works and (self._refilling is None or self._refilling.done()):
            self._refilling = asyncio.create_task(self._refill_or_wait())

    async def _refill_or_wait(self) -> None:
        with contextlib.suppress(StoreError):  # the next reading of the outbox tries again
            for _ in range(MOST_LOOKS):
                await self._refill()
                if not self._has_room():
                    return

    def _has_room(self) -> bool:
        """A lane is behind, and memory could take more of it."""
        return any(behind and held < MOST_HELD // 2 for behind, held in zip(self._behind, self._held, strict=True))

    # -------------------------------------------------------------------- failures

    def _is_superseded(self, line: Line) -> bool:
        """An old question of the bot that a newer one follows: answering it would help nobody."""
        first = line.waiting[0]
        return (self.clock.now() - first.at > STALE_AFTER and _asks(first)
                and any(_asks(later) for later in list(line.waiting)[1:]))

    async def _drop(self, line: Line, first: Queued) -> None:
        if await self._has_fate(line, first, lambda c: messages.mark_failed(c, first.id, first.attempts, "superseded")):
            self._finish({line.done().id})
        self._free(line)

    async def _failed(
        self, line: Line, first: Queued, error: SendError, seconds: float, together: Sequence[int] = ()
    ) -> None:
        tries, now = first.attempts + 1, self.clock.now()
        kind = type(error).__name__
        if self.watcher is not None:
            self.watcher.sent(line.channel, kind.lower(), seconds)
        log.info("not sent", trace=logs.trace(first.cause), channel=line.channel, message=first.id, kind=kind,
                 tries=tries)
        if isinstance(error, Blocked):
            sessions = {name: channel.limits.session for name, channel in self.channels.items()}
            if await self._has_fate(line, first, lambda c: block(c, first, str(error), now, sessions)):
                self._finish({one.id for one in line.waiting})
                line.keep_only(())
        elif isinstance(error, Permanent) or now - first.at > GIVE_UP_AFTER:
            if await self._has_fate(line, first, lambda c: give_up(c, first, tries, str(error), now)):
                self._finish({line.done().id})
        else:
            if isinstance(error, Retry) and error.seconds is not None:
                self._ready[line.channel].pace.rest(min(error.seconds, LONGEST_REST))
            due = now + wait_after(error, tries)
            if await self._has_fate(line, first, lambda c: later(c, first, tries, due, error, together)):
                line.waiting[0] = replace(first, attempts=tries, due_at=due)
        self._free(line)

    async def _has_fate(self, line: Line, first: Queued, note: Callable[[Connection], bool]) -> bool:
        """Store what became of the first of this line. Where that fails, it stays and is tried again after a pause;
        where it was withdrawn while it was being sent, it goes."""
        try:
            if await self.store.write(note):
                return True
            self._finish({line.done().id})
        except Exception as error:  # a line that nobody frees would be silent for ever
            if not isinstance(error, StoreError):
                log.error("what became of a message could not be stored", trace=logs.trace(first.cause),
                          message=first.id, **described(error))
            tries = first.attempts + 1
            line.waiting[0] = replace(first, attempts=tries, due_at=self.clock.now() + pause_after(tries))
        return False


def _unsent(connection: Connection, lanes: Iterable[int]) -> dict[int, list[Queued]]:
    return {lane: messages.unsent(connection, lane, 2 * MOST_HELD) for lane in lanes}


def _album_of(message: Queued) -> str | None:
    return (message.content or {}).get("album")


def _asks(message: Queued) -> bool:
    """Whether it is a question of the bot, with answers to tap."""
    buttons = message.content["buttons"] if message.author == "bot" and message.content else ()
    return any(kind in ("answer", "line") for _, _, kind in buttons)

