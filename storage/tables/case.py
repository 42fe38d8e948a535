"""What a person and the centre do: the plan's steps, the referrals and the appointments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from storage.declared import Mapped, mapped_column
from storage.sealed.types import Sealed
from storage.tables.base import NO_ID_AGAIN, WHERE, Id, Table


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


class Appointment(Table):
    """Times that a counsellor offers, and the one that the person has picked."""

    __tablename__ = "appointments"
    __table_args__ = (UniqueConstraint("contact_id", "key"),
                      Index("appointments_at", "starts_at", info={WHERE: "state = 'agreed'"}), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """With whom."""
    state: Mapped[str] = mapped_column(String(12), default="offered")
    """offered, agreed, cancelled, held, missed"""
    asks: Mapped[bool] = mapped_column(default=True)
    """The person is to pick one of the times; also of an agreed one that is to be moved."""
    offers: Mapped[list[str]]
    """The times that can be picked, as they stand in a calendar."""
    starts_at: Mapped[datetime | None]
    """The time that was picked."""
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(Sealed("appointments.place", row="key"))
    bring: Mapped[str] = mapped_column(Sealed("appointments.bring", row="key"))
    """Papers to bring; may be empty."""
    changes: Mapped[int] = mapped_column(default=0)
    """How often it has changed: calendars take the newest."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class BookedTime(Table):
    """A quarter of an hour that a counsellor has given away: none is given twice, whoever asks at the same moment."""

    __tablename__ = "booked_times"
    __table_args__ = (Index("booked_times_of", "appointment_id"),)

    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"), primary_key=True)
    quarter: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    """Quarters of an hour since 1970."""
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"))


class CaseClosing(Table):
    """The end of our regular contact with a person: why, and whether they have come back since."""

    __tablename__ = "case_closings"
    __table_args__ = (Index("case_closings_of", "contact_id"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    why: Mapped[str] = mapped_column(String(16))
    """goal, ended, stops, moved, leaves, died"""
    note: Mapped[str] = mapped_column(Sealed("case_closings.note"))
    """For colleagues; may be empty."""
    why_leaves: Mapped[str | None] = mapped_column(String(16))
    """What a person who wants to leave again says why: work, family, money, safety, other."""
    at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
