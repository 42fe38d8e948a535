"""What the web chat reads of a chat."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bot.channels.base import OutgoingMessage
from bot.web.thread import Thread, ThreadMessage
from storage import contacts, messages, one_phone, tickets
from storage.sealed import keys
from storage.store import Store
from storage.tables import Contact


class ChatReader:
    def __init__(self, store: Store) -> None:
        self.store = store

    async def thread(self, address: str, after: int, limit: int) -> Thread:
        """The newest messages of an address above `after`, oldest first."""
        return await self.store.read(lambda connection: _thread(connection, address, after, limit))


def _thread(connection: Connection, address: str, after: int, limit: int) -> Thread:
    contact = contacts.who(connection, "web", address)
    if contact is None:
        return Thread()
    language = connection.execute(select(Contact.language).where(Contact.id == contact)).scalar_one()
    ticket = tickets.open_tickets(connection, [contact]).get(contact)
    owner = tickets.owner(connection, ticket.id) if ticket is not None else None
    hidden = contacts.hidden_to(connection, "web", address)
    shared = one_phone.at(connection, "web", address) is not None
    [whose] = keys.hashed(connection, [f"whose chat\0{address}\0{contact}"]) if shared else [""]
    rows = messages.thread(connection, contact, address, "web", max(after, hidden), limit)
    return Thread(
        tuple(_message(row) for row in rows if row.kind not in ("started", "stopped")), language,
        waiting=ticket is not None, counsellor=owner[1] if owner else None, hidden=hidden,
        whose=whose,
    )


def _message(row: Any) -> ThreadMessage:
    content = row.content if row.author != "person" else None
    message = OutgoingMessage.from_json(row.text, content)
    return ThreadMessage(
        row.id, row.author, row.kind, row.text, row.at.isoformat(), message.buttons, message.columns,
        message.style, row.inbound_key, _file(row, message),
        row.edits if row.kind == messages.TAKE_BACK else None,
    )


def _file(row: Any, message: OutgoingMessage) -> tuple[str, str] | None:
    """Of their own, what a page can show: the rest is named by its kind."""
    if row.author == "person":
        return (row.kind, "") if row.kind in ("photo", "voice") else None
    return (message.medium.kind, message.medium.name) if message.medium else None
