"""What is said: the conversations under way, the messages both ways, the files and the reminders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint

from storage.declared import Mapped, mapped_column
from storage.sealed.types import Findable, Sealed, SealedBytes
from storage.tables.base import NO_ID_AGAIN, WHERE, Id, Table

RECEIPTS = "channel = 'viber' AND external_id IS NOT NULL"
"""Messages of which the platform tells what became of them. Asked for in these very words: so the index is used."""


class Run(Table):
    """One person's passage through a conversation. Open runs of a person form a stack: the newest is current."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_open", "contact_id", info={WHERE: "ended_at IS NULL"}),
                      Index("runs_of", "contact_id", "conversation"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    conversation: Mapped[str] = mapped_column(String(32))
    answers: Mapped[dict[str, Any]] = mapped_column(Sealed("runs.answers", json=True, row="id"))
    feels: Mapped[bool] = mapped_column(default=False)
    """Answers that are kept for a shorter time are among them."""
    awaiting: Mapped[str | None] = mapped_column(String(128))
    misses: Mapped[int] = mapped_column(default=0)
    touched: Mapped[int] = mapped_column(BigInteger)
    """Grows each time the run becomes the current one; the highest open one is current."""
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Message(Table):
    """Everything said, by the person, the bot and the counsellors; those with state `queued` are the outbox."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "inbound_key"),
        Index("messages_of", "contact_id", "id"),
        Index("messages_unsent", "lane", "id", info={WHERE: "state = 'queued'"}),
        Index("messages_receipts", "external_id", info={WHERE: RECEIPTS}),
        Index("messages_edits", "edits", info={WHERE: "edits IS NOT NULL"}),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Findable(128))
    author: Mapped[str] = mapped_column(String(16))
    """person, bot, counsellor"""
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(16), default="text")
    """text, tap, started, stopped, or a kind of media; take_back: no message, it takes away the one that it `edits`"""
    text: Mapped[str] = mapped_column(Sealed("messages.text"))
    content: Mapped[dict[str, Any] | None] = mapped_column(Sealed("messages.content", json=True))
    """Of an outgoing one: its buttons; of an incoming one: what the channel needs to fetch the media."""
    inbound_key: Mapped[str | None] = mapped_column(String(96))
    cause_id: Mapped[int | None] = mapped_column(Id)
    """Of an outgoing one: the person's message that led to it."""
    external_id: Mapped[str | None] = mapped_column(String(96))
    reply_to: Mapped[str | None] = mapped_column(String(96))
    """Of an incoming one: the platform's id of the message that it answers."""
    edits: Mapped[int | None] = mapped_column(Id)
    """Of an incoming one: the message that has these words now. Of one that takes back: what it takes away."""
    lane: Mapped[int] = mapped_column(default=0)
    """0 replies, 1 reminders and broadcasts"""
    state: Mapped[str] = mapped_column(String(12), default="received")
    """received; or queued, held, sent, failed; where the platform tells it, delivered, seen"""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    error: Mapped[str | None]
    at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Medium(Table):
    """A file that came with a message: fetched in the background, and gone with its message."""

    __tablename__ = "media"
    __table_args__ = (Index("media_of", "contact_id"),
                      Index("media_waiting", "due_at", info={WHERE: "state = 'waiting'"}))

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True,
                                            autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting; then stored, too_large, full, gone"""
    type: Mapped[str | None] = mapped_column(String(96))
    """What the content itself says that it is."""
    size: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]


class MediumPart(Table):
    """A piece of a file. Small, so that storing one holds up nobody's answer."""

    __tablename__ = "media_parts"
    __table_args__ = (Index("media_parts_in", "message_id", "number"), Index("media_parts_of", "contact_id"))

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Message and number: a piece opens in no other place."""
    message_id: Mapped[int] = mapped_column(ForeignKey("media.message_id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(SealedBytes("media_parts.content", row="key"))


class Reminder(Table):
    """Something due at a time: it opens a conversation."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("contact_id", "key"),
        Index("reminders_due", "due_at", info={WHERE: "state = 'waiting'"}),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    """What it belongs to: run and step, so that a changed plan moves it and a second copy is none."""
    opens: Mapped[str] = mapped_column(String(32))
    due_at: Mapped[datetime]
    """The moment that `wall` means where the person is now."""
    wall: Mapped[str | None] = mapped_column(String(16))
    """The time on the person's own clock, "2027-03-28T10:00": it stays when they move or a clock changes."""
    attempt: Mapped[int] = mapped_column(default=0)
    """How often the person was already asked without an answer."""
    run_id: Mapped[int | None] = mapped_column(Id)
    """The run that it opened, once it did."""
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting, answered, cancelled, unanswered, unreachable"""
