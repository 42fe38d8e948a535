"""A private link that opens somebody's chat in another browser: one a person, once, for a month.

What the browser keeps stands nowhere but in the link itself: it is locked with the link's key, of which only the digest
is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from storage import contacts, messages
from storage.news import tell
from storage.passes import digest, new_token
from storage.pushes import chat as chat_pushes
from storage.sealed import keys
from storage.sealed.box import Box
from storage.tables import Address, Message, WayBack

LASTS = timedelta(days=30)
OPENS_AGAIN = timedelta(minutes=10)
"""So long the page that a link was opened in may open it again: it may not have heard that it was open."""
USED = "used:"
PLACE = "ways_back.locked"


def make(connection: Connection, contact_id: int, token: str, now: datetime) -> str:
    """The key of a new link to what has this token. The one before it holds no more."""
    end(connection, contact_id)
    key = new_token()
    connection.execute(insert(WayBack).values(
        key_hash=digest(key), contact_id=contact_id, locked=str(_box(key).lock(token.encode(), PLACE)),
        expires_at=now + LASTS,
    ))
    return key


def until(connection: Connection, contact_id: int, now: datetime) -> datetime | None:
    """How long the link of this person holds; None where there is none."""
    held = select(WayBack.expires_at).where(
        WayBack.contact_id == contact_id, WayBack.expires_at > now, ~WayBack.key_hash.startswith(USED))
    return connection.scalar(held)


def use(
    connection: Connection, key: str, page: str, address_of: Callable[[str], str], now: datetime
) -> str | None:
    """The token behind the link, for the one who comes first, as long as it still opens that person's chat. `page`:
    what that one made by chance, and nobody else knows."""
    used = USED + digest(f"{key} {page}")[len(USED):]
    first = update(WayBack).where(WayBack.key_hash == digest(key), WayBack.expires_at > now)
    connection.execute(first.values(key_hash=used, expires_at=now + OPENS_AGAIN))
    row = connection.execute(select(WayBack).where(WayBack.key_hash == used, WayBack.expires_at > now)).one_or_none()
    if row is None:
        return None
    token = _box(key).unlock(row.locked, PLACE).decode()
    return token if contacts.who(connection, "web", address_of(token)) == row.contact_id else None


def end(connection: Connection, contact_id: int) -> None:
    """The link opens nothing any more."""
    connection.execute(delete(WayBack).where(WayBack.contact_id == contact_id))


def change(connection: Connection, contact_id: int, old: str, new: str) -> None:
    """The chat has another address from now on: whoever had the old one, by a link or a browser, has nothing."""
    end(connection, contact_id)
    chat_pushes.turn_off(connection, contact_id, "")
    row = keys.sealed(connection, Address, {"contact_id": contact_id, "sealed": new})
    connection.execute(update(Address).where(Address.channel == "web", Address.address == old).values(
        address=new, sealed=row["sealed"]))
    said = update(Message).where(Message.contact_id == contact_id, Message.channel == "web", Message.address == old)
    connection.execute(said.values(address=new))
    messages.send_anew(connection, contact_id)
    tell(connection, [f"web:{old}", f"contact:{contact_id}"])


def tidy(connection: Connection, now: datetime) -> None:
    connection.execute(delete(WayBack).where(WayBack.expires_at <= now))


def _box(key: str) -> Box:
    return Box(sha256(f"{PLACE} {key}".encode()).digest())
