"""The console's users, their passwords and the phones that make their codes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage.sealed import keys
from storage.tables import Counsellor

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
FEWEST_SIGNS = 6
"""Different ones in a password."""
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "qwertzuiop", "asdfghjkl", "yxcvbnm",
        "zxcvbnm", "password", "passwort", "fjalekalim", "lozinka", "returnee", "counsellor", "coordinator", "console",
        "dimak", "kosov")
"""What is tried first: signs that stand side by side, the word itself, and what everybody here would think of."""
ROLES = ("counsellor", "coordinator")
AREAS = ("employment", "migration", "reintegration", "psychosocial")
WALLED = "psychosocial"
"""Only who works in this area reads its notes and answers."""
OPEN_AREAS = tuple(one for one in AREAS if one != WALLED)
LANGUAGES = ("sq", "sr", "de", "en", "tr", "bs", "rom")
HAS_CODE = Counsellor.code_secret.is_not(None).label("has_code")
SHOWN = (Counsellor.id, Counsellor.login, Counsellor.name, Counsellor.role, HAS_CODE, Counsellor.areas,
         Counsellor.languages, Counsellor.reads_in)


@dataclass(frozen=True, slots=True)
class CounsellorView:
    """A console user as pages see them: without the password."""

    id: int
    login: str
    name: str
    role: str
    has_code: bool
    """A phone makes codes for them: the password alone does not open."""
    areas: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """Those that they talk with people in."""
    reads_in: str | None = None
    """The language of the console; None: they have not chosen."""

    def works_in(self, area: str) -> bool:
        return area in self.areas


# ------------------------------------------------------------- people


def add_counsellor(
    connection: Connection, login: str, name: str, role: str, password: str | None, now: datetime,
    areas: Collection[str] = OPEN_AREAS, languages: Collection[str] = (),
) -> int:
    """The new counsellor's id, or ValueError with a sentence that says what to change. Without a password nobody can
    sign in until a one-time link has set one."""
    login = folded(login)
    _check_new(login, name, role)
    if password is not None:
        check_new_password(password, login, name)
    if connection.scalar(select(Counsellor.id).where(Counsellor.login == login)) is not None:
        raise ValueError(Phrase('The sign-in name "{login}" is already in use. Choose another one.', login=login))
    password_hash = hasher().hash(password) if password is not None else ""
    new = insert(Counsellor).values(
        login=login, name=name.strip(), role=role, password_hash=password_hash, created_at=now,
        areas=_known(areas, AREAS), languages=_known(languages, LANGUAGES),
    )
    return int(connection.execute(new.returning(Counsellor.id)).scalar_one())


def _check_new(login: str, name: str, role: str) -> None:
    if not login or len(login) > 64 or any(one.isspace() for one in login):
        raise ValueError(_d("A sign-in name has 1 to 64 characters and no spaces."))
    if not name.strip() or len(name) > 120:
        raise ValueError(_d("A counsellor needs a name that colleagues know, of at most 120 characters."))
    if role not in ROLES:
        raise ValueError(Phrase("The role is one of: {roles}.", roles=", ".join(ROLES)))


def _known(given: Collection[str], all_of_them: Sequence[str]) -> list[str]:
    """Those of the given ones that there are, always in the same order."""
    return [one for one in all_of_them if one in given]


def set_work(
    connection: Connection, counsellor_id: int, areas: Collection[str], languages: Collection[str]
) -> None:
    """What they work in from now on, and in which languages."""
    change = update(Counsellor).where(Counsellor.id == counsellor_id)
    connection.execute(change.values(areas=_known(areas, AREAS), languages=_known(languages, LANGUAGES)))


def set_reads_in(connection: Connection, counsellor_id: int, language: str) -> None:
    connection.execute(update(Counsellor).where(Counsellor.id == counsellor_id).values(reads_in=language))


def set_role(connection: Connection, counsellor_id: int, role: str) -> None:
    """ValueError where there is no such role."""
    if role not in ROLES:
        raise ValueError(Phrase("The role is one of: {roles}.", roles=", ".join(ROLES)))
    connection.execute(update(Counsellor).where(Counsellor.id == counsellor_id).values(role=role))


def count_counsellors(connection: Connection) -> int:
    return connection.scalar(select(func.count()).where(Counsellor.removed_at.is_(None))) or 0


def list_counsellors(connection: Connection) -> list[CounsellorView]:
    rows = select(*SHOWN).where(Counsellor.removed_at.is_(None)).order_by(Counsellor.name)
    return [view(row) for row in connection.execute(rows)]


def find_counsellor(connection: Connection, login: str) -> CounsellorView | None:
    found = select(*SHOWN).where(Counsellor.login == folded(login), Counsellor.removed_at.is_(None))
    row = connection.execute(found).one_or_none()
    return view(row) if row else None


def get_counsellor(connection: Connection, counsellor_id: int) -> CounsellorView | None:
    found = select(*SHOWN).where(Counsellor.id == counsellor_id, Counsellor.removed_at.is_(None))
    row = connection.execute(found).one_or_none()
    return view(row) if row else None


def remove_counsellor(connection: Connection, counsellor_id: int, now: datetime) -> None:
    """They can do nothing any more; what they wrote keeps their name."""
    gone = update(Counsellor).where(Counsellor.id == counsellor_id)
    connection.execute(gone.values(removed_at=now, password_hash="", code_secret=None, code_step=None,
                                   telegram_id=None))


def view(row: Row[*tuple[Any, ...]]) -> CounsellorView:
    return CounsellorView(row.id, row.login, row.name, row.role, bool(row.has_code), tuple(row.areas or ()),
                          tuple(row.languages or ()), row.reads_in)


def folded(login: str) -> str:
    return login.strip().lower()


# ------------------------------------------------------------- passwords


def check_new_password(password: str, login: str, name: str) -> None:
    """ValueError with a sentence where it is too easy to guess. No rules about kinds of signs: length is what helps."""
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(Phrase("A password has at least {number} characters.", number=SHORTEST_PASSWORD))
    if len(password) > LONGEST_PASSWORD:
        raise ValueError(Phrase("A password has at most {number} characters.", number=LONGEST_PASSWORD))
    if len(set(password)) < FEWEST_SIGNS or len(_uncommon(password.lower(), login, name)) < FEWEST_SIGNS:
        raise ValueError(_d("This password is among the first that somebody would try. Put four words together."))


def _uncommon(password: str, login: str, name: str) -> str:
    """What is left of it without their own names and what stands side by side on a keyboard."""
    for word in (folded(login), *name.lower().split()):
        if len(word) > 2:
            password = password.replace(word, "")
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        for length in range(len(row), 2, -1):
            for begin in range(len(row) - length + 1):
                password = password.replace(row[begin : begin + length], "")
    return password


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
    known = known.where(Counsellor.login == folded(login), Counsellor.removed_at.is_(None))
    row = connection.execute(known).one_or_none()
    stored = row.password_hash if row else ""
    matches = _matches(stored or _nobodys_hash(), password)
    return view(row) if row and stored and matches else None


def _matches(stored: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def set_password(connection: Connection, counsellor_id: int, password_hash: str) -> None:
    """The hash is made before: it is slow on purpose, and the writer waits for nobody."""
    connection.execute(update(Counsellor).where(Counsellor.id == counsellor_id).values(password_hash=password_hash))


def needs_new_hash(connection: Connection, counsellor_id: int) -> bool:
    """Whether the stored hash is weaker than today's."""
    stored = connection.scalar(select(Counsellor.password_hash).where(Counsellor.id == counsellor_id))
    return hasher().check_needs_rehash(stored) if stored else False


# ------------------------------------------------------------- codes from a phone


def code_secret(connection: Connection, counsellor_id: int) -> str | None:
    return connection.scalar(select(Counsellor.code_secret).where(Counsellor.id == counsellor_id))


def set_code_secret(connection: Connection, counsellor_id: int, secret: str | None, step: int | None) -> None:
    row = keys.sealed(connection, Counsellor, {"id": counsellor_id, "code_secret": secret})
    change = update(Counsellor).where(Counsellor.id == counsellor_id)
    connection.execute(change.values(code_secret=row["code_secret"], code_step=step))


def use_code_step(connection: Connection, counsellor_id: int, step: int) -> bool:
    """True for the first who comes with a code of this half minute or a later one."""
    later = or_(Counsellor.code_step.is_(None), Counsellor.code_step < step)
    taken = update(Counsellor).where(Counsellor.id == counsellor_id, later)
    return bool(connection.execute(taken.values(code_step=step)).rowcount)


# ------------------------------------------------------------- their account on Telegram


def by_telegram(connection: Connection, telegram_id: int) -> CounsellorView | None:
    """Whose account it is."""
    found = select(*SHOWN).where(Counsellor.telegram_id == telegram_id, Counsellor.removed_at.is_(None))
    row = connection.execute(found).one_or_none()
    return view(row) if row else None


def has_telegram(connection: Connection, counsellor_id: int) -> bool:
    return connection.scalar(select(Counsellor.telegram_id).where(Counsellor.id == counsellor_id)) is not None


def link_telegram(connection: Connection, counsellor_id: int, telegram_id: int | None) -> None:
    """From now on this account is theirs and nobody else's; None: none is."""
    if telegram_id is not None:
        others = update(Counsellor).where(Counsellor.telegram_id == telegram_id)
        connection.execute(others.values(telegram_id=None))
    connection.execute(update(Counsellor).where(Counsellor.id == counsellor_id).values(telegram_id=telegram_id))
