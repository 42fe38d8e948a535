"""What becomes of a message that could not be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.channels.base import Retry, SendError, Unknown
from conversations.marking import mark_for_desk as _d
from storage import contacts, linking, messages, taking_back, tickets
from storage.news import Queued, tell

GIVE_UP_AFTER = timedelta(days=3)
"""So long a message is tried; a channel can be down for a day without losing a word."""
LONGEST_WAIT = timedelta(minutes=10)
UNDELIVERED = _d("A message could not be delivered to this person")


def pause_after(tries: int) -> timedelta:
    """1, 2, 4 … seconds, ten minutes at most."""
    return min(timedelta(seconds=2.0 ** min(max(tries - 1, 0), 12)), LONGEST_WAIT)


def wait_after(error: SendError, tries: int) -> timedelta:
    """Until the next try: what the platform asks for, or longer each time."""
    if isinstance(error, Retry) and error.seconds is not None:
        return timedelta(seconds=error.seconds)
    return pause_after(tries + 1 if isinstance(error, Unknown) else tries)


STILL_THERE = _d("A message that was taken back may still be on this person's phone")


def later(
    connection: Connection, message: Queued, tries: int, due: datetime, error: SendError, together: Sequence[int] = ()
) -> bool:
    """False where nobody wants it sent any more; so also below. `together`: all that were tried with it."""
    unsure = isinstance(error, Unknown) and "takes_back" not in (message.content or {})
    why = f"{messages.PERHAPS}: {error}" if unsure else str(error)
    wanted = messages.mark_later(connection, message.id, tries, due, why)
    if unsure:
        taking_back.note_doubt(connection, [message.id, *together])
    if wanted:
        tell(connection, [f"contact:{messages.whose(connection, message)}"])
    return wanted


def give_up(connection: Connection, message: Queued, tries: int, why: str, now: datetime) -> bool:
    """The message stays failed, with the reason; a person looks after it."""
    if not messages.mark_failed(connection, message.id, tries, why):
        return False
    contact_id = messages.whose(connection, message)
    if "takes_back" not in (message.content or {}):
        report(connection, contact_id, now)
    elif why != taking_back.KEEPS:
        report(connection, contact_id, now, "not-taken-back", STILL_THERE)
    else:
        tell(connection, [f"contact:{contact_id}"])
    return True


def report(
    connection: Connection, contact_id: int, now: datetime, key: str = "undelivered", about: str = UNDELIVERED
) -> None:
    """A person looks after somebody whom a message did not reach."""
    tickets.add_task(connection, {
        "contact_id": contact_id, "key": key, "kind": "failed", "area": "general",
        "about": about, "opened_at": now, "due_at": None,
    })
    tell(connection, ["queue", f"contact:{contact_id}"])


def block(
    connection: Connection, message: Queued, why: str, now: datetime, sessions: Mapping[str, timedelta | None]
) -> bool:
    """Nothing more can arrive at this address. What waits is queued anew for another app of the same person, where they
    have one. `sessions`: the channels, with how long after somebody's last word a message costs nothing."""
    contacts.set_blocked(connection, message.channel, message.address, now)
    contact_id = messages.whose(connection, message)
    tell(connection, [f"contact:{contact_id}"])
    for other in linking.addresses(connection, contact_id):
        session = sessions.get(other.channel)
        if other.channel in sessions and (session is None or now - other.used_at < session):
            here, there = (message.channel, message.address), (other.channel, other.address)
            messages.queue_elsewhere(connection, contact_id, here, there, now)
            break
    messages.fail_all(connection, contact_id, message.channel, message.address, why)
    return True
