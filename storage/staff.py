"""The console's users, their passwords and their signed-in browsers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from storage.tables import Counsellor, Session

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST_PASSWORD = 12
SESSION_LASTS = timedelta(hours=12)
ROLES = ("counsellor", "coordinator")
SHOWN = (Counsellor.id, Counsellor.login, Counsellor.name, Counsellor.role)


@dataclass(frozen=True, slots=True)
class CounsellorView:
    """A console user as pages see them: without the password."""

    id: int
    login: str
    name: str
    role: str


# ------------------------------------------------------------- people


def add_counsellor(
    connection: Connection, login: str, name: str, role: str, password: str, now: datetime
) -> int:
    """The new counsellor's id, or ValueError with a sentence that says what to change."""
    login = _folded(login)
    _check_new(login, name, role, password)
    if connection.scalar(select(Counsellor.id).where(Counsellor.login == login)) is not None:
        raise ValueError(f'The sign-in name "{login}" is already in use. Choose another one.')
    new = insert(Counsellor).values(
        login=login, name=name.strip(), role=role, password_hash=hasher().hash(password), created_at=now
    )
    return int(connection.execute(new.returning(Counsellor.id)).scalar_one())


def _check_new(login: str, name: str, role: str, password: str) -> None:
    if not login or len(login) > 64 or any(one.isspace() for one in login):
        raise ValueError("A sign-in name has 1 to 64 characters and no spaces.")
    if not name.strip():
        raise ValueError("A counsellor needs a name that colleagues know.")
    if role not in ROLES:
        raise ValueError(f"The role is one of: {', '.join(ROLES)}.")
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"A password has at least {SHORTEST_PASSWORD} characters.")


def count_counsellors(connection: Connection) -> int:
    return connection.scalar(select(func.count()).where(Counsellor.removed_at.is_(None))) or 0


def list_counsellors(connection: Connection) -> list[CounsellorView]:
    rows = select(*SHOWN).where(Counsellor.removed_at.is_(None)).order_by(Counsellor.name)
    return [_view(row) for row in connection.execute(rows)]


def _view(row: Row[*tuple[Any, ...]]) -> CounsellorView:
    return CounsellorView(row.id, row.login, row.name, row.role)


def _folded(login: str) -> str:
    return login.strip().lower()


# ------------------------------------------------------------- passwords


@cache
def hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """What an unknown sign-in name is checked against, so that it takes as long as a known one."""
    return hasher().hash(secrets.token_urlsafe(32))


def check_password(connection: Connection, login: str, password: str) -> CounsellorView | None:
    """Who this is. Slow on purpose (some 50 ms) and only reads: do not call it in the writer."""
    known = select(*SHOWN, Counsellor.password_hash)
    known = known.where(Counsellor.login == _folded(login), Counsellor.removed_at.is_(None))
    row = connection.execute(known).one_or_none()
    matches = _matches(row.password_hash if row else _nobodys_hash(), password)
    return _view(row) if row and matches else None


def _matches(stored: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def renew_hash(connection: Connection, counsellor_id: int, password: str) -> None:
    """Hash a password that was just found right once more, where the stored hash is weaker than today's."""
    stored = connection.scalar(select(Counsellor.password_hash).where(Counsellor.id == counsellor_id))
    if stored is not None and hasher().check_needs_rehash(stored):
        change = update(Counsellor).where(Counsellor.id == counsellor_id)
        connection.execute(change.values(password_hash=hasher().hash(password)))


# ------------------------------------------------------------- signed-in browsers


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def start_session(connection: Connection, counsellor_id: int, now: datetime) -> str:
    """The token for the browser's cookie; only its digest is kept. Clears away what has run out."""
    token = secrets.token_urlsafe(32)
    connection.execute(delete(Session).where(Session.expires_at <= now))
    connection.execute(
        insert(Session).values(
            token_hash=_digest(token), counsellor_id=counsellor_id, created_at=now, expires_at=now + SESSION_LASTS
        )
    )
    return token


def session_owner(connection: Connection, token: str, now: datetime) -> CounsellorView | None:
    owner = select(*SHOWN).join(Session, Session.counsellor_id == Counsellor.id)
    owner = owner.where(
        Session.token_hash == _digest(token), Session.expires_at > now, Counsellor.removed_at.is_(None)
    )
    row = connection.execute(owner).one_or_none()
    return _view(row) if row else None


def end_session(connection: Connection, token: str) -> None:
    connection.execute(delete(Session).where(Session.token_hash == _digest(token)))


def end_old_sessions(connection: Connection, now: datetime) -> int:
    """Forget the sign-ins that have run out; says how many."""
    return int(connection.execute(delete(Session).where(Session.expires_at <= now)).rowcount)
