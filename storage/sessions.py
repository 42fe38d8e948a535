"""Signed-in browsers: begun, seen, listed, ended. Of the cookie's token only a digest is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from storage.passes import digest, new_token
from storage.staff import SHOWN, CounsellorView, view
from storage.tables import Counsellor, Session

SESSION_LASTS = timedelta(hours=12)
UNUSED = timedelta(hours=2)
"""An open page asks for news each minute; a browser that is silent for so long has been left."""
NOTED_EVERY = timedelta(minutes=5)
KEY = 16
"""So many letters of the digest name a session on a page: they open nothing."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session this is."""

    who: CounsellorView
    key: str
    seen_at: datetime

    def is_to_be_noted(self, now: datetime) -> bool:
        return now - self.seen_at >= NOTED_EVERY


@dataclass(frozen=True, slots=True)
class SessionView:
    key: str
    created_at: datetime
    seen_at: datetime
    browser: str


_SEEN = func.coalesce(Session.seen_at, Session.created_at)


def is_open(now: datetime) -> ColumnElement[bool]:
    return and_(Session.expires_at > now, now - UNUSED < _SEEN)


def start_session(connection: Connection, counsellor_id: int, now: datetime, browser: str = "") -> str:
    """The token for the browser's cookie. Clears away what has run out."""
    token = new_token()
    end_old_sessions(connection, now)
    connection.execute(insert(Session).values(
        token_hash=digest(token), counsellor_id=counsellor_id, created_at=now, expires_at=now + SESSION_LASTS,
        seen_at=now, browser=browser,
    ))
    return token


def session_owner(connection: Connection, token: str, now: datetime) -> SignedIn | None:
    owner = select(*SHOWN, Session.token_hash, _SEEN.label("seen_at"))
    owner = owner.join(Session, Session.counsellor_id == Counsellor.id)
    owner = owner.where(Session.token_hash == digest(token), is_open(now), Counsellor.removed_at.is_(None))
    row = connection.execute(owner).one_or_none()
    return SignedIn(view(row), row.token_hash[:KEY], row.seen_at) if row else None


def note_seen(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(Session).where(Session.token_hash == digest(token)).values(seen_at=now))


def sessions_of(connection: Connection, counsellor_id: int, now: datetime) -> list[SessionView]:
    """The open ones, the newest first."""
    columns = (Session.token_hash, Session.created_at, _SEEN.label("seen_at"), Session.browser)
    rows = select(*columns).where(Session.counsellor_id == counsellor_id, is_open(now))
    rows = rows.order_by(Session.created_at.desc(), Session.token_hash)
    return [SessionView(row.token_hash[:KEY], row.created_at, row.seen_at, row.browser or "")
            for row in connection.execute(rows)]


def open_sessions(connection: Connection, now: datetime) -> dict[int, int]:
    """How many each counsellor has."""
    counted = select(Session.counsellor_id, func.count()).where(is_open(now)).group_by(Session.counsellor_id)
    return {row[0]: row[1] for row in connection.execute(counted)}


def end_session(connection: Connection, token: str) -> None:
    connection.execute(delete(Session).where(Session.token_hash == digest(token)))


def end_session_of(connection: Connection, counsellor_id: int, key: str) -> bool:
    """One that is named on their page. False where it is not theirs, or has ended."""
    named = func.substr(Session.token_hash, 1, KEY) == key
    ended = delete(Session).where(Session.counsellor_id == counsellor_id, named)
    return bool(connection.execute(ended).rowcount)


def end_sessions_of(connection: Connection, counsellor_id: int, but_key: str = "") -> None:
    """All of a counsellor's, or all but one."""
    others = func.substr(Session.token_hash, 1, KEY) != but_key
    connection.execute(delete(Session).where(Session.counsellor_id == counsellor_id, others))


def end_old_sessions(connection: Connection, now: datetime) -> int:
    """Forget the sign-ins that have run out; says how many."""
    return int(connection.execute(delete(Session).where(Session.expires_at <= now)).rowcount)
