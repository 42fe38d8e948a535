"""What a reply is compared with before it goes out: its person, and the people whose chats one has beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from storage.tables import Address, Contact, Ticket

MOST = 60


@dataclass(frozen=True, slots=True)
class Around:
    language: str
    own: tuple[str, ...]
    """What the person has told us, as texts."""
    others: tuple[str, ...]
    """Names of the other people."""
    channel: str = ""
    """Where the person was last, so where this goes."""


def around(connection: Connection, ticket_id: int, counsellor_id: int) -> Around | None:
    of_ticket = select(Contact.id, Contact.language, Contact.known).join(Ticket, Ticket.contact_id == Contact.id)
    person = connection.execute(of_ticket.where(Ticket.id == ticket_id)).one_or_none()
    if person is None:
        return None
    beside = select(Contact.known).join(Ticket, Ticket.contact_id == Contact.id).where(
        Ticket.counsellor_id == counsellor_id, Ticket.state == "assigned", Contact.id != person.id)
    names = [str((known or {}).get("name") or "") for known in connection.scalars(beside.limit(MOST))]
    last = select(Address.channel).where(Address.contact_id == person.id, Address.blocked_at.is_(None))
    channel = connection.scalar(last.order_by(Address.last_used_at.desc()).limit(1)) or ""
    return Around(person.language, tuple(_texts(person.known)), tuple(one for one in names if one), channel)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
    elif value is not None:
        yield str(value)
