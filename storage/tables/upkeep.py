"""What the service keeps for itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String

from storage.declared import Mapped, mapped_column
from storage.tables.base import Id, Table


class FileLink(Table):
    """A link to the file with everything that we keep about a person: for one download, for an hour."""

    __tablename__ = "file_links"
    __table_args__ = (Index("file_links_of", "contact_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    form: Mapped[str] = mapped_column(String(8))
    """page, data"""
    expires_at: Mapped[datetime]


class RetentionRun(Table):
    """What one clearing away did: counts, no people."""

    __tablename__ = "retention_runs"
    __table_args__ = (Index("retention_runs_at", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]


class Statistic(Table):
    """How many there were, of people and things that are gone."""

    __tablename__ = "statistics"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    """person, talk, plan_step, referral"""
    area: Mapped[str] = mapped_column(String(24), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int]


class Setting(Table):
    """Small things that must survive a restart: the demo's clock."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[Any]
