"""The team: accounts, presence, sessions, passes, what they read and did, and their canned replies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String

from storage.declared import Mapped, mapped_column
from storage.sealed.types import TeamSealed
from storage.tables.base import Id, Table


class Counsellor(Table):
    """A console user."""

    __tablename__ = "counsellors"
    __table_args__ = (Index("counsellors_telegram", "telegram_id", unique=True),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16), default="counsellor")
    """counsellor, coordinator"""
    password_hash: Mapped[str]
    """Empty: no password yet; a one-time link sets it."""
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    code_secret: Mapped[str | None] = mapped_column(TeamSealed("counsellors.code_secret", owner="id"))
    """What the phone's app makes its codes from; None: a password alone opens."""
    code_step: Mapped[int | None] = mapped_column(BigInteger)
    """The half minute of the last code that was taken: no code opens twice."""
    areas: Mapped[list[str] | None]
    """The areas that they work in; None: nobody has said yet, so none."""
    languages: Mapped[list[str] | None]
    """The languages that they talk with people in."""
    telegram_id: Mapped[int | None] = mapped_column(BigInteger)
    """Their account on Telegram, which answers in the staff group; they have linked it themselves."""
    reads_in: Mapped[str | None] = mapped_column(String(16))
    """The language of the console for them; None: as their browser says."""


class Presence(Table):
    """Whether a counsellor is here, and how many chats they can have."""

    __tablename__ = "presences"

    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"), primary_key=True)
    pinged_at: Mapped[datetime | None]
    """When a page of theirs was open last."""
    away: Mapped[str | None] = mapped_column(String(16))
    """Why they are away, in a word of ours; None: they are here, as long as a page of theirs is open."""
    away_since: Mapped[datetime | None]
    most: Mapped[int | None]
    """How many chats they can have at a time; None: as usual."""


class Session(Table):
    """A signed-in browser. The cookie's token itself is not stored."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """Roughly when it was used last; None: not since it began."""
    browser: Mapped[str | None] = mapped_column(String(40))
    """Which browser on which system, in our own words."""


class DeskPush(Table):
    """A signed-in browser that shows when somebody needs a person now, because the counsellor wanted it."""

    __tablename__ = "desk_pushes"
    __table_args__ = (Index("desk_pushes_of", "counsellor_id"),)

    session: Mapped[str] = mapped_column(ForeignKey("sessions.token_hash", ondelete="CASCADE"), primary_key=True)
    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"))
    endpoint_hash: Mapped[str] = mapped_column(String(24), unique=True)
    endpoint: Mapped[str] = mapped_column(TeamSealed("desk_pushes.endpoint", owner="counsellor_id",
                                                     row="endpoint_hash"))
    made_at: Mapped[datetime]
    woken_at: Mapped[datetime | None]
    """It was woken last for what was urgent then."""
    failures: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    """Not before this: another process is at it, or the last try failed."""


class Pass(Table):
    """Something that lets a counsellor through one door. Only its digest is stored."""

    __tablename__ = "passes"
    __table_args__ = (Index("passes_of", "counsellor_id", "purpose"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(16))
    """link: to a new password; code: the password was right, the code is missing; setup: to a phone that makes codes;
    recovery: instead of such a code; device: a browser that was signed in before; telegram: links an account there"""
    secret: Mapped[str | None] = mapped_column(TeamSealed("passes.secret", owner="counsellor_id"))
    """Of a set-up: what the phone is given."""
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Audit(Table):
    """Who did what to whose record, and who read it. Rows are added, and never changed: the database refuses it.

    It holds no name and no words: people and what is theirs are numbers, which say nothing once they are deleted."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_at", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    counsellor_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(48))
    contact_id: Mapped[int | None] = mapped_column(Id)
    detail: Mapped[dict[str, Any] | None]


class CannedReply(Table):
    """An answer that is given often: nothing of a person stands in it."""

    __tablename__ = "canned_replies"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    texts: Mapped[dict[str, Any]]
    """Language -> text."""
    changed_at: Mapped[datetime]


class StaffTopic(Table):
    """The topic of one ticket in the staff group on Telegram. Numbers only, and no reference to the ticket: when that
    is gone, this says which topic must go too."""

    __tablename__ = "staff_topics"

    ticket_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    thread_id: Mapped[int | None] = mapped_column(BigInteger)
    """None: it is still to be made, or made again."""
    after_id: Mapped[int] = mapped_column(Id)
    """The last message before the team took over: what came up to it is told in one piece."""
    hides: Mapped[bool]
    """It shows no words, only that there are some."""
    is_closed: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime | None]
    name: Mapped[str | None] = mapped_column(String(64))
    """What it is called there; None: nobody noted it."""


class StaffPost(Table):
    """What of a ticket stands in its topic: a card, or one row of what was said, noted and done."""

    __tablename__ = "staff_posts"

    ticket_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    """card, before, urgent; message, note, move: a row of those tables; file: what came with a message; failed: that
    it did not arrive; kept: that it was taken back and did not go"""
    row_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    """Telegram's number; None: there was nothing to show of it."""
