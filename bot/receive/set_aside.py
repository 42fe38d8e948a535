"""An event that always fails is kept beside its message, and given to the staff."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from bot.receive.visit import Visit
from bot.safely import storable
from conversations.events import FromPerson
from conversations.marking import mark as _
from storage import aside

ABOUT = _("What this person sent could not be handled. The mistake is ours, not theirs.")


def set_aside(connection: Connection, visit: Visit, event: FromPerson, message_id: int, tries: int) -> None:
    """Keep an event, with what its person was about to answer. How it is tried again: `bot/receive/aside.py`."""
    values = {**asdict(event), "at": event.at.isoformat()}
    kept = {"type": type(event).__name__, "event": storable(values), "open": open_to(visit), "tries": tries}
    aside.keep(connection, message_id, kept)
    aside.add_task(connection, visit.id, message_id, ABOUT, visit.now)
    visit.news |= {"queue", f"contact:{visit.id}"}


def open_to(visit: Visit) -> list[Any]:
    """What the person's next words belong to: a chat with a counsellor, or one question of one run."""
    run, ticket = visit.current, visit.ticket
    return [ticket and ticket.id, run and run.id, run and run.awaiting]
