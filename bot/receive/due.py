"""A due reminder: opens its conversation, tries again, also elsewhere, and ends as a counsellor's task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection

from bot.receive import appointing, asking, confirming, outside, texts
from bot.receive.daily import ONCE, Daily, rank
from bot.receive.turns import Turns
from bot.receive.visit import Visit
from bot.receive.when import allowed_for, allowed_from, tomorrow
from conversations import APPOINTMENT_SOON_NAME as APPOINTMENT_SOON
from conversations import CHECK_IN_NAME as CHECK_IN
from conversations import FACT_NEWS_NAME as FACT_NEWS
from conversations import HELP_NEWS_NAME as HELP_NEWS
from conversations import STEP_SOON_NAME as STEP_SOON
from conversations.marking import mark as _
from storage import asking as kept
from storage import contacts, reminders, tickets, told
from storage.contacts import Found
from storage.messages import REMINDER
from storage.reminders import Due

PATIENCE = timedelta(days=2)
"""How long we wait for an answer before the next try."""
TRIES = 2
"""So often where the person wrote last; once more where else they can be reached."""
ENOUGH = TRIES + 1
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
    work = _Round(turns, connection, now, Daily.of(connection, known, now))
    for one in sorted(reminders.load(connection, ids, now).values(), key=_order):
        if one.contact_id in known or one.contact_id in others:
            work.take(one, known.get(one.contact_id))
    work.save()
    return visits


def _order(due: Due) -> tuple[int, datetime, int]:
    return rank(due.opens), due.due_at, due.id


@dataclass(slots=True)
class _Round:
    """What is due in one transaction."""

    turns: Turns
    connection: Connection
    now: datetime
    daily: Daily
    moves: list[dict[str, Any]] = field(default_factory=list)
    over: dict[int, Visit] = field(default_factory=dict)
    """Whose reminder has come to an end: what comes next is worked out when all is stored."""
    asked: list[int] = field(default_factory=list)

    def take(self, due: Due, visit: Visit | None) -> None:
        self.moves.append(self._one(due, visit))

    def save(self) -> None:
        reminders.move(self.connection, self.moves)
        self.daily.save(self.connection)
        if self.asked:
            kept.asked(self.connection, self.asked)
        for visit in self.over.values():
            asking.plan(self.connection, visit.person, self.now)

    def _one(self, due: Due, visit: Visit | None) -> dict[str, Any]:
        if visit is None:
            _give_to_staff(self.turns, self.connection, due, self.now, UNREACHABLE)
            return _moved(due, due.due_at, "unreachable")
        if visit.person.stopped_at is not None or visit.person.consents.get("check_in") is False:
            return _moved(due, due.due_at, "cancelled")
        if due.opens not in self.turns.conversations:
            _give_to_staff(self.turns, self.connection, due, self.now)
            return _moved(due, due.due_at, "unanswered")
        later = _not_before(visit, self.now)
        if later > self.now:
            return _moved(due, later)
        if due.attempt and all(run.id != due.run_id for run in visit.runs):
            return self._over(due, visit, "answered")
        if due.attempt >= TRIES and not self._goes_elsewhere(due, visit):
            _give_to_staff(self.turns, self.connection, due, self.now)
            visit.news.add("queue")
            return self._over(due, visit, "unanswered")
        if self._is_nothing(due, visit):
            return self._over(due, visit, "answered")
        if not self.daily.is_free(visit, due.opens):
            return _moved(due, tomorrow(visit.person, self.now))
        if not outside.may_ask(self.turns, visit, self.now):
            outside.tell_why(visit, self.now)
            return _moved(due, self.now + outside.LOOK_AGAIN)
        return self._ask(due, visit)

    def _over(self, due: Due, visit: Visit, state: str) -> dict[str, Any]:
        self.over[visit.id] = visit
        return _moved(due, due.due_at, state)

    def _is_nothing(self, due: Due, visit: Visit) -> bool:
        """The plan has changed, or we were away: what was to be announced is done, moved or past."""
        if due.opens == APPOINTMENT_SOON:
            return appointing.is_over(visit, due.key)
        if due.opens == FACT_NEWS:
            return not told.waiting(self.connection, visit.id)
        return due.opens == STEP_SOON and not asking.soon(self.connection, visit.person, self.now)

    def _begun(self, due: Due, visit: Visit) -> dict[str, Any]:
        is_help = due.opens == HELP_NEWS
        return {"@confirmed": confirming.confirmed(visit, due.key, self.turns.translator)} if is_help else {}

    def _goes_elsewhere(self, due: Due, visit: Visit) -> bool:
        """The third try goes where else the person can be reached. Not to whom somebody else may see the phone: there
        we know only of the one place that it is theirs alone."""
        if due.attempt != TRIES or visit.person.discreet is not None:
            return False
        free = (name for name, limits in self.turns.limits.items() if limits.session is None)
        others = [name for name in free if name != visit.channel]
        found = contacts.elsewhere(self.connection, visit.id, others)
        if found is None:
            return False
        visit.channel, visit.address, visit.limits = found.channel, found.address, self.turns.limits[found.channel]
        return True

    def _ask(self, due: Due, visit: Visit) -> dict[str, Any]:
        """The first time the conversation opens, from its beginning; after that its question comes again, gently."""
        turns = self.turns
        if due.attempt and (visit.channel, visit.address) in visit.waits:  # the first one still waits for them
            return {**_moved(due, allowed_for(visit, PATIENCE)), "tries": due.attempt + 1}
        left = next((run for run in visit.runs if run.conversation == due.opens and not due.attempt), None)
        if left is not None:
            visit.end(left)
        if due.attempt:
            turns.say(visit, texts.SECOND_TRY if due.attempt < TRIES else texts.THIRD_TRY)
        before = len(visit.rows)
        turns.open(visit, due.opens, begun=self._begun(due, visit))
        turns.speak(visit, REMINDER)
        outside.paid(turns, visit, len(visit.rows) - before, self.now)
        outside.is_asked(visit)
        self.daily.wrote(visit)
        if due.opens == CHECK_IN and not due.attempt:
            self.asked.append(visit.id)
        if due.opens in ONCE:
            return self._over(due, visit, "answered")
        run = visit.current
        return {"of": due.id, "due": allowed_for(visit, PATIENCE), "tries": due.attempt + 1,
                "run": run.id if run else None, "now_is": "waiting"}


def _not_before(visit: Visit, now: datetime) -> datetime:
    """When we may write: not while a counsellor has the chat, not in a pause, and in the person's own day."""
    at = now
    if visit.ticket is not None:
        at = now + timedelta(days=1)
    if visit.person.paused_until is not None:
        at = max(at, visit.person.paused_until)
    return allowed_from(visit, at)


def _moved(due: Due, at: datetime, state: str = "waiting") -> dict[str, Any]:
    return {"of": due.id, "due": at, "tries": due.attempt, "run": due.run_id, "now_is": state}


def give_up(turns: Turns, connection: Connection, reminder_id: int, now: datetime) -> None:
    """A reminder that cannot be carried out ends with a counsellor, not in silence."""
    for due in reminders.load(connection, [reminder_id], now).values():
        _give_to_staff(turns, connection, due, now)
        reminders.move(connection, [_moved(due, due.due_at, "unanswered")])


def _give_to_staff(turns: Turns, connection: Connection, due: Due, now: datetime, about: str = SILENT) -> None:
    """Somebody of the team looks after the person within one working day."""
    if due.opens in ONCE:
        return
    tickets.add_task(connection, {
        "contact_id": due.contact_id, "key": f"silent:{due.key}", "kind": "silent", "area": "general",
        "about": about, "opened_at": now,
        "due_at": turns.hours.due(now, "working_day"),
    })
