"""The batch: who it is, what is new, what it leads to, and all of it stored at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.live import Live
from bot.receive import due as reminded
from bot.receive import texts
from bot.receive.turns import Turns
from bot.receive.visit import Visit
from bot.routing import decide
from bot.safely import clean, described, storable
from conversations.events import FromPerson, InboundEvent, Media, Message, ReminderDue, Started, Stopped, Tap
from storage import contacts, messages, plans, reminders, runs, tickets
from storage.messages import Queued
from storage.points import reach
from storage.store import Store, StoreError

log = structlog.get_logger()
KEPT_CHARACTERS = 20_000
"""So much of one message is kept; no platform sends more."""


class Offer(Protocol):
    """Takes over what is to be sent, once it is stored."""

    def offer(self, queued: Sequence[Queued]) -> None: ...

    def withdraw(self, contact_id: int, lanes: set[int]) -> None: ...


@dataclass(slots=True)
class Outcome:
    queued: list[Queued] = field(default_factory=list)
    news: set[str] = field(default_factory=set)
    withdrawn: dict[int, set[int]] = field(default_factory=dict)
    """Contact id -> lanes of what was queued before and must not be sent any more."""


class Receive:
    def __init__(self, store: Store, turns: Turns, clock: Clock, live: Live, deliver: Offer) -> None:
        self.store, self.turns, self.clock, self.live, self.deliver = store, turns, clock, live, deliver

    async def handle(self, events: Sequence[InboundEvent]) -> None:
        """Store a batch and what it leads to. Returns after the commit.

        Raises StoreError where nothing could be stored: the caller must not acknowledge, and try again."""
        if not events:
            return
        try:
            reach("receive.begun")
            outcome = await self.store.write(lambda connection: self._batch(connection, events))
            reach("receive.stored")
        except StoreError:
            raise
        except Exception:
            for event in events:
                await self._handle_one(event)
            return
        self.done(outcome)

    async def _handle_one(self, event: InboundEvent) -> None:
        """One event of a batch that failed. The one at fault is set aside; it holds up nobody else."""
        try:
            outcome = await self.store.write(lambda connection: self._batch(connection, [event]))
        except StoreError:
            raise
        except Exception as error:
            log.error("an event could not be handled", kind=type(event).__name__, **described(error))
            try:
                outcome = await self.store.write(lambda connection: self._set_aside(connection, event))
            except StoreError:
                raise
            except Exception as error:
                log.error("an event could not even be set aside", kind=type(event).__name__, **described(error))
                return
        self.done(outcome)

    def done(self, outcome: Outcome) -> None:
        """After the commit: send, and tell who follows."""
        for contact_id, lanes in outcome.withdrawn.items():
            self.deliver.withdraw(contact_id, lanes)
        self.deliver.offer(outcome.queued)
        for topic in outcome.news:
            self.live.publish(topic)

    async def write(self, work: Callable[[Connection], Outcome]) -> None:
        """A staff action: the same transaction, the same outbox."""
        self.done(await self.store.write(work))

    # ------------------------------------------------------------------ the batch

    def _batch(self, connection: Connection, events: Sequence[InboundEvent]) -> Outcome:
        now = self.clock.now()
        people = [event for event in events if not isinstance(event, ReminderDue)]
        due = [event.reminder_id for event in events if isinstance(event, ReminderDue)]
        visits = self.visits(connection, people, now) if people else {}
        new = self._new(connection, people, visits, now) if people else []
        if new:
            contacts.used(connection, {_key(one) for one in new}, now)
            here = {visits[_key(one)].id for one in new if not isinstance(one, Stopped)}
            reminders.answered(connection, here, reminded.TRIES, now + reminded.PATIENCE)
        for event in new:
            visit = visits[_key(event)]
            self.turns.take(visit, event, decide(event, visit.ticket is not None))
        if due:
            visits |= reminded.remind(self.turns, self.load, connection, due, now, visits)
        reach("receive.handled")
        return self.save(connection, list(visits.values()), now)

    def visits(self, connection: Connection, events: Sequence[FromPerson], now: datetime) -> dict[Any, Visit]:
        """Everybody in the batch with what is open of them, loaded set-wise."""
        hints = {_key(event): event for event in reversed(events)}
        found = contacts.find(connection, hints)
        for key in sorted(hints):
            if key not in found:
                language = self.turns.translator.closest(hints[key].language)
                zone = self.turns.settings.time_zone
                found[key] = (contacts.add(connection, *key, language, zone, now), False)
        visits = self.load(connection, {key: contact for key, (contact, _) in found.items()}, now)
        for key, (_, is_blocked) in found.items():
            if is_blocked:
                visits[key].blocked.add(key)
        return visits

    def load(self, connection: Connection, keys: dict[Any, int], now: datetime) -> dict[Any, Visit]:
        """(channel, address) -> contact id becomes a visit each; two addresses of one person share their state."""
        ids = sorted(set(keys.values()))
        people, stacks = contacts.load(connection, ids), runs.open_runs(connection, ids)
        open_tickets, steps = tickets.open_tickets(connection, ids), plans.open_steps(connection, ids)
        known: dict[int, Visit] = {}
        visits = {}
        for (channel, address), contact in keys.items():
            if contact not in known:
                known[contact] = Visit(
                    connection, now, people[contact], channel, address, self.turns.limits[channel],
                    stacks[contact], open_tickets.get(contact), steps[contact],
                )
            visits[channel, address] = known[contact]
        return visits

    def _new(
        self, connection: Connection, events: Sequence[FromPerson], visits: dict[Any, Visit], now: datetime
    ) -> list[FromPerson]:
        """Store what came in; give back what was not here before, in order."""
        rows = {(event.channel, event.key): self._row(event, visits[_key(event)], now) for event in events}
        stored = messages.store_inbound(connection, list(rows.values()))
        for visit in visits.values():
            visit.news |= {f"contact:{visit.id}"} if visit.ticket is not None else set()
        return [event for event in events if stored.pop((event.channel, event.key), None) is not None]

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
            "state": "received", "at": now, "lane": 0, "attempts": 0,
        }

    def save(self, connection: Connection, visits: list[Visit], now: datetime) -> Outcome:
        """Write everything back, set-wise."""
        unique = list({visit.id: visit for visit in visits}.values())
        unique.sort(key=lambda visit: visit.id)
        contacts.save(connection, [visit.person for visit in unique], now)
        runs.save(connection, [run for visit in unique if not visit.forgotten for run in (*visit.runs, *visit.ended)],
                  now)
        tickets.save(connection, [visit.ticket for visit in unique if visit.ticket is not None])
        queued = messages.queue(connection, [row for visit in unique for row in visit.rows])
        news = set().union(*(visit.news for visit in unique)) if unique else set()
        return Outcome(queued, news, {visit.id: visit.withdrawn for visit in unique if visit.withdrawn})

    def _set_aside(self, connection: Connection, event: InboundEvent) -> Outcome:
        """One event that always fails: kept, answered honestly, and given to the staff."""
        now = self.clock.now()
        if isinstance(event, ReminderDue):
            reminded.give_up(connection, event.reminder_id, now)
            return Outcome(news={"queue"})
        visits = self.visits(connection, [event], now)
        if not self._new(connection, [event], visits, now):
            return Outcome()
        visit = visits[_key(event)]
        visit.runs.clear()
        tickets.add_task(connection, {
            "contact_id": visit.id, "key": "failed", "kind": "failed", "area": "general",
            "about": "A message of this person could not be handled", "opened_at": now, "due_at": None,
        })
        self.turns.say(visit, texts.OUR_FAULT)
        self.turns.speak(visit)
        visit.news.add("queue")
        return self.save(connection, [visit], now)


def _storable(text: str) -> str:
    """Without what no database takes: half characters and zero bytes."""
    return clean(text[:KEPT_CHARACTERS])


def _key(event: FromPerson) -> tuple[str, str]:
    return event.channel, event.address
