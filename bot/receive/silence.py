"""A talk that nobody goes on with: the person is asked, and after another while it is closed. Both in office hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.hours import USUAL, OfficeHours
from bot.receive import discreet, texts
from bot.receive.inbox import Receive
from bot.receive.visit import Visit
from bot.receive.when import allowed_from
from storage import contacts, moves, silence, tickets
from storage.silence import Silent

WARN_AFTER, CLOSE_AFTER = timedelta(hours=16), timedelta(hours=8)
"""Of office hours: about two working days, and one more."""
OUTCOME = "no_answer"


def look(receive: Receive, connection: Connection) -> int:
    """Warn or close what has been silent for long enough; how many it was. Outside of office hours nothing."""
    now, hours = receive.clock.now(), _hours(receive)
    if not hours.is_open(now):
        return 0
    found = silence.silent(connection, now - WARN_AFTER, now - CLOSE_AFTER)
    return sum(_one(receive, connection, each, hours, now) for each in found)


def _hours(receive: Receive) -> OfficeHours:
    """Where nobody has set any, the usual ones: a talk is not ended at night."""
    known = receive.turns.hours
    return known if known.known else OfficeHours.parse(USUAL, ZoneInfo(receive.turns.settings.time_zone))


def _one(receive: Receive, connection: Connection, one: Silent, hours: OfficeHours, now: datetime) -> bool:
    since, patience = (one.warned_at, CLOSE_AFTER) if one.warned_at else (one.since, WARN_AFTER)
    visit = _visit(receive, connection, one, now) if hours.open_between(since, now) >= patience else None
    if visit is None:
        return False
    return _close(receive, visit) if one.warned_at else _warn(receive, visit, one)


def _visit(receive: Receive, connection: Connection, one: Silent, now: datetime) -> Visit | None:
    """The person, where it is a time when we may write to them. They are held, and looked at again."""
    found = contacts.reachable(connection, [one.contact_id], skip_busy=True).get(one.contact_id)
    if found is None or found.ticket is None or found.ticket.id != one.ticket_id or found.ticket.unread:
        return None
    if found.channel not in receive.turns.limits:
        return None
    [visit] = receive.load(connection, [found], now).values()
    if found.is_blocked:
        visit.channel = ""
    elif not discreet.may_write(visit) or allowed_from(visit, now) > now:
        return None
    return visit


def _warn(receive: Receive, visit: Visit, one: Silent) -> bool:
    if not silence.note_warned(visit.connection, one, visit.now):
        return False
    if visit.channel:
        receive.turns.say(visit, texts.STILL_THERE)
        receive.turns.speak(visit, unasked=True)
    _save(receive, visit)
    return True


def _close(receive: Receive, visit: Visit) -> bool:
    """The bot goes on at the same question."""
    ticket = visit.ticket
    if ticket is None or not tickets.close(visit.connection, ticket.id, "silence", OUTCOME, visit.now):
        return False
    moves.note(visit.connection, ticket, "silence", visit.now)
    moves.end_consults(visit.connection, ticket.id, visit.now)
    visit.ticket = None
    if visit.channel:
        receive.turns.say(visit, texts.CLOSED_SILENT)
        receive.turns.resume(visit, greet=False)
        receive.turns.speak(visit, unasked=True)
    _save(receive, visit)
    return True


def _save(receive: Receive, visit: Visit) -> None:
    visit.news |= {"queue", f"contact:{visit.id}"}
    receive.save(visit.connection, [visit], visit.now)
