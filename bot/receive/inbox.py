"""The batch: who it is, what is new, what it leads to, and all of it stored at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from bot import logs
from bot.clock import Clock
from bot.hours import OfficeHours
from bot.receive import due as reminded
from bot.receive import form, linking, one_phone, texts
from bot.receive.arrivals import came_by
from bot.receive.set_aside import set_aside
from bot.receive.turns import Turns
from bot.receive.visit import Visit
from bot.routing import Answer, Ignore, decide
from bot.safely import clean, described, storable
from conversations.events import FromPerson, InboundEvent, Media, Message, ReminderDue, Started, Stopped, Tap
from storage import contacts, media, messages, reminders, runs, tickets
from storage.contacts import Found
from storage.news import tell
from storage.points import reach
from storage.store import Store, StoreError

log = structlog.get_logger()
KEPT_CHARACTERS = 20_000
"""So much of one message is kept; no platform sends more."""


MOST_TRIES = 3
"""So often an event is tried by itself before it is set aside."""


class Watcher(Protocol):
    """Counts what comes in."""

    def batch(self, events: Sequence[InboundEvent], seconds: float) -> None: ...

    def set_aside(self) -> None: ...


class Receive:
    def __init__(self, store: Store, turns: Turns, clock: Clock, watcher: Watcher | None = None) -> None:
        self.store, self.turns, self.clock, self.watcher = store, turns, clock, watcher

    def keep_hours(self, hours: OfficeHours) -> None:
        """These are the office hours from now on."""
        self.turns = replace(self.turns, hours=hours)

    async def handle(self, events: Sequence[InboundEvent]) -> None:
        """Store a batch and what it leads to. Returns after the commit.

        Raises StoreError where nothing could be stored: the caller must not acknowledge, and try again."""
        if not events:
            return
        began = perf_counter()
        reach("receive.begun")
        try:
            await self.store.write(lambda connection: self._batch(connection, events))
        except StoreError:
            raise
        except Exception as error:
            log.warning("a batch is taken event by event", events=len(events), **described(error))
            for event in events:
                await self._handle_one(event)
        reach("receive.stored")
        if self.watcher is not None:
            self.watcher.batch(events, perf_counter() - began)

    async def _handle_one(self, event: InboundEvent) -> None:
        """One event of a batch that failed. What fails again and again is set aside; it holds up nobody else."""
        for tries in range(1, MOST_TRIES + 1):
            try:
                await self.store.write(lambda connection: self._batch(connection, [event]))
                return
            except StoreError:
                raise
            except Exception as error:
                log.error("an event could not be handled", kind=type(event).__name__, tries=tries, **described(error))
        try:
            await self.store.write(lambda connection: self._set_aside(connection, event))
        except StoreError:
            raise
        except Exception as error:
            log.error("an event could not even be set aside", kind=type(event).__name__, **described(error))
        else:
            if self.watcher is not None:
                self.watcher.set_aside()

    # ------------------------------------------------------------------ the batch

    def _batch(self, connection: Connection, events: Sequence[InboundEvent]) -> None:
        now = self.clock.now()
        people = [event for event in events if not isinstance(event, ReminderDue)]
        due = [event.reminder_id for event in events if isinstance(event, ReminderDue)]
        found = self._found(connection, people, now)
        one_phone.settle(connection, found, now)
        people, later = one_phone.one_each(people, found)
        visits = self.load(connection, found.values(), now)
        new = self._new(connection, people, visits, now)
        self._note(connection, new, found, now)
        for event, stored_as in new:
            visit = visits[_key(event)]
            visit.cause = stored_as
            if isinstance(event, Started) and event.payload:
                came_by(self.turns, visit, event.payload)
            route, before = decide(event, visit.ticket is not None and not form.is_open(visit)), len(visit.rows)
            if isinstance(route, Answer) and _is_more_of_an_album(visit, event, stored_as):
                route = Ignore()
            self.turns.take(visit, event, route)
            if logs.detailed:
                kind, replies = type(event).__name__, len(visit.rows) - before
                logs.turn(stored_as, event.channel, kind, type(route).__name__, replies)
        if due:
            visits |= reminded.remind(self.turns, self.load, connection, due, now, visits)
        reach("receive.handled")
        self.save(connection, visits.values(), now)
        for visit in visits.values():
            if visit.joins is not None:
                linking.join(self, visit)
            if visit.hands_to is not None:
                one_phone.hand_over(self, visit)
                visit.hands_to = None
        if later:
            self._batch(connection, later)

    def _found(
        self, connection: Connection, events: Sequence[FromPerson], now: datetime
    ) -> dict[tuple[str, str], Found]:
        """Everybody in the batch; whoever is new is added."""
        hints = {_key(event): event for event in reversed(events)}
        found: dict[tuple[str, str], Found] = {}
        for channel in sorted({channel for channel, _ in hints}):
            addresses = [address for one, address in hints if one == channel]
            found |= {(channel, key): one for key, one in contacts.find(connection, channel, addresses).items()}
        closest = self.turns.translator.closest
        new = [(*key, closest(hints[key].language)) for key in sorted(hints) if key not in found]
        added = contacts.add(connection, new, self.turns.settings.time_zone, now)
        return found | {(one.channel, one.address): one for one in added}

    def load(
        self, connection: Connection, found: Collection[Found], now: datetime
    ) -> dict[Any, Visit]:
        """A visit for each address; two addresses of one person share theirs. Whoever waits for a phone that several
        use has one beside whoever has it."""
        stacks = runs.open_runs(connection, {one.person.id for one in found})
        known: dict[int, Visit] = {}
        visits: dict[Any, Visit] = {}
        run_ids = runs.Ids(connection)
        for one in found:
            visit = known.get(one.person.id)
            if visit is None:
                visit = known[one.person.id] = Visit(
                    connection, now, one.person, one.channel, one.address, self.turns.limits[one.channel],
                    stacks[one.person.id], one.ticket, run_ids,
                )
            if one.is_blocked:
                visit.blocked.add((one.channel, one.address))
            if one.nobody_id is not None:
                visit.nobody_at[one.channel, one.address] = one.nobody_id
                visit.is_fresh = one.is_fresh
            if one.waits:
                visit.waits.add((one.channel, one.address))
                visits[one.channel, one.address, one.person.id] = visit
            else:
                visits[one.channel, one.address] = visit
        return visits

    def _note(
        self, connection: Connection, new: Sequence[tuple[FromPerson, int]], found: Mapping[tuple[str, str], Found],
        now: datetime,
    ) -> None:
        """These people were here: what was asked is not asked again before they had time to answer."""
        here = [found[_key(event)] for event, _ in new]
        contacts.note_used(connection, here, now)
        asked = {found[_key(event)].person.id for event, _ in new
                 if found[_key(event)].is_asked and not isinstance(event, Stopped)}
        if asked:
            reminders.answered(connection, asked, reminded.ENOUGH, now + reminded.PATIENCE)

    def _new(
        self, connection: Connection, events: Sequence[FromPerson], visits: dict[Any, Visit], now: datetime
    ) -> list[tuple[FromPerson, int]]:
        """Store what came in; what was not here before, in order, with its id."""
        if not events:
            return []
        rows = {(event.channel, event.key): self._row(event, visits[_key(event)], now) for event in events}
        stored = messages.store_inbound(connection, list(rows.values()))
        media.expect(connection, self._files(events, stored, visits, now))
        for event in events:
            if isinstance(event, Message | Media) and event.edited and (event.channel, event.key) in stored:
                messages.note_edit(connection, stored[event.channel, event.key])
        for visit in visits.values():
            if visit.ticket is not None:
                visit.news.add(f"contact:{visit.id}")
        new = ((event, stored.pop((event.channel, event.key), None)) for event in events)
        return [(event, stored_as) for event, stored_as in new if stored_as is not None]

    def _files(
        self, events: Sequence[FromPerson], stored: Mapping[tuple[str, str], int], visits: Mapping[Any, Visit],
        now: datetime,
    ) -> list[tuple[int, int, datetime]]:
        """What is to be fetched: each new message with a file, whose it is, and from when on. A file that comes by
        itself is given time for it."""
        limits = self.turns.limits
        found = {stored[event.channel, event.key]: event for event in events
                 if isinstance(event, Media) and event.kind in media.FILES and not event.edited
                 and limits[event.channel].files and (event.channel, event.key) in stored}
        return [(message, visits[_key(event)].id, now + media.BROUGHT_WITHIN * limits[event.channel].brings_files)
                for message, event in found.items()]

    def _row(self, event: FromPerson, visit: Visit, now: datetime) -> dict[str, Any]:
        kind, text, content = "text", "", None
        match event:
            case Message():
                text = event.text
            case Tap():
                kind, text = "tap", self.turns.tap_label(visit, event.data)
            case Media():
                kind, text, content = event.kind, event.text, event.data
            case Started():
                kind = "started"
            case Stopped():
                kind = "stopped"
        return {
            "contact_id": visit.id, "channel": event.channel, "address": event.address, "author": "person",
            "kind": kind, "text": _storable(text), "content": storable(content), "inbound_key": event.key,
            "external_id": event.external_id, "reply_to": event.reply_to,
            "state": "received", "at": now, "lane": 0, "attempts": 0,
        }

    def save(self, connection: Connection, visits: Iterable[Visit], now: datetime) -> None:
        """Write everything back, set-wise, and tell what is to be sent and shown."""
        unique = sorted({visit.id: visit for visit in visits}.values(), key=lambda visit: visit.id)
        for visit in unique:
            if visit.person.died_at is not None:
                visit.rows.clear()  # no message goes to them any more, whoever wrote it
        contacts.save(connection, [visit.person for visit in unique])
        contacts.note_seen(connection, [visit.person for visit in unique if visit.rows], now)
        runs.save(connection, [run for visit in unique for run in (*visit.runs, *visit.ended)], now)
        tickets.save(connection, [visit.ticket for visit in unique if visit.ticket is not None], now)
        tell(connection, withdrawn={visit.id: visit.withdrawn for visit in unique if visit.withdrawn})
        rows = [row for visit in unique for row in visit.rows]
        messages.queue(connection, rows)
        one_phone.announce(self, connection, rows, now)
        tell(connection, (topic for visit in unique for topic in visit.news))

    def _set_aside(self, connection: Connection, event: InboundEvent) -> None:
        """One event that always fails: kept, answered honestly, and given to the staff."""
        now = self.clock.now()
        if isinstance(event, ReminderDue):
            reminded.give_up(self.turns, connection, event.reminder_id, now)
            tell(connection, ["queue"])
            return
        visits = self.load(connection, self._found(connection, [event], now).values(), now)
        new = self._new(connection, [event], visits, now)
        if not new:
            return
        visit = visits[_key(event)]
        _, visit.cause = new[0]
        set_aside(connection, visit, event, visit.cause, MOST_TRIES)
        visit.runs.clear()
        if not isinstance(event, Stopped):
            self.turns.say(visit, texts.OUR_FAULT)
            self.turns.speak(visit)
        self.save(connection, [visit], now)


def _storable(text: str) -> str:
    """Without what no database takes: half characters and zero bytes."""
    return clean(text[:KEPT_CHARACTERS])


def _is_more_of_an_album(visit: Visit, event: FromPerson, stored_as: int) -> bool:
    """Several photos that were sent at once are one thing said: the first is answered. Words under one are words."""
    album = event.data.get("album") if isinstance(event, Media) and not event.text else None
    return bool(album) and messages.album_before(visit.connection, visit.id, stored_as, str(album))


def _key(event: FromPerson) -> tuple[str, str]:
    return event.channel, event.address
