"""A due reminder: opens its conversation, tries a second time, and ends as a counsellor's task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection

from bot.receive import effects, texts
from bot.receive.turns import Turns
from bot.receive.visit import Visit
from storage import contacts, reminders, tickets
from storage.messages import REMINDER
from storage.reminders import Due

PATIENCE = timedelta(days=2)
"""How long we wait for an answer before the next try."""
TRIES = 2
SILENT = "The check-in was not answered to its end"
UNREACHABLE = "Could not be asked how it goes: this person cannot be reached"


Load: TypeAlias = Callable[[Connection, dict[Any, int], datetime], dict[Any, Visit]]
"""(channel, address) -> contact id becomes a visit each."""


def remind(
    turns: Turns, load: Load, connection: Connection, ids: Sequence[int], now: datetime, here: dict[Any, Visit]
) -> dict[Any, Visit]:
    """Carry out what is due, each by what holds for its person now. A reminder that no longer waits is left alone."""
    due = reminders.load(connection, ids, now)
    known = {visit.id: visit for visit in here.values()}
    visits: dict[Any, Visit] = {}
    moves = []
    for one in sorted(due.values(), key=lambda each: (each.due_at, each.id)):
        visit = known.get(one.contact_id) or _load(turns, load, connection, one.contact_id, now)
        if visit is not None:
            known[one.contact_id] = visits[visit.channel, visit.address] = visit
        moves.append(_one(turns, connection, one, visit, now))
    reminders.move(connection, moves)
    return visits


def _load(turns: Turns, load: Load, connection: Connection, contact_id: int, now: datetime) -> Visit | None:
    where = contacts.reachable(connection, contact_id)
    if where is None or where[0] not in turns.limits:
        return None
    return load(connection, {where: contact_id}, now)[where]


def _one(turns: Turns, connection: Connection, due: Due, visit: Visit | None, now: datetime) -> dict[str, Any]:
    if visit is None:
        _give_to_staff(connection, due, now, UNREACHABLE)
        return _moved(due, due.due_at, "unreachable")
    if visit.person.stopped_at is not None:
        return _moved(due, due.due_at, "cancelled")
    if due.opens not in turns.conversations:
        _give_to_staff(connection, due, now)
        return _moved(due, due.due_at, "unanswered")
    later = _not_before(visit, now)
    if later > now:
        return _moved(due, later)
    if due.attempt and all(run.id != due.run_id for run in visit.runs):
        return _moved(due, due.due_at, "answered")
    if due.attempt >= TRIES:
        _give_to_staff(connection, due, now)
        visit.news.add("queue")
        return _moved(due, due.due_at, "unanswered")
    return _ask(turns, due, visit, now)


def _not_before(visit: Visit, now: datetime) -> datetime:
    """When we may write: not while a counsellor has the chat, not in a pause, and in the person's own day."""
    at = now
    if visit.ticket is not None:
        at = now + timedelta(days=1)
    if visit.person.paused_until is not None:
        at = max(at, visit.person.paused_until)
    return effects.next_allowed(at, visit.person.time_zone, visit.person.known.get("contact_time"))


def _ask(turns: Turns, due: Due, visit: Visit, now: datetime) -> dict[str, Any]:
    """The first time the conversation opens; the second time its question comes again, gently."""
    if due.attempt:
        turns.say(visit, texts.SECOND_TRY)
    turns.open(visit, due.opens)
    turns.speak(visit, REMINDER)
    run = visit.current
    after = effects.next_allowed(now + PATIENCE, visit.person.time_zone, visit.person.known.get("contact_time"))
    return {"of": due.id, "due": after, "tries": due.attempt + 1, "run": run.id if run else None,
            "now_is": "waiting"}


def _moved(due: Due, at: datetime, state: str = "waiting") -> dict[str, Any]:
    return {"of": due.id, "due": at, "tries": due.attempt, "run": due.run_id, "now_is": state}


def give_up(connection: Connection, reminder_id: int, now: datetime) -> None:
    """A reminder that cannot be carried out ends with a counsellor, not in silence."""
    for due in reminders.load(connection, [reminder_id], now).values():
        _give_to_staff(connection, due, now)
        reminders.move(connection, [_moved(due, due.due_at, "unanswered")])


def _give_to_staff(connection: Connection, due: Due, now: datetime, about: str = SILENT) -> None:
    tickets.add_task(connection, {
        "contact_id": due.contact_id, "key": f"silent:{due.key}", "kind": "silent", "area": "general",
        "about": about, "opened_at": now, "due_at": None,
    })
