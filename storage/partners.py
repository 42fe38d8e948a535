"""Partners that the centre has changed. What nobody has changed is the seed's, and has no row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from conversations.register import Partner as PartnerEntry
from conversations.register import read_partner
from storage.news import tell
from storage.tables import Counsellor, Partner, PartnerVersion
from storage.upsert import insert_or


@dataclass(frozen=True, slots=True)
class Version:
    """What was known of a partner from a moment on, and who wrote it."""

    partner: PartnerEntry
    by: str | None
    at: datetime


def load(connection: Connection, seed: Mapping[str, PartnerEntry]) -> dict[str, PartnerEntry]:
    """The seed's partners, and in their place what the centre says of them."""
    rows = connection.execute(select(Partner.slug, Partner.content, Partner.version))
    return {**seed, **{row.slug: replace(read_partner(row.content), version=row.version) for row in rows}}


def save(
    connection: Connection, before: PartnerEntry, after: PartnerEntry, counsellor_id: int | None, now: datetime
) -> bool:
    """Keep a changed partner as its next version; False where somebody has changed it since `before` was read."""
    row = connection.execute(select(Partner.version).where(Partner.slug == after.slug).with_for_update()).first()
    if (row.version if row else 1) != after.version:
        return False
    new = replace(after, version=after.version + 1)
    if row is None:
        _keep(connection, before, None, now)
        connection.execute(insert(Partner).values(slug=new.slug, content=_content(new), version=new.version))
    else:
        connection.execute(update(Partner).where(Partner.slug == new.slug)
                           .values(content=_content(new), version=new.version))
    _keep(connection, new, counsellor_id, now)
    tell(connection, ["register"])
    return True


def add(connection: Connection, partner: PartnerEntry, counsellor_id: int | None, now: datetime) -> bool:
    """A partner that nobody knew yet; False where one is there by this name already."""
    row = {"slug": partner.slug, "content": _content(partner), "version": partner.version}
    new = insert_or(connection, Partner).values(row).on_conflict_do_nothing(index_elements=["slug"])
    if connection.scalar(new.returning(Partner.slug)) is None:
        return False
    _keep(connection, partner, counsellor_id, now)
    tell(connection, ["register"])
    return True


def _keep(connection: Connection, partner: PartnerEntry, counsellor_id: int | None, now: datetime) -> None:
    connection.execute(insert(PartnerVersion).values(
        slug=partner.slug, version=partner.version, content=_content(partner), counsellor_id=counsellor_id, at=now))


def versions(connection: Connection, slug: str) -> list[Version]:
    """Every version that was kept, the newest first."""
    rows = connection.execute(
        select(PartnerVersion.content, PartnerVersion.version, PartnerVersion.at, Counsellor.name)
        .outerjoin(Counsellor, Counsellor.id == PartnerVersion.counsellor_id)
        .where(PartnerVersion.slug == slug).order_by(PartnerVersion.version.desc())
    )
    return [Version(replace(read_partner(row.content), version=row.version), row.name, row.at) for row in rows]


def _content(partner: PartnerEntry) -> dict[str, Any]:
    return {one.name: getattr(partner, one.name) for one in fields(partner) if one.name != "version"}
