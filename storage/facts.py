"""The register of facts in the database: seeded from the files, loaded whole."""

from __future__ import annotations

from dataclasses import fields
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from conversations.register import Fact as FactEntry
from conversations.register import Register, read_fact
from storage.tables import Fact


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
        connection.execute(update(Fact).where(Fact.id == row["id"]).values(**row))
    return len(new) + len(newer)


def _is_newer(row: dict[str, Any], seed: str, edited: bool) -> bool:
    return row["seed"] != seed and not edited


def load(connection: Connection, register: Register) -> Register:
    """The register as the database has it, with the seed's partners and lines. What nobody has edited is the seed's."""
    stored = connection.execute(select(Fact.id, Fact.edited)).all()
    others = [name for name, edited in stored if edited or name not in register.facts]
    facts = {name: register.facts[name] for name, _ in stored if name in register.facts}
    for (content,) in connection.execute(select(Fact.content).where(Fact.id.in_(others))) if others else ():
        facts[content["id"]] = read_fact(content)
    return Register(facts, register.partners, register.lines)


def _row(fact: FactEntry) -> dict[str, Any]:
    content = {one.name: getattr(fact, one.name) for one in fields(fact)}
    digest = sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {"id": fact.id, "area": fact.area, "state": fact.state, "expires": fact.expires, "content": content,
            "seed": digest}
