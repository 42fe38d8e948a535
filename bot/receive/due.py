"""A due reminder: opens its conversation, tries a second time, and ends as a counsellor's task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection

from bot.receive import outside, texts
from bot.receive.turns import Turns
from bot.receive.visit import Visit
from bot.receive.when import allowed_for, allowed_from
from conversations.marking import mark as _
from storage import contacts, reminders, tickets
from storage.contacts import Found
from storage.messages import REMINDER
from storage.reminders import Due

PATIENCE = timedelta(days=2)
"""How long we wait for an answer before the next try."""
TRIES = 2
SILENT = _("The check-in was not answered to its end")
UNREACHABLE = _("Could not be asked how it goes: this person cannot be reached")


Load: TypeAlias = Callable[[Connection, Collection[Found], datetime], dict[Any, Visit]]
"""People at their addresses become a visit each."""


def remind(
    turns: Turns, load: Load, connection: Connection, ids: Sequence[int], now: datetime, here: dict[Any, Visit]
) -> dict[Any, Visit]:
    """Carry out what is due, each by what holds for its person now. A reminder that no longer waits is left alone.

    People come first, then their reminders: so two processes never wait for each other, and what is read is what
    holds. Somebody whom another process has right now is left for the next sweep."""
    known = {visit.id: visit for visit in here.values()}
    others = contacts.reachable(connection, reminders.people(connection, ids) - known.keys(), skip_busy=True)
    can_be_asked = [outside.cheapest(turns, connection, one, now) for one in others.values()
                    if not one.is_blocked and one.channel in turns.limits]
    visits = load(connection, can_be_asked, now)
    known |= {visit.id: visit for visit in visits.values()}
    moves = []
    for one in sorted(reminders.load(connection, ids, now).values(), key=lambda each: (each.due_at, each.id)):
        if one.contact_id in known or one.contact_id in others:
            moves.append(_one(turns, connection, one, known.get(one.contact_id), now))
    reminders.move(connection, moves)
    return visits


def _one(turns: Turns, connection: Connection, due: Due, visit: Visit | None, now: datetime) -> dict[str, Any]:
    if visit is None:
        _give_to_staff(connection, due, now, UNREACHABLE)
        return _moved(due, due.due_at, "unreachable")
    if visit.person.stopped_at is not None or visit.person.consents.get("check_in") is False:
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
    if not outside.may_ask(turns, visit, now):
        outside.tell_why(visit, now)
        return _moved(due, now + outside.LOOK_AGAIN)
    return _ask(turns, due, visit, now)


def _not_before(visit: Visit, now: datetime) -> datetime:
    """When we may write: not while a counsellor has the chat, not in a pause, and in the person's own day."""
    at = now
    if visit.ticket is not None:
        at = now + timedelta(days=1)
    if visit.person.paused_until is not None:
        at = max(at, visit.person.paused_until)
    return allowed_from(visit, at)


def _ask(turns: Turns, due: Due, visit: Visit, now: datetime) -> dict[str, Any]:
    """The first time the conversation opens; the second time its question comes again, gently."""
    if due.attempt:
        turns.say(visit, texts.SECOND_TRY)
    before = len(visit.rows)
    turns.open(visit, due.opens)
    turns.speak(visit, REMINDER)
    outside.paid(turns, visit, len(visit.rows) - before, now)
    outside.is_asked(visit)
    run = visit.current
    return {"of": due.id, "due": allowed_for(visit, PATIENCE), "tries": due.attempt + 1, "run": run.id if run else None,
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
