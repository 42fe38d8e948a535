"""Where a message that we begin would cost money: it waits for the person, or is paid from the month's budget."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.receive.turns import Turns
from bot.receive.visit import Visit
from conversations.marking import mark as _
from storage import contacts, outside, tickets
from storage.contacts import Found

LOOK_AGAIN = timedelta(hours=1)
"""So often it is looked whether the person has written, or there is money again."""
KEY = "costs"
WAITS = _("We could not ask how it is going: a message there costs money now, and this month's is used up. "
          "We ask when the person writes. Perhaps a phone call reaches them.")
"""What colleagues read, and the person in their own file."""


def cheapest(turns: Turns, connection: Connection, found: Found, now: datetime) -> Found:
    """Another address of the same person where a message costs nothing, if here it would and there is one."""
    if not _costs(turns, connection, found.person.id, found.channel, now):
        return found
    free = [name for name, limits in turns.limits.items() if limits.session is None]
    return contacts.elsewhere(connection, found.person.id, free) or found


def may_ask(turns: Turns, visit: Visit, now: datetime) -> bool:
    """Whether a question of ours is free now, or still within the budget."""
    return not costs(turns, visit, now) or outside.spending(visit.connection, now, hold=True).is_left


def costs(turns: Turns, visit: Visit, now: datetime) -> bool:
    """Not where it is held until the person writes."""
    is_held = (visit.channel, visit.address) in visit.waits
    return not is_held and _costs(turns, visit.connection, visit.id, visit.channel, now)


def _costs(turns: Turns, connection: Connection, contact_id: int, channel: str, now: datetime) -> bool:
    limits = turns.limits.get(channel)
    if limits is None or limits.session is None:
        return False
    return not outside.in_session(connection, contact_id, channel, limits.session, now)


def paid(turns: Turns, visit: Visit, messages: int, now: datetime) -> None:
    """So many messages are sent outside of a session, if this is outside of one."""
    if messages and costs(turns, visit, now):
        outside.spend(visit.connection, messages, now)


def tell_why(visit: Visit, now: datetime) -> None:
    """A colleague sees that somebody was not asked, and why."""
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": KEY, "kind": KEY, "area": "general", "about": WAITS, "opened_at": now,
        "due_at": None,
    })
    visit.news.add("queue")


def is_asked(visit: Visit) -> None:
    tickets.drop_task(visit.connection, visit.id, KEY)
