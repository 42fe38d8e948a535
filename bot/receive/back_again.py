"""Somebody writes whose case was closed: they are back. From the phone of somebody who has died: a colleague looks."""

from __future__ import annotations

from datetime import timedelta

from bot.receive import texts
from bot.receive.visit import Visit
from bot.routing import Alarm, Distress, Route, ToCounsellor
from conversations.events import FromPerson, Media, Message
from conversations.understanding.kindness import kindness
from storage import closings, tickets

CAME_BACK = "Wrote again: the case is open again"
FROM_THE_PHONE = "Somebody writes from the phone of this person, who has died. The bot is silent: please look"


def came_back(visit: Visit) -> bool:
    """They had said stop, or their case was closed, and write again. Whether it was closed."""
    was_closed = closings.reopen(visit.connection, visit.id, visit.now)
    if was_closed:
        tickets.add_task(visit.connection, {
            "contact_id": visit.id, "key": "came-back", "kind": "call_back", "area": "general", "about": CAME_BACK,
            "opened_at": visit.now, "due_at": visit.now + timedelta(days=1)})
        visit.news |= {"queue", f"contact:{visit.id}"}
    return was_closed


def only_kind(visit: Visit, event: FromPerson, route: Route) -> str | None:
    """What to say to a thank you, a greeting or a heart after the end of a case: it needs no answer of the team, and
    opens nothing. A word more, and it does."""
    if visit.person.stopped_at is None or isinstance(route, Alarm | Distress | ToCounsellor):
        return None
    kind: str | None = None
    if isinstance(event, Message):
        kind = kindness(event.text)
    elif isinstance(event, Media) and event.kind == "sticker" and not event.text:
        kind = "thanks"
    is_closed = kind is not None and closings.current(visit.connection, visit.id) is not None
    return texts.KIND_WORDS[kind] if kind is not None and is_closed else None


def from_the_phone(visit: Visit) -> None:
    """It is not the person who writes. No program answers; a colleague looks."""
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": "from-the-phone", "kind": "care", "area": "general", "about": FROM_THE_PHONE,
        "opened_at": visit.now, "due_at": visit.now})
    visit.news |= {"queue", f"contact:{visit.id}"}
