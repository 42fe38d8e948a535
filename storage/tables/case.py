"""What a person and the centre do: the plan's steps and the referrals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from storage.declared import Mapped, mapped_column
from storage.sealed.types import Sealed
from storage.tables.base import WHERE, Id, Table


class PlanStep(Table):
    """One agreed next step of a person's plan."""

    __tablename__ = "plan_steps"
    __table_args__ = (UniqueConstraint("contact_id", "key"),
                      Index("plan_steps_open", "contact_id", "by", info={
                          WHERE: "state IN ('agreed', 'under_way', 'stuck') AND by IS NOT NULL"}))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    what: Mapped[str] = mapped_column(Sealed("plan_steps.what", row="key"))
    """A message id, or the person's or counsellor's own words."""
    who: Mapped[str] = mapped_column(String(16), default="person")
    """person, counsellor, centre"""
    by: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12), default="agreed")
    """proposed, agreed, under_way, stuck, done, dropped"""
    reason: Mapped[str | None] = mapped_column(Sealed("plan_steps.reason", row="key"))
    """Why it was dropped: a message id, or somebody's own words."""
    papers: Mapped[str | None] = mapped_column(Sealed("plan_steps.papers", row="key"))
    """What to bring, as a counsellor wrote it."""
    partner: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(Sealed("plan_steps.source", row="key"))
    """The fact or the scheme that it comes from: it knows the papers and the place."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: nobody writes over what they have not seen."""
    offer: Mapped[dict[str, Any] | None] = mapped_column(Sealed("plan_steps.offer", json=True, row="key"))
    """What a counsellor would like it to say instead. It holds once the person agrees."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Referral(Table):
    """A person to be sent on to a partner. Nothing goes out without the person's consent."""

    __tablename__ = "referrals"
    __table_args__ = (UniqueConstraint("contact_id", "key"), Index("referrals_partner", "partner", "state"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    partner: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    """proposed, consented, declined; sent, received, accepted, rejected, done, no_answer; withdrawn"""
    sends: Mapped[dict[str, Any] | None] = mapped_column(Sealed("referrals.sends", json=True, row="key"))
    """What goes to the partner, as the person was shown it: name, phone, municipality, what it is about."""
    by_id: Mapped[int | None] = mapped_column(Id)
    """Who proposed it; None: the person asked for it."""
    outcome: Mapped[str | None] = mapped_column(Sealed("referrals.outcome", row="key"))
    helped: Mapped[str | None] = mapped_column(String(8))
    """yes, partly, no: what the person says of it."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
