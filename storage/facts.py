"""The register of facts in the database: seeded from the files, loaded whole, changed version by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from conversations.register import Fact as FactEntry
from conversations.register import Register, read_fact
from storage import partners
from storage.news import tell
from storage.tables import Counsellor, Fact, FactVersion

REGISTER = "register"
"""The news that facts have changed: every process reads them again."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a fact said from a moment on, and who wrote it."""

    fact: FactEntry
    by: str | None
    at: datetime


class Overtaken(Exception):
    """Somebody else has changed the fact since this change was begun."""


def seed(connection: Connection, register: Register) -> int:
    """Add what is new, and renew what nobody has edited; says how many rows changed."""
    stored = connection.execute(select(Fact.id, Fact.seed, Fact.edited))
    known = {name: (digest, edited) for name, digest, edited in stored}
    rows = [_row(fact) for fact in register.facts.values()]
    new = [{**row, "edited": False} for row in rows if row["id"] not in known]
    newer = [row for row in rows if _is_newer(row, *known.get(row["id"], (row["seed"], False)))]
    if new:
        connection.execute(insert(Fact), new)
    for row in newer:
        connection.execute(update(Fact).where(Fact.id == row["id"]).values(**row, version=Fact.version + 1))
    return len(new) + len(newer)


def _is_newer(row: dict[str, Any], seed: str, edited: bool) -> bool:
    return row["seed"] != seed and not edited


def load(connection: Connection, register: Register) -> Register:
    """The register as the database has it, with the seed's lines. What nobody has edited is the seed's."""
    stored = connection.execute(select(Fact.id, Fact.edited, Fact.version)).all()
    versions = {name: version for name, _edited, version in stored}
    others = [name for name, edited, _version in stored if edited or name not in register.facts]
    facts = {name: register.facts[name] for name in versions if name in register.facts}
    for (content,) in connection.execute(select(Fact.content).where(Fact.id.in_(others))) if others else ():
        facts[content["id"]] = read_fact(content)
    for name, version in versions.items():
        if facts[name].version != version:
            facts[name] = replace(facts[name], version=version)
    same = register.facts if facts == register.facts else facts  # what reads their words is there for these already
    return Register(same, partners.load(connection, register.partners), register.lines)


def save(connection: Connection, fact: FactEntry, counsellor_id: int | None, now: datetime) -> FactEntry:
    """Keep a changed or a new fact as its next version, and the version before it. `fact.version` is the one that
    was changed. Raises Overtaken where somebody was faster."""
    stored = connection.execute(
        select(Fact.content, Fact.version).where(Fact.id == fact.id).with_for_update()).first()
    new = replace(fact, version=fact.version + 1) if stored else replace(fact, version=1)
    if stored is None:
        connection.execute(insert(Fact), [{**_row(new), "seed": "", "edited": True, "version": 1}])
    else:
        if stored.version != fact.version:
            raise Overtaken(fact.id)
        _keep(connection, fact.id, stored.version, stored.content, None, now)
        row = {**_row(new), "edited": True, "version": new.version}
        del row["seed"]
        connection.execute(update(Fact).where(Fact.id == fact.id).values(**row))
    _keep(connection, new.id, new.version, _content(new), counsellor_id, now)
    tell(connection, [REGISTER])
    return new


def bring(
    connection: Connection, new: Iterable[FactEntry], register: Register, counsellor_id: int | None, now: datetime
) -> int:
    """Keep the facts of a file that are new or say something else; says how many. Where it does not say how people ask
    for one, what is known of that stays."""
    count = 0
    for fact in new:
        known = register.facts.get(fact.id)
        if known:
            fact = replace(fact, version=known.version, asked=fact.asked or known.asked)
        if fact != known:
            save(connection, fact, counsellor_id, now)
            count += 1
    return count


def _keep(
    connection: Connection, fact_id: str, version: int, content: Mapping[str, Any], counsellor_id: int | None,
    now: datetime,
) -> None:
    this = (FactVersion.fact_id == fact_id, FactVersion.version == version)
    if connection.execute(select(FactVersion.id).where(*this)).first() is None:
        connection.execute(insert(FactVersion).values(
            fact_id=fact_id, version=version, content=content, counsellor_id=counsellor_id, at=now))


def versions(connection: Connection, fact_id: str) -> list[Version]:
    """Every version that was kept, the newest first."""
    rows = connection.execute(
        select(FactVersion.content, FactVersion.version, FactVersion.at, Counsellor.name)
        .outerjoin(Counsellor, Counsellor.id == FactVersion.counsellor_id)
        .where(FactVersion.fact_id == fact_id).order_by(FactVersion.version.desc())
    )
    return [Version(replace(read_fact(row.content), version=row.version), row.name, row.at) for row in rows]


def told_since(connection: Connection, fact: FactEntry) -> int:
    """The version from which on people are told what this one says: other words to ask for it change nothing."""
    since = fact.version
    for one in versions(connection, fact.id):
        if replace(one.fact, asked=fact.asked, version=fact.version) != fact:
            break
        since = min(since, one.fact.version)
    return since


def _content(fact: FactEntry) -> dict[str, Any]:
    return {one.name: getattr(fact, one.name) for one in fields(fact) if one.name != "version"}


def _row(fact: FactEntry) -> dict[str, Any]:
    """Other words to ask for it are no other fact: they do not count for the digest, they come with the register."""
    content = _content(fact)
    told = {name: value for name, value in content.items() if name != "asked"}
    digest = sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {"id": fact.id, "area": fact.area, "state": fact.state, "expires": fact.expires, "content": content,
            "seed": digest}
