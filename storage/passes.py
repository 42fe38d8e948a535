"""What lets a counsellor through one door: a one-time link, the way to the second step, a browser that is known.

Only digests are kept: whoever reads the table gets in nowhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, insert, select, update

from storage.sealed import keys
from storage.staff import SHOWN, CounsellorView, view
from storage.tables import Counsellor, Pass

Purpose: TypeAlias = Literal["link", "code", "setup", "recovery", "device", "telegram"]
LASTS: dict[Purpose, timedelta] = {
    "link": timedelta(days=3),
    "code": timedelta(minutes=10),
    "setup": timedelta(minutes=20),
    "recovery": timedelta(days=3650),
    "device": timedelta(days=180),
    "telegram": timedelta(minutes=10),
}
MOST_TRIES = 5
"""Wrong codes; then the password is asked for again."""
RECOVERY_CODES = 8
RECOVERY_BYTES = 15
"""120 bits, so that a plain digest of it cannot be guessed either."""

TELEGRAM_BYTES = 10
"""80 bits: typed once within minutes, by who copies it from the console."""


@dataclass(frozen=True, slots=True)
class PassView:
    who: CounsellorView
    secret: str | None


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def link(base: str, token: str) -> str:
    """The address of a one-time link. What stands behind the # reaches no server, no proxy and no log."""
    return f"{base}/console/new-password#{token}"


def give(
    connection: Connection, counsellor_id: int, purpose: Purpose, now: datetime, *, token: str = "",
    secret: str | None = None,
) -> str:
    """The token of a new pass. Of most kinds a counsellor has one: the last."""
    token = token or new_token()
    if purpose in ("link", "code", "setup", "telegram"):
        take_all(connection, counsellor_id, purpose)
    connection.execute(insert(Pass).values(keys.sealed(connection, Pass, {
        "token_hash": digest(token), "counsellor_id": counsellor_id, "purpose": purpose, "secret": secret, "tries": 0,
        "created_at": now, "expires_at": now + LASTS[purpose],
    })))
    return token


def look(connection: Connection, token: str, purpose: Purpose, now: datetime) -> PassView | None:
    """Whose it is; it stays good."""
    found = select(*SHOWN, Pass.secret).join(Pass, Pass.counsellor_id == Counsellor.id)
    found = found.where(
        Pass.token_hash == digest(token), Pass.purpose == purpose, Pass.expires_at > now, Pass.tries < MOST_TRIES,
        Counsellor.removed_at.is_(None),
    )
    row = connection.execute(found).one_or_none()
    return PassView(view(row), row.secret) if row else None


def use(connection: Connection, token: str, purpose: Purpose, now: datetime, counsellor_id: int | None = None) -> bool:
    """True for one who uses it; never a second time."""
    used = delete(Pass).where(Pass.token_hash == digest(token), Pass.purpose == purpose, Pass.expires_at > now)
    if counsellor_id is not None:
        used = used.where(Pass.counsellor_id == counsellor_id)
    return bool(connection.execute(used).rowcount)


def note_wrong(connection: Connection, token: str) -> None:
    connection.execute(update(Pass).where(Pass.token_hash == digest(token)).values(tries=Pass.tries + 1))


def take_all(connection: Connection, counsellor_id: int, *purposes: Purpose) -> None:
    connection.execute(delete(Pass).where(Pass.counsellor_id == counsellor_id, Pass.purpose.in_(purposes)))


def give_telegram_code(connection: Connection, counsellor_id: int, now: datetime) -> str:
    """What is typed on Telegram to link an account there: short, since it is good for minutes only."""
    from base64 import b32encode

    code = b32encode(secrets.token_bytes(TELEGRAM_BYTES)).decode().lower()
    return give(connection, counsellor_id, "telegram", now, token=code)


def give_recovery_codes(connection: Connection, counsellor_id: int, now: datetime) -> list[str]:
    """New ones, in the place of the old: each opens once where the phone is not at hand."""
    from base64 import b32encode

    take_all(connection, counsellor_id, "recovery")
    codes = [b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    for code in codes:
        give(connection, counsellor_id, "recovery", now, token=code)
    return codes


def clear_away(connection: Connection, now: datetime) -> int:
    """Forget what has run out; says how many."""
    return int(connection.execute(delete(Pass).where(Pass.expires_at <= now)).rowcount)
