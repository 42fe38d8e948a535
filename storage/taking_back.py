"""What a counsellor took back: the row that takes a message away, and what became of it.

A message is taken back by another row of the same ledger (`kind` TAKE_BACK, `edits` the message): who did it is its
counsellor, when its moment, and its way through the outbox says whether the message is gone. It stands in the same line
as the message, behind it: so a message that is being sent at that moment has its fate when its turn comes.

The words are removed at once and for good, from the database too. They may have gone to the wrong person, and then they
are somebody else's data in this one's record: a click, an export or a paper copy of the talk would tell them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import Connection, and_, case, delete, func, select, update

from storage import messages
from storage.among import among
from storage.insert import insert_many
from storage.messages import NOT_SENT, NOT_TRIED, PERHAPS, REPLY, TAKE_BACK
from storage.news import tell
from storage.sealed import keys
from storage.tables import Address, Counsellor, Medium, Message

KEEPS, TOO_LATE, GONE, TWICE = "kept", "too_late", "taken_away", "perhaps twice"
"""Why it could not be taken away: the channel never can, not any more, or the address is somebody else's by now; or it
is away, and may stand there a second time."""
Fate: TypeAlias = Literal["going", "unsent", "deleted", "kept", "too_late", "perhaps", "twice", "refused"]


@dataclass(frozen=True, slots=True)
class Ours:
    """What a counsellor said to a person."""

    id: int
    counsellor_id: int | None
    kind: str
    text: str
    channel: str
    address: str
    """Empty where it was taken away from the person. On a shared phone it stays: whoever has it now can read it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is with a message that is to be taken away."""

    state: str
    external_id: str | None
    at: datetime
    sent_at: datetime | None
    error: str | None

    def perhaps_arrived(self, began: datetime) -> bool:
        """A try may have arrived of which nobody knows: there was no answer, or a process that ended before this one
        began could not say."""
        return (self.error or "").startswith(PERHAPS) or (self.error == NOT_SENT and self.at < began)


@dataclass(frozen=True, slots=True)
class Taken:
    """That a message was taken back, and what became of that."""

    at: datetime
    by: str | None
    fate: Fate
    error: str | None


def ours(connection: Connection, contact_id: int, message_id: int) -> Ours | None:
    """A counsellor's message to this person."""
    there = and_(Address.channel == Message.channel, Address.address == Message.address)
    row = connection.execute(
        select(Message.id, Message.counsellor_id, Message.kind, Message.text, Message.channel, Address.sealed)
        .outerjoin(Address, there)
        .where(Message.id == message_id, Message.contact_id == contact_id, Message.author == "counsellor")
    ).one_or_none()
    return Ours(row[0], row[1], row[2], row[3], row[4], row[5] or "") if row is not None else None


def take_back(
    connection: Connection, contact_id: int, one: Ours, content: dict[str, object], counsellor_id: int, now: datetime
) -> None:
    """Blank it, never send it where it still waits, and queue what takes it away. Whose it is is held by whoever calls.

    `content`: what the sender needs."""
    unsent = Message.state.in_(("queued", messages.HELD))
    doubt = case((Message.error.startswith(PERHAPS), PERHAPS), (Message.state == messages.HELD, NOT_TRIED),
                 else_=NOT_SENT)
    connection.execute(update(Message).where(Message.id == one.id, unsent).values(state="failed", error=doubt))
    blanked = keys.sealed(connection, Message, {"contact_id": contact_id, "text": ""})["text"]
    connection.execute(delete(Medium).where(Medium.message_id == one.id))
    connection.execute(update(Message).where(Message.id == one.id).values(text=blanked, content=None))
    gone = not one.address
    insert_many(connection, Message, keys.seal(connection, Message, [{
        "contact_id": contact_id, "channel": one.channel, "address": one.address or f"{GONE} {contact_id}",
        "author": "bot", "counsellor_id": counsellor_id, "kind": TAKE_BACK, "text": "", "content": content,
        "inbound_key": f"take-back-{one.id}", "lane": REPLY, "state": "failed" if gone else "queued", "attempts": 0,
        "due_at": now, "at": now, "edits": one.id, "error": GONE if gone else None,
    }]))
    messages.send_anew(connection, contact_id)
    tell(connection, ["queue", f"contact:{contact_id}"])


def standing(connection: Connection, message_id: int) -> Standing | None:
    """None: nothing is left of it."""
    row = connection.execute(select(Message.state, Message.external_id, Message.at, Message.sent_at,
                                    Message.error)
                             .where(Message.id == message_id)).one_or_none()
    return Standing(*row) if row is not None else None


def note_doubt(connection: Connection, ids: Sequence[int]) -> None:
    """These were being sent and perhaps have arrived, also where they were taken back meanwhile."""
    tried = update(Message).where(among(Message.id, "ids"))
    connection.execute(tried.where(Message.error == NOT_SENT).values(error=PERHAPS), {"ids": ids})
    is_known = func.coalesce(Message.error, "").startswith(PERHAPS)
    connection.execute(tried.where(Message.state == "queued", ~is_known).values(error=PERHAPS), {"ids": ids})


def note_done(connection: Connection, key: int, contact_id: int, now: datetime) -> bool:
    """It is gone. False where nobody waits for that any more."""
    done = update(Message).where(Message.id == key, Message.state == "queued")
    tell(connection, [f"contact:{contact_id}"])
    return bool(connection.execute(done.values(state="sent", sent_at=now, error=None)).rowcount)


def taken(connection: Connection, ids: Sequence[int]) -> dict[int, Taken]:
    """Those of these messages that were taken back."""
    undone = Message.__table__.alias()
    rows = connection.execute(
        select(undone.c.edits, undone.c.at, Counsellor.name, undone.c.state, undone.c.error, Message.state)
        .join(Message, Message.id == undone.c.edits)
        .outerjoin(Counsellor, Counsellor.id == undone.c.counsellor_id)
        .where(among(undone.c.edits, "ids"), undone.c.edits.is_not(None), undone.c.kind == TAKE_BACK), {"ids": ids})
    return {row[0]: Taken(row[1], row[2], _fate(row[3], row[4], row[5]), row[4]) for row in rows}


def _fate(state: str, error: str | None, of_message: str) -> Fate:
    if state == "queued":
        return "going"
    if error == PERHAPS:
        return "perhaps"
    if of_message == "failed":
        return "unsent"
    known: dict[str | None, Fate] = {KEEPS: "kept", TOO_LATE: "too_late", TWICE: "twice"}
    return known.get(error, "refused") if state == "failed" else "deleted"
