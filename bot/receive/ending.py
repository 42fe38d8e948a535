"""A case ends with a last word, and the door stays open: who writes again is back. Who has died hears nothing more."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.receive import appointing, written_to
from bot.receive.inbox import Receive
from bot.receive.visit import Visit
from conversations import LEAVING_NAME
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage import appointments, audit, closings, messages, moves, reminders, tickets
from storage.closings import DIED, LEAVES
from storage.desk import DeskError
from storage.messages import REMINDER, REPLY

GOAL = _("You have reached what we planned together. With this our regular contact ends for now.")
ENDED = _("Our regular contact ends here for now.")
STOPS = _("You would like to end our regular contact. That is all right.")
MOVED = _("You have moved. With this our regular contact ends for now.")
DOOR = _("The door stays open: write here at any time, and we go on. Until then we do not write to you by ourselves.")
LAST_WORDS = {"goal": GOAL, "ended": ENDED, "stops": STOPS, "moved": MOVED}
ANNOUNCED = _("Our regular contact ends on {date}. Until then, tell us here what you still need. "
              "After that you can still write to us at any time.")
CHAT_FIRST = _d("Their chat is open. Close it first.")
ALREADY = _d("This case is closed already.")
PLANNED_END = _d("The planned end of the case: look back together, then close it")
NOT_CLOSED = _d("This case is not closed.")
ANNOUNCED_KEY = "case-ends"
IN_THE_PAST = _d("The day of the end must still be to come.")


def close(receive: Receive, connection: Connection, contact_id: int, why: str, note: str, tell: bool, by: int) -> None:
    """With a last word, where it can be said and is wanted. Raises DeskError where a talk is open."""
    visit = written_to.visit_of(receive, connection, contact_id)
    if visit.ticket is not None and why != DIED:
        raise DeskError(CHAT_FIRST)
    if not closings.close(connection, contact_id, why, note, by, visit.now):
        raise DeskError(ALREADY)
    audit.note(connection, by, "close_case", contact_id, visit.now)
    can_be_told = not written_to.why_not(visit)
    _nothing_more(visit, by)
    if why == DIED:
        _silence(visit, by)
    elif tell and can_be_told:
        _last_word(receive, visit, why)
    visit.news |= {"queue", f"contact:{contact_id}"}
    receive.save(connection, [visit], visit.now)


def _nothing_more(visit: Visit, by: int) -> None:
    """No question, no appointment, no task of ours is left."""
    visit.person.stopped_at, visit.person.changed = visit.now, True
    reminders.cancel(visit.connection, visit.id)
    messages.drop_reminders(visit.connection, [visit.id])
    visit.withdrawn.add(REMINDER)
    appointing.end_talks(visit, appointing.TALKS)
    for one in appointments.coming(visit.connection, visit.id, visit.now):
        appointments.move(visit.connection, one, "cancelled", visit.now)
    if (asked := appointments.asking(visit.connection, visit.id)) is not None:
        appointments.move(visit.connection, asked, "cancelled", visit.now)
    tickets.finish_with_key(visit.connection, visit.id, ANNOUNCED_KEY, by, visit.now)


def _silence(visit: Visit, by: int) -> None:
    """Not even what is on its way."""
    visit.person.died_at = visit.now
    messages.drop_all(visit.connection, visit.id)
    visit.withdrawn.add(REPLY)
    if visit.ticket is not None:
        tickets.close(visit.connection, visit.ticket.id, "counsellor", None, visit.now)
        moves.closed(visit.connection, visit.ticket, visit.now, by)
        visit.ticket = None


def _last_word(receive: Receive, visit: Visit, why: str) -> None:
    if why == LEAVES:
        written_to.ask(receive, visit, LEAVING_NAME)
        return
    receive.turns.say(visit, LAST_WORDS[why])
    receive.turns.say(visit, DOOR)
    written_to.ask(receive, visit)


def announce(receive: Receive, connection: Connection, contact_id: int, day: date, by: int) -> None:
    """The end is told before it comes; on its day a counsellor has the task to close. Raises DeskError."""
    visit = written_to.visit_of(receive, connection, contact_id)
    zone = ZoneInfo(receive.turns.settings.time_zone)
    if day <= visit.now.astimezone(zone).date():
        raise DeskError(IN_THE_PAST)
    if trouble := written_to.why_not(visit):
        raise DeskError(trouble)
    tickets.drop_task(connection, contact_id, ANNOUNCED_KEY)
    tickets.add_task(connection, {
        "contact_id": contact_id, "key": ANNOUNCED_KEY, "kind": "call_back", "area": "general",
        "about": PLANNED_END, "opened_at": visit.now,
        "due_at": datetime.combine(day, time(9), zone)})
    audit.note(connection, by, "announce_end", contact_id, visit.now)
    receive.turns.say(visit, ANNOUNCED, date=receive.turns.translator.day(visit.person.language, day))
    written_to.ask(receive, visit)
    visit.news.add("queue")
    receive.save(connection, [visit], visit.now)


def undo(receive: Receive, connection: Connection, contact_id: int, by: int) -> None:
    """It was a mistake, or they have come back another way."""
    visit = written_to.visit_of(receive, connection, contact_id)
    if not closings.reopen(connection, contact_id, visit.now):
        raise DeskError(NOT_CLOSED)
    audit.note(connection, by, "reopen_case", contact_id, visit.now)
    visit.person.died_at = None
    visit.person.stopped_at, visit.person.changed = None, True
    visit.news |= {"queue", f"contact:{contact_id}"}
    receive.save(connection, [visit], visit.now)
