"""Messages outside of a session: a platform that asks money for them, what may be spent, and what was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from storage.tables import Message, Setting
from storage.upsert import insert_or

SURELY = timedelta(minutes=10)
"""A session counts as over so long before its end: what is sent then is on its way for a while."""
BUDGET = "outside:budget"


def in_session(connection: Connection, contact_id: int, channel: str, lasts: timedelta, now: datetime) -> bool:
    """Whether a session runs: it begins with the person's first word after the last one's end, whatever comes then."""
    heard = select(Message.at).where(
        Message.contact_id == contact_id, Message.channel == channel, Message.author == "person",
        Message.kind.not_in(("started", "stopped")),
    )
    began: datetime | None = None
    for at in connection.execute(heard.order_by(Message.id)).scalars():
        if began is None or at >= began + lasts:
            began = at
    return began is not None and now < began + lasts - SURELY


@dataclass(frozen=True, slots=True)
class Spending:
    """Of one month, which is the platform's: UTC."""

    spent: int
    budget: int

    @property
    def is_left(self) -> bool:
        return self.spent < self.budget


def spending(connection: Connection, now: datetime, hold: bool = False) -> Spending:
    """With `hold` nobody else spends until the end of this transaction."""
    rows = select(Setting.name, Setting.value).where(Setting.name.in_((BUDGET, _month(now)))).order_by(Setting.name)
    found = {name: int(value) for name, value in connection.execute(rows.with_for_update() if hold else rows)}
    return Spending(found.get(_month(now), 0), found.get(BUDGET, 0))


def spend(connection: Connection, messages: int, now: datetime) -> None:
    _set(connection, _month(now), spending(connection, now, hold=True).spent + messages)


def set_budget(connection: Connection, messages: int) -> None:
    _set(connection, BUDGET, messages)


def _set(connection: Connection, name: str, value: int) -> None:
    connection.execute(insert_or(connection, Setting).values(name=name, value=value)
                       .on_conflict_do_nothing(index_elements=["name"]))
    connection.execute(update(Setting).where(Setting.name == name).values(value=value))


def _month(now: datetime) -> str:
    return f"outside:{now:%Y-%m}"
