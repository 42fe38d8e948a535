"""A counsellor takes back what was written: wrong, or to the wrong person. What is kept of it, and why so little,
stands in `storage/taking_back.py`; the outbox does the rest."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.channels.base import OutgoingMessage
from bot.receive.inbox import Receive
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import audit, contacts, taking_back, tickets
from storage.desk import DeskError
from storage.staff import CounsellorView

NOT_THERE = _d("This message is not there any more, or it is not a counsellor's.")
NOT_YOURS = _d("Only who wrote it, who has the chat, or a coordinator takes it back.")


def take_back(
    receive: Receive, connection: Connection, ticket_id: int, message_id: int, me: CounsellorView, distributes: bool
) -> str:
    """The words that it had, for who writes them again. Raises DeskError with the sentence to show.

    Also in a chat that is closed, and one's own in a chat that a colleague has by now: that is when it is noticed."""
    ticket = tickets.get(connection, ticket_id)
    if ticket is not None:
        contacts.reachable(connection, [ticket.contact_id])  # held: nobody else takes it back at this moment
        ticket = tickets.get(connection, ticket_id)
    one = taking_back.ours(connection, ticket.contact_id, message_id) if ticket is not None else None
    if ticket is None or one is None:
        raise DeskError(NOT_THERE)
    has_chat = ticket.state == "assigned" and ticket.counsellor_id == me.id
    if not (one.counsellor_id == me.id or has_chat or distributes):
        raise DeskError(NOT_YOURS)
    before = taking_back.taken(connection, [message_id]).get(message_id)
    if before is not None:
        raise DeskError(Phrase("{name} has taken this message back already.", name=before.by or "…"))
    now, content = receive.clock.now(), OutgoingMessage("", takes_back=message_id).as_json()
    taking_back.take_back(connection, ticket.contact_id, one, content, me.id, now)
    audit.note(connection, me.id, "take_back", ticket.contact_id, now, ticket=ticket_id, message=message_id)
    return one.text if one.kind == "text" else ""
