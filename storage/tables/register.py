"""Facts and partners, their versions, and who was told what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from storage.declared import Mapped, mapped_column
from storage.sealed.types import Sealed
from storage.tables.base import Id, Table


class Fact(Table):
    """One vetted statement; `content` has its text in each language."""

    __tablename__ = "facts"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    area: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))
    """verified, verify, ask-counsellor"""
    expires: Mapped[date | None]
    content: Mapped[dict[str, Any]]
    seed: Mapped[str] = mapped_column(String(64))
    """The digest of the seed entry that this came from; a changed seed replaces what nobody has edited."""
    edited: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class FactVersion(Table):
    """What a fact said from a moment on. Nothing is overwritten."""

    __tablename__ = "fact_versions"
    __table_args__ = (UniqueConstraint("fact_id", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    fact_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """Who wrote it; none: it came with the program or from a file."""
    at: Mapped[datetime]


class Partner(Table):
    """An institution that people can be passed on to; `content` has its texts in each language."""

    __tablename__ = "partners"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)


class PartnerVersion(Table):
    """What was known of a partner from a moment on. Nothing is overwritten."""

    __tablename__ = "partner_versions"
    __table_args__ = (UniqueConstraint("slug", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """Who wrote it; none: it came with the program."""
    at: Mapped[datetime]


class ToldFact(Table):
    """Who was told which version of a fact, so that a change can be told to them."""

    __tablename__ = "told_facts"
    __table_args__ = (Index("told_facts_of", "contact_id"), Index("told_facts_at", "at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    fact: Mapped[str] = mapped_column(Sealed("told_facts.fact"))
    """Which fact somebody asked for tells of them: it is locked like their words."""
    version: Mapped[int]
    at: Mapped[datetime]
