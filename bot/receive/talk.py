"""A talk with a counsellor begins and is left: what the person is told, and what the team gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.live import ALARM
from bot.receive import alarm, form, texts
from bot.receive.visit import Visit
from conversations.marking import mark as _
from storage import moves, tickets
from storage.tickets import TicketState

if TYPE_CHECKING:
    from bot.receive.turns import Turns

WANTED = _("Asked for a person")
LEFT = _("Left an urgent talk before it was closed: please look after this person")


def wanted(turns: Turns, visit: Visit) -> None:
    """The person asks for somebody."""
    if visit.ticket is None:
        hand_off(turns, visit, turns.area(visit), WANTED)
    elif form.is_open(visit):
        form.leave(turns, visit)
    elif visit.ticket.state == "waiting":
        turns.say(visit, texts.STILL_WITH_TEAM)
        _expectation(turns, visit)


def hand_off(turns: Turns, visit: Visit, area: str, reason: str, urgent: bool = False, text: str = "",
             goes_on: bool = False) -> None:
    """Open a ticket, or the one that was closed a little while ago, and say honestly when somebody reads it. The bot
    is silent from here on. `goes_on`: with whatever that talk was about. What is urgent is everybody's: a new one."""
    if visit.ticket is not None:
        return
    again = None if urgent else moves.reopen(visit.connection, visit.id, None if goes_on else area, reason, visit.now)
    visit.ticket = again or tickets.add(visit.connection, visit.id, area, reason, urgent, visit.now)
    visit.news |= {"queue", f"contact:{visit.id}", *([ALARM] if urgent else [])}
    turns.say(visit, text or texts.KNOWS)
    _expectation(turns, visit)
    turns.say(visit, texts.WRITE_NOW)


def _expectation(turns: Turns, visit: Visit) -> None:
    closes = turns.hours.closes(visit.now)
    if not turns.hours.known:
        turns.say(visit, texts.UNKNOWN_HOURS)
        turns.say(visit, texts.IN_DANGER)
    elif closes is not None:
        turns.say(visit, texts.OPEN_NOW, time=closes.strftime("%H:%M"))
    else:
        turns.say(visit, texts.CLOSED_NOW, moment=turns.next_opening(visit))
        turns.say(visit, texts.IN_DANGER)


def leave(turns: Turns, visit: Visit) -> None:
    """The person leaves. After a sign of danger the team still looks after them, and no menu follows."""
    ticket, cares = visit.ticket, alarm.is_care(visit)
    if ticket is not None:
        _look_after(visit, ticket)
        turns.say(visit, texts.LEFT_URGENT if cares or ticket.urgent else texts.LEFT_TALK)
        tickets.save(visit.connection, [ticket], visit.now)
        tickets.close(visit.connection, ticket.id, "person", None, visit.now)
        moves.closed(visit.connection, ticket, visit.now)
        visit.ticket = None
        visit.news |= {"queue", f"contact:{visit.id}"}
    if not cares:
        turns.resume(visit, greet=False)


def _look_after(visit: Visit, ticket: TicketState) -> None:
    if ticket.urgent:
        tickets.add_task(visit.connection, {
            "contact_id": visit.id, "key": f"left:{ticket.id}", "kind": alarm.CARE, "area": ticket.area,
            "about": LEFT,
            "opened_at": visit.now, "due_at": visit.now,
        })
