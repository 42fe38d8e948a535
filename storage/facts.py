"""The register of facts in the database: seeded from the files, loaded whole."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from conversations.register import Fact as FactEntry
from conversations.register import Register, read_fact
from storage.tables import Fact


def seed(connection: Connection, register: Register) -> int:
    """Add what is new, and renew what nobody has edited; says how many rows changed."""
    known = {row[0]: (row[1], row[2]) for row in connection.execute(select(Fact.id, Fact.seed, Fact.edited))}
    changed = 0
    for fact in register.facts.values():
        row = _row(fact)
        if fact.id not in known:
            connection.execute(insert(Fact).values(**row, edited=False))
        elif known[fact.id][0] != row["seed"] and not known[fact.id][1]:
            connection.execute(update(Fact).where(Fact.id == fact.id).values(**row))
        else:
            continue
        changed += 1
    return changed


def load(connection: Connection, register: Register) -> Register:
    """The register as the database has it, with the partners of the seed."""
    rows = connection.execute(select(Fact.content))
    facts = {fact.id: fact for fact in (read_fact(content) for (content,) in rows)}
    return Register(facts, register.partners)


def _row(fact: FactEntry) -> dict[str, Any]:
    content = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(fact).items()}
    digest = sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return {"id": fact.id, "area": fact.area, "state": fact.state, "expires": fact.expires, "content": content,
            "seed": digest}
