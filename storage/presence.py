"""Who is here: a page of theirs is open, and they have not said that they are away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from sqlalchemy import Connection, and_, func, select, update

from storage.news import tell
from storage.tables import Counsellor, Presence, Ticket
from storage.upsert import insert_or

Reason: TypeAlias = Literal["break", "meeting", "appointment", "off"]
REASONS: tuple[Reason, ...] = get_args(Reason)
PING_EVERY = timedelta(seconds=45)
LOST_AFTER = 4 * PING_EVERY
"""No page of theirs has said that it is open for so long."""
USUAL_MOST = 8
LEAST, MOST = 1, 40
TOPIC = "queue"


@dataclass(frozen=True, slots=True)
class Colleague:
    """A counsellor as one sees who could take a chat."""

    id: int
    name: str
    role: str
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    pinged_at: datetime | None
    away: str | None
    away_since: datetime | None
    most: int
    chats: int
    """Open and awake."""

    def state(self, now: datetime) -> Literal["here", "away", "lost"]:
        if self.away:
            return "away"
        return "here" if self.pinged_at is not None and now - self.pinged_at <= LOST_AFTER else "lost"

    def gone_since(self, now: datetime) -> datetime | None:
        """Since when nobody can count on them; None while they are here, or were never seen."""
        state = self.state(now)
        return None if state == "here" else self.away_since if state == "away" else self.pinged_at

    def can_take(self, area: str, language: str, now: datetime) -> bool:
        """Here, with room, at home in this area and language; who has named no language speaks all of them."""
        fits = area == "general" or area in self.areas
        speaks = not self.languages or language.partition("_")[0] in self.languages
        return self.state(now) == "here" and self.chats < self.most and fits and speaks


def ping(connection: Connection, counsellor_id: int, now: datetime) -> None:
    """A page of theirs is open. Who comes back from being lost is told to the others."""
    before = connection.scalar(select(Presence.pinged_at).where(Presence.counsellor_id == counsellor_id))
    _set(connection, counsellor_id, pinged_at=now)
    if before is None or now - before > LOST_AFTER:
        tell(connection, [TOPIC])


def say(connection: Connection, counsellor_id: int, away: Reason | None, most: int, now: datetime) -> None:
    """They are here, or away and why; and how many chats they can have."""
    _set(connection, counsellor_id, pinged_at=now, away=away, away_since=now if away else None, most=most)
    tell(connection, [TOPIC])


def _set(connection: Connection, counsellor_id: int, **values: object) -> None:
    row = insert_or(connection, Presence).values(counsellor_id=counsellor_id, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["counsellor_id"], set_=values))


def move(connection: Connection, by: timedelta) -> None:
    """The demo's clock is turned: who was here is still here."""
    known = connection.execute(select(Presence.counsellor_id, Presence.pinged_at)).all()
    for counsellor_id, at in known:
        if at is not None:
            connection.execute(update(Presence).where(Presence.counsellor_id == counsellor_id)
                               .values(pinged_at=at + by))


def colleagues(connection: Connection) -> list[Colleague]:
    """Everybody in the team, by name."""
    chats = select(func.count()).select_from(Ticket).where(
        Ticket.counsellor_id == Counsellor.id, Ticket.state == "assigned", Ticket.asleep_at.is_(None)
    ).correlate(Counsellor).scalar_subquery()
    rows = select(
        Counsellor.id, Counsellor.name, Counsellor.role, Counsellor.areas, Counsellor.languages, Presence.pinged_at,
        Presence.away, Presence.away_since, Presence.most, chats.label("chats"),
    ).outerjoin(Presence, Presence.counsellor_id == Counsellor.id)
    found = connection.execute(rows.where(Counsellor.removed_at.is_(None)).order_by(Counsellor.name)).all()
    return [Colleague(
        row.id, row.name, row.role, tuple(row.areas or ()), tuple(row.languages or ()), row.pinged_at, row.away,
        row.away_since, row.most or USUAL_MOST, row.chats) for row in found]


def unheard(connection: Connection, counsellor_id: int) -> list[int]:
    """The chats of a counsellor in which a person has written and nobody has looked."""
    held = and_(Ticket.state == "assigned", Ticket.counsellor_id == counsellor_id, Ticket.unread > 0)
    return list(connection.scalars(select(Ticket.id).where(held).order_by(Ticket.id)))
