"""Browsers of the team: woken when somebody needs a person now and no page of that counsellor is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from storage import desk
from storage.passes import digest
from storage.presence import PING_EVERY
from storage.sealed import keys
from storage.sessions import is_open
from storage.tables import Counsellor, DeskPush, Presence, Session

OPEN_PAGE_SAYS_SO = PING_EVERY + timedelta(seconds=5)
"""Who had a page open so short a while ago may still have it: the next look will tell."""
AGAIN_AFTER = timedelta(minutes=2)
"""Somebody urgent who goes on writing wakes so often at most."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A browser whose counsellor should know."""

    key: str
    endpoint: str
    failures: int


def turn_on(connection: Connection, counsellor_id: int, token: str, endpoint: str, now: datetime) -> None:
    """Wake this browser as long as it is signed in."""
    [key] = keys.hashed(connection, [endpoint])
    session = digest(token)
    connection.execute(delete(DeskPush).where(or_(DeskPush.session == session, DeskPush.endpoint_hash == key)))
    connection.execute(insert(DeskPush).values(keys.sealed(connection, DeskPush, {
        "session": session, "counsellor_id": counsellor_id, "endpoint_hash": key, "endpoint": endpoint, "made_at": now,
        "failures": 0,
    })))


def turn_off(connection: Connection, token: str) -> None:
    connection.execute(delete(DeskPush).where(DeskPush.session == digest(token)))


def is_on(connection: Connection, token: str) -> bool:
    return connection.execute(select(DeskPush.session).where(DeskPush.session == digest(token))).first() is not None


# ------------------------------------------------------------------ waking


def claim(
    connection: Connection, now: datetime, until: datetime, moment: datetime, lock: bool = True
) -> list[Waits]:
    """Take on those whose counsellor has not seen what is urgent now. `moment` is the time that sessions go by."""
    newest = desk.alerted_since(connection, now)
    if newest is None:
        return []
    last, rested = func.coalesce(DeskPush.woken_at, DeskPush.made_at), now - AGAIN_AFTER
    waiting = (
        select(DeskPush.endpoint_hash, DeskPush.endpoint, DeskPush.failures)
        .join(Session, Session.token_hash == DeskPush.session)
        .join(Counsellor, Counsellor.id == DeskPush.counsellor_id)
        .outerjoin(Presence, Presence.counsellor_id == DeskPush.counsellor_id)
        .where(is_open(moment), Counsellor.removed_at.is_(None), last < newest,
               or_(DeskPush.woken_at.is_(None), DeskPush.woken_at <= rested),
               or_(Presence.pinged_at.is_(None), Presence.pinged_at < min(newest, now - OPEN_PAGE_SAYS_SO)),
               or_(DeskPush.due_at.is_(None), DeskPush.due_at <= now))
        .order_by(DeskPush.session)
    )
    if not lock:
        return [Waits(*row) for row in connection.execute(waiting)]
    found = [Waits(*row) for row in connection.execute(waiting.with_for_update(of=DeskPush, skip_locked=True))]
    for one in found:
        connection.execute(update(DeskPush).where(DeskPush.endpoint_hash == one.key).values(due_at=until))
    return found
