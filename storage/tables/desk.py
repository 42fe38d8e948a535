"""What the counsellors work on: tickets and their moves, notes, changes, tasks, questions without an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from storage.declared import Mapped, mapped_column
from storage.sealed.types import Sealed
from storage.tables.base import NO_ID_AGAIN, WHERE, Id, Table


class Ticket(Table):
    """A hand-off to a person."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("tickets_open_one", "contact_id", unique=True, info={WHERE: "state != 'closed'"}),
        Index("tickets_of", "contact_id"),
        Index("tickets_area", "area", "contact_id"),
        Index("tickets_state", "state", "opened_at"),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    area: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Sealed("tickets.reason"))
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting, assigned, closed"""
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
    """When the person wrote again after it had been closed."""
    assigned_at: Mapped[datetime | None]
    asleep_at: Mapped[datetime | None]
    """Since when it asks for nobody's attention; until the person writes, or until `wakes_at`."""
    wakes_at: Mapped[datetime | None]
    offered_to: Mapped[int | None] = mapped_column(Id)
    """To which counsellor it is suggested while it waits."""
    offered_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    """When the person was told that it will be closed unless they write."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(16))
    """counsellor, person, silence"""
    outcome: Mapped[str | None] = mapped_column(Sealed("tickets.outcome"))
    rating: Mapped[str | None] = mapped_column(String(16))
    waiting_since: Mapped[datetime | None]
    """Since when the person waits for a word of ours; None: the last word was ours."""
    unread: Mapped[int] = mapped_column(default=0)
    """Messages of the person since the counsellor last wrote or looked."""
    form_run: Mapped[int | None] = mapped_column(Id)
    """The run that the bot asks in the middle of the talk, because the counsellor wants it."""
    alarm: Mapped[dict[str, Any] | None] = mapped_column(Sealed("tickets.alarm", json=True))
    """Where the safety gate has found something: the gravest tier, when the card was shown, what was said since."""


class TicketMove(Table):
    """What was done with a chat, and by whom, in order."""

    __tablename__ = "ticket_moves"
    __table_args__ = (Index("ticket_moves_of", "contact_id", "id"), Index("ticket_moves_at", "ticket_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    """claim, take_over, transfer, area, back, offer, consult, sleep, wake, close, silence, reopen"""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """None: the person, or the clock."""
    to_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """Who has it now; of a consult, who was asked."""
    area: Mapped[str | None] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Sealed("ticket_moves.reason"))
    until: Mapped[datetime | None]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Of a consult: since when nobody waits for the colleague's word any more."""


class Note(Table):
    """What counsellors write for each other; never shown to the person."""

    __tablename__ = "notes"
    __table_args__ = (Index("notes_of", "contact_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Sealed("notes.text"))
    at: Mapped[datetime]
    area: Mapped[str | None] = mapped_column(String(24))
    """What it is about; None: what its ticket is about. Psychosocial ones stand behind the wall."""


class Change(Table):
    """What was known of a person until somebody changed it: the history of a page that can be edited."""

    __tablename__ = "changes"
    __table_args__ = (Index("changes_of", "contact_id", "id"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    by_person: Mapped[bool]
    """The person answered anew themselves."""
    what: Mapped[str] = mapped_column(String(160))
    """answer:path, step:key, referral:key"""
    before: Mapped[dict[str, Any]] = mapped_column(Sealed("changes.before", json=True))
    """{"value": …}; empty where there was nothing."""
    after: Mapped[dict[str, Any]] = mapped_column(Sealed("changes.after", json=True))
    at: Mapped[datetime]


class Override(Table):
    """Somebody looked behind the wall in an emergency: why, for how long, and whether a coordinator has seen it."""

    __tablename__ = "overrides"
    __table_args__ = (
        Index("overrides_of", "contact_id", "counsellor_id"),
        Index("overrides_unseen", "at", info={WHERE: "seen_at IS NULL"}),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(Sealed("overrides.reason"))
    at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[int | None] = mapped_column(Id)


class Task(Table):
    """Something that a counsellor must do outside of a chat: an open question, somebody who does not answer."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("contact_id", "key"), Index("tasks_open", "done_at", "due_at"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(24))
    """question, fact, silent, costs, referral, media, failed, care, wellbeing, minor, call_back, plan"""
    area: Mapped[str] = mapped_column(String(24))
    about: Mapped[str] = mapped_column(Sealed("tasks.about", row="key"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))


class Unanswered(Table):
    """What somebody asked in their own words and the bot had no answer to; names are taken out before."""

    __tablename__ = "unanswered"
    __table_args__ = (Index("unanswered_of", "contact_id"), Index("unanswered_open", "settled_at", "id"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(12))
    area: Mapped[str | None] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Sealed("unanswered.text"))
    settled_at: Mapped[datetime | None]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
